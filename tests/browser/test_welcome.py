"""The page between a first address, with its token, and the page that was asked for."""

from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from tests.browser_helpers import served, visit
from tests.run_helpers import write_run
from tests.web_helpers import TOKEN, Client, serving


def hello(request: Request) -> Response:
    return HTMLResponse("<!doctype html><link rel='icon' href='/static/icon.svg'><h1>Hello</h1>")


@pytest.mark.parametrize("fragment", ["#samples", "#a=%3Cb%3E&c=1", ""])
@pytest.mark.parametrize("path", ["/", "/run/a%20b?a=x%20y&b=%22"])
def test_the_place_on_the_page_is_kept_on_the_way(page: Page, path: str, fragment: str) -> None:
    mark = "&" if "?" in path else "?"
    with served(page.context, [Route("/", hello), Route("/run/{name}", hello)]) as client:
        page.goto(f"{client.origin}{path}{mark}token={TOKEN}{fragment}")
        page.wait_for_url(f"{client.origin}{path}{fragment}")
        assert page.evaluate("location.hash") == fragment
        assert page.evaluate("history.length") == 2  # of which the first is an empty tab


def test_the_comparison_keeps_it_too(page: Page, client: Client, runs: Path) -> None:
    for name in "ab":
        write_run(runs, name, images=1_000)
    visit(page, client, "/compare?a=a")
    page.goto(f"{client.origin}/compare?a=a&b=b#quality")
    expect(page.get_by_role("heading", name="Losses: D")).to_be_visible()
    assert page.url == f"{client.origin}/compare?a=a&b=b#quality"


def test_without_scripts_it_leads_on_all_the_same(chromium: Browser) -> None:
    with serving([Route("/", hello)]) as client:
        page = chromium.new_page(java_script_enabled=False)
        page.goto(f"{client.origin}/?token={TOKEN}")
        page.wait_for_url(f"{client.origin}/")
        page.close()
