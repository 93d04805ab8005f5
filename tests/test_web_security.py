"""Who is answered by the server of pages, and what every answer carries."""

import base64
import hashlib
import json
import re
import string
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from ganvas.errors import GanvasError, UsageError
from ganvas.web.app import static_page
from ganvas.web.security import check_token, is_loopback, new_token, url_host
from ganvas.web.server import Address
from tests.web_helpers import TOKEN, Client, serving


async def echo(request: Request) -> Response:
    return JSONResponse(await request.json())


def refuse(request: Request) -> Response:
    raise GanvasError("no such picture")


def break_down(request: Request) -> Response:
    raise RuntimeError("/a/secret/path")


def secret(request: Request) -> Response:
    return PlainTextResponse("secret")


ROUTES = [
    Route("/secret", secret),
    Route("/echo", echo, methods=["POST"]),
    Route("/refuse", refuse),
    Route("/broken", break_down),
    static_page("/page", "icon.svg"),
]


@pytest.fixture(scope="module")
def client() -> Iterator[Client]:
    with serving(ROUTES) as client:
        yield client


def test_a_page_with_the_cookie_is_answered(client: Client) -> None:
    answer = client.ask("/secret")
    assert (answer.status, answer.text) == (200, "secret")


@pytest.mark.parametrize(
    "before",
    ['prefs={"theme":"dark"}', "version=1", "comment=x; path=/", "a=b=c", "=;;", "naïve=1"],
)
def test_cookies_of_other_programs_do_not_hide_ours(client: Client, before: str) -> None:
    cookie = f"{before}; ganvas-{client.port}={TOKEN}"
    assert client.ask("/secret", cookie=cookie).status == 200


@pytest.mark.parametrize("path", ["/secret", "/nowhere", "/static/common.css", "/secret?token="])
@pytest.mark.parametrize("cookie", [None, "ganvas-1=x", "", "=;;", "ganvas-{port}=wrong"])
def test_without_the_token_nothing_is_told(client: Client, path: str, cookie: str | None) -> None:
    cookie = None if cookie is None else cookie.replace("{port}", str(client.port))
    answer = client.ask(path, cookie=cookie)
    assert answer.status == 403
    assert "secret" not in answer.text
    assert "token=" in answer.text


@given(token=st.text(string.ascii_letters + string.digits + "-_", max_size=40))
def test_a_wrong_token_in_the_address_is_refused(client: Client, token: str) -> None:
    if token != TOKEN:
        # ... also where the cookie would do: whoever shows a token is judged by it.
        assert client.ask(f"/secret?token={token}").status == 403


def test_the_first_address_gives_the_cookie_and_leads_on_without_the_token(client: Client) -> None:
    answer = client.ask(f"/secret?a=1&token={TOKEN}&b=%3C%22", cookie=None)
    assert answer.status == 200
    assert answer.headers["set-cookie"].split("; ") == [
        client.cookie,
        "HttpOnly",
        "Path=/",
        "SameSite=strict",
    ]
    assert 'content="0; url=/secret?a=1&amp;b=%3C%22"' in answer.text
    assert TOKEN not in answer.text


@pytest.mark.parametrize("path", ["//evil.example/", "///evil.example"])
def test_the_way_on_never_leads_elsewhere(client: Client, path: str) -> None:
    answer = client.ask(f"{path}?token={TOKEN}", cookie=None)
    assert "url=/evil.example" in answer.text


@pytest.mark.parametrize(
    "host",
    [
        "evil.example",
        "evil.example:{port}",
        "127.0.0.1",
        "127.0.0.1:1",
        "127.0.0.1:{port}.evil.example",
        "127.0.0.1.evil.example:{port}",
        "192.168.0.1:{port}",
        "0.0.0.0:{port}",
        "",
        None,
    ],
)
def test_a_foreign_host_is_refused(client: Client, host: str | None) -> None:
    host = None if host is None else host.replace("{port}", str(client.port))
    answer = client.ask("/secret", host=host)
    assert answer.status in (400, 421)
    assert answer.text != "secret"


@pytest.mark.parametrize("host", ["localhost:{port}", "LocalHost:{port}", "[::1]:{port}"])
def test_this_machine_goes_by_several_names(client: Client, host: str) -> None:
    assert client.ask("/secret", host=host.replace("{port}", str(client.port))).status == 200


@pytest.mark.parametrize(
    "origin", ["http://evil.example", "null", "https://127.0.0.1:{port}", "http://127.0.0.1:1", ""]
)
def test_a_foreign_origin_is_refused(client: Client, origin: str) -> None:
    origin = origin.replace("{port}", str(client.port))
    assert client.ask("/secret", origin=origin).status == 403
    assert client.post("/echo", b"{}", origin=origin).status == 403


def test_a_post_needs_an_origin_and_json(client: Client) -> None:
    assert client.post("/echo", b'{"a": 1}').text == '{"a":1}'
    assert client.post("/echo", b"{}", origin=None).status == 403
    for kind in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data", None):
        assert client.post("/echo", b"{}", content_type=kind).status == 415


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
def test_another_site_may_lead_here_and_no_more(client: Client, site: str) -> None:
    address = f"/secret?token={TOKEN}"
    led = client.ask(address, cookie=None, sec_fetch_site=site, sec_fetch_mode="navigate")
    assert led.status == 200
    assert client.ask("/secret", sec_fetch_site=site, sec_fetch_mode="no-cors").status == 403
    assert client.ask("/secret", sec_fetch_site=site).status == 403


@pytest.mark.parametrize("method", ["PUT", "DELETE", "OPTIONS", "PATCH", "TRACE"])
def test_other_methods_are_refused(client: Client, method: str) -> None:
    assert client.ask("/secret", method).status == 405


@pytest.mark.parametrize(
    "path",
    [
        "/static/../app.py",
        "/static/%2e%2e/app.py",
        "/static/..%2fapp.py",
        "/static/%2e%2e%2f%2e%2e%2fsecurity.py",
        "/static//etc/passwd",
        "/static/%2fetc%2fpasswd",
        "/static/..%5capp.py",
        "/../secret",
        "/static/common.css%00.js",
        "/static/.",
    ],
)
def test_no_way_leads_out_of_the_static_files(client: Client, path: str) -> None:
    answer = client.ask(path)
    assert answer.status in (400, 404)
    assert "import" not in answer.text
    assert "root:" not in answer.text


def test_a_large_body_is_refused(client: Client) -> None:
    assert client.post("/echo", b'"' + b"a" * 70_000 + b'"').status == 413


def test_errors_are_told_in_a_line_and_hide_what_is_ours(
    caplog: pytest.LogCaptureFixture,
) -> None:
    with serving(ROUTES) as client:
        answer = client.ask("/refuse")
        assert (answer.status, json.loads(answer.text)) == (400, {"error": "no such picture"})
        answer = client.ask("/broken")
        assert answer.status == 500
        assert "secret" not in answer.text
        assert client.ask("/nowhere").status == 404
    assert "/a/secret/path" in caplog.text


@pytest.mark.parametrize("path", ["/secret", "/broken", "/nowhere", "/static/common.js", "/page"])
@pytest.mark.parametrize("cookie", ["right", None])
def test_every_answer_is_sealed(client: Client, path: str, cookie: str | None) -> None:
    headers = client.ask(path, cookie=cookie and client.cookie).headers
    policy = dict(
        part.strip().split(" ", 1) for part in headers["content-security-policy"].split(";")
    )
    assert policy["default-src"] == "'none'"
    assert policy["script-src"] == "'self'"
    assert policy["frame-ancestors"] == "'none'"
    assert "unsafe" not in headers["content-security-policy"]
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["cache-control"] in ("no-store", "private, no-cache")
    assert "access-control-allow-origin" not in headers


def test_an_address_that_is_not_there_is_a_page_to_a_browser_and_json_to_others(
    client: Client,
) -> None:
    for path in ("/nowhere", "/static/nowhere.js"):
        page = client.ask(path, accept="text/html,application/xhtml+xml,*/*;q=0.8")
        assert page.status == 404
        assert page.headers["content-type"] == "text/html; charset=utf-8"
        assert 'href="/"' in page.text
        assert "<script" not in page.text
        for accept in ("*/*", "application/json", None):
            answer = client.ask(path, accept=accept)
            assert (answer.status, list(json.loads(answer.text))) == (404, ["error"])
    refused = client.ask("/refuse", accept="text/html")  # other errors keep what they say
    assert json.loads(refused.text) == {"error": "no such picture"}


@pytest.mark.parametrize("shown", ["nothing", "the token"])
def test_the_policy_lets_through_the_style_of_pages_without_files(
    client: Client, shown: str
) -> None:
    path = "/secret" if shown == "nothing" else f"/secret?token={TOKEN}"
    answer = client.ask(path, cookie=None)
    (style,) = re.findall(r"<style>(.*?)</style>", answer.text, re.DOTALL)
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    assert f"style-src 'self' 'sha256-{digest}';" in answer.headers["content-security-policy"]
    assert "style=" not in answer.text  # which no digest lets through


def test_a_static_file_is_sent_once(client: Client) -> None:
    first = client.ask("/static/common.js")
    assert first.headers["content-type"] == "text/javascript; charset=utf-8"
    again = client.ask("/static/common.js", if_none_match=first.headers["etag"])
    assert (again.status, again.content) == (304, b"")


def test_beyond_loopback_a_token_must_be_chosen() -> None:
    for host in ("0.0.0.0", "::", "192.168.0.7", "example.org", ""):
        with pytest.raises(UsageError, match="--token"):
            Address(host=host)
        Address(host=host, token=TOKEN)
    for host in ("127.0.0.1", "localhost", "::1", "127.0.0.2"):
        Address(host=host)


def test_listening_everywhere_a_name_that_leads_here_is_still_foreign() -> None:
    with serving(ROUTES, Address(host="0.0.0.0", port=0, token=TOKEN)) as client:
        assert client.ask("/secret").status == 200
        assert client.ask("/secret", host=f"192.168.0.7:{client.port}").status == 200
        assert client.ask("/secret", host=f"evil.example:{client.port}").status == 421


@pytest.mark.parametrize("token", ["short", "", "a" * 201, "sixteen letters!", "é" * 20])
def test_a_weak_token_is_refused(token: str) -> None:
    with pytest.raises(UsageError, match="--token must be"):
        check_token(token)


def test_random_tokens_are_long_and_differ() -> None:
    tokens = {check_token(new_token()) for _ in range(20)}
    assert len(tokens) == 20
    assert min(map(len, tokens)) >= 43


@pytest.mark.parametrize(
    ("host", "written", "loopback"),
    [
        ("127.0.0.1", "127.0.0.1", True),
        ("::1", "[::1]", True),
        ("localhost", "localhost", True),
        ("0.0.0.0", "127.0.0.1", False),
        ("::", "[::1]", False),
        ("10.0.0.1", "10.0.0.1", False),
        ("localhost.evil.example", "localhost.evil.example", False),
    ],
)
def test_hosts_in_addresses(host: str, written: str, loopback: bool) -> None:
    assert url_host(host) == written
    assert is_loopback(host) is loopback
