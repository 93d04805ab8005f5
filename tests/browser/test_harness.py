"""The harness itself: what a page says or asks reaches the test that must fail for it."""

from playwright.sync_api import BrowserContext, Page, expect
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from tests.browser_helpers import served
from tests.web_helpers import TOKEN


def bad(request: Request) -> Response:
    return HTMLResponse(
        "<!doctype html><title>bad</title><link rel='icon' href='/static/icon.svg'>"
        "<script>document.title = 'ran'</script>"
        "<img src='http://elsewhere.example/x.png'>"
    )


def test_the_first_address_opens_the_page_and_its_token_leaves_the_address_bar(page: Page) -> None:
    def hello(request: Request) -> Response:
        return HTMLResponse(
            "<!doctype html><link rel='icon' href='/static/icon.svg'><h1>Hello</h1>"
        )

    with served(page.context, [Route("/", hello)]) as client:
        page.goto(f"{client.origin}/?token={TOKEN}")
        expect(page.get_by_role("heading", name="Hello")).to_be_visible()
        assert page.url == f"{client.origin}/"
        page.reload()
        expect(page.get_by_role("heading", name="Hello")).to_be_visible()


def test_inline_script_and_foreign_pictures_are_stopped_and_seen(
    context: BrowserContext, complaints: list[str]
) -> None:
    page = context.new_page()
    with served(context, [Route("/", bad)]) as client:
        page.goto(f"{client.origin}/?token={TOKEN}")
        page.wait_for_url(f"{client.origin}/")
        assert page.title() == "bad"
    assert any("script-src" in line for line in complaints)
    assert any("img-src" in line for line in complaints)
    complaints.clear()
