"""Who is answered: whoever shows the token, from a page of ours, by a name of this server.

A local server can be reached by every page that is open in the browser, and by every user of the
machine. So each request must carry a random token (in the first address; after that in a cookie),
name this server in `Host` (which a foreign name that was made to lead here does not) and come from
a page of this server where the browser says so in `Origin`. What is served may load nothing from
elsewhere and run no script but our files.
"""

import ipaddress
import re
import secrets
import socket
from base64 import b64encode
from collections.abc import Mapping
from hashlib import sha256
from typing import Any
from urllib.parse import parse_qs, quote

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import cookie_parser
from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ganvas.errors import UsageError

__all__ = ["Guard", "check_token", "is_loopback", "new_token", "url_host"]

# The pages before the token is there: no file of ours is served to them, so this is all they have.
_STYLE = (
    "body{max-width:38rem;margin:32px auto;padding:0 16px;background:#f6f7f9;color:#16202c;"
    "font:16px/1.5 system-ui,-apple-system,'Segoe UI',Roboto,'Noto Sans','DejaVu Sans',sans-serif}"
    "h1{font-size:1.5rem;line-height:1.25}"
    "@media(prefers-color-scheme:dark){body{background:#0f141a;color:#e8edf3}a{color:#7cbcf7}}"
)
_STYLE_DIGEST = b64encode(sha256(_STYLE.encode()).digest()).decode()
_POLICY = (
    f"default-src 'none'; script-src 'self'; style-src 'self' 'sha256-{_STYLE_DIGEST}'; "
    "img-src 'self' blob:; connect-src 'self'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'"
)
_HEADERS = {
    "content-security-policy": _POLICY,
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
}
_TOKEN = re.compile(r"[A-Za-z0-9_-]{16,200}")
_OUTSIDE = re.compile(r"(^|/)\.\.?(/|$)|[\\\0]")


def new_token() -> str:
    """Return 256 random bits as a token of letters that an address may hold."""
    return secrets.token_urlsafe(32)


def check_token(token: str) -> str:
    """Return `token`. Raises UsageError for one that is short or holds odd letters."""
    if not _TOKEN.fullmatch(token):
        raise UsageError(
            "--token must be 16 to 200 letters, digits, dashes and underscores, as "
            "`python3 -c 'import secrets; print(secrets.token_urlsafe())'` prints them"
        )
    return token


def is_loopback(host: str) -> bool:
    """Return whether only this machine reaches what listens at `host`, a name or an address."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def url_host(host: str) -> str:
    """Return `host` as it stands in an address: IPv6 in brackets, 'any' as this machine."""
    if host in ("", "0.0.0.0"):
        return "127.0.0.1"
    if host == "::":
        return "[::1]"
    return f"[{host}]" if ":" in host else host


class Guard:
    """Middleware that refuses what is not asked for by a page of ours, and seals each answer.

    `host` and `port` are where the server listens, `token` is what a first address must carry as
    `?token=`. A GET with it is answered with the cookie and a page that leads to the same address
    without the token; a redirect would not do, since a browser that came from another site does
    not send a `SameSite=Strict` cookie along it.
    """

    def __init__(self, app: ASGIApp, *, token: str, host: str, port: int) -> None:
        self._app = app
        self._token = token.encode()
        self._cookie = f"ganvas-{port}"  # cookies know no ports: two servers keep two
        self._names = _names_of(host)
        self._any_address = not self._names
        self._port = port

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        if scope["type"] != "http":  # a websocket: there are none
            await send({"type": "websocket.close", "code": 1008})
            return
        answer = self._refusal(scope, Headers(scope=scope)) or self._welcome(scope)
        await (answer or self._app)(scope, receive, _sealed(send))

    def _refusal(self, scope: Scope, headers: Headers) -> Response | None:
        """Return the answer to a request that gets no further; None for one that does."""
        method = scope["method"]
        if not self._is_our_name(headers.get("host", "")):
            return _plain(421, "this server does not go by that name")
        if method not in ("GET", "HEAD", "POST"):
            return PlainTextResponse(
                "only GET and POST are known here\n", 405, {"allow": "GET, HEAD, POST"}
            )
        origin = headers.get("origin")
        ours = f"http://{headers['host']}"
        if (origin is not None and origin != ours) or (method == "POST" and origin is None):
            return _plain(403, "this request does not come from a page of this server")
        is_led = headers.get("sec-fetch-mode") == "navigate" and method == "GET"
        if headers.get("sec-fetch-site", "none") not in ("none", "same-origin") and not is_led:
            # Another site may lead somebody here (a link with the token), and no more.
            return _plain(403, "this request does not come from a page of this server")
        if not self._has_token(scope, headers):
            return HTMLResponse(_NO_TOKEN, 403)
        kind = headers.get("content-type", "").partition(";")[0].strip().lower()
        if method == "POST" and kind != "application/json":
            return _plain(415, "a request must be JSON")
        if _OUTSIDE.search(scope["path"]):
            return _plain(400, "an address here has no '..' in it")
        return None

    def _welcome(self, scope: Scope) -> Response | None:
        """Return the answer to a first address, which carries the token; else None."""
        query = _query(scope)
        if "token" not in query or scope["method"] == "POST":
            return None
        rest = "&".join(
            f"{quote(name)}={quote(value)}"
            for name, values in query.items()
            if name != "token"
            for value in values
        )
        path = "/" + quote(scope["path"].lstrip("/")) + (f"?{rest}" if rest else "")
        answer = HTMLResponse(_welcome_page(path.replace("&", "&amp;")))
        answer.set_cookie(
            self._cookie, self._token.decode(), httponly=True, samesite="strict", path="/"
        )
        return answer

    def _has_token(self, scope: Scope, headers: Headers) -> bool:
        shown = _query(scope).get("token", [])[-1:]
        # Other programs of this machine may have left cookies of any form beside ours.
        cookie = cookie_parser(headers.get("cookie", "")).get(self._cookie)
        if not shown and cookie is not None:
            shown = [cookie]
        return any(secrets.compare_digest(value.encode(), self._token) for value in shown)

    def _is_our_name(self, host: str) -> bool:
        name, colon, port = host.rpartition(":")
        if not colon or name.endswith(":"):
            return False  # no browser leaves out a port other than 80
        if port != str(self._port):
            return False
        name = name.lower()
        if name in self._names:
            return True
        # Listening at every address: what leads here by a foreign name is no address.
        return self._any_address and (_is_address(name) or name in _own_names())


def _names_of(host: str) -> frozenset[str]:
    """Return the names by which a server that listens at `host` is asked; none for any address."""
    if host in ("", "0.0.0.0", "::"):
        return frozenset()
    if is_loopback(host):
        return frozenset({"127.0.0.1", "localhost", "[::1]", url_host(host)})
    return frozenset({url_host(host).lower()})


def _own_names() -> frozenset[str]:
    name = socket.gethostname().lower()
    return frozenset({"localhost", name, f"{name.partition('.')[0]}.local"})


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name.removeprefix("[").removesuffix("]"))
    except ValueError:
        return False
    return True


def _query(scope: Scope) -> Mapping[str, list[str]]:
    return parse_qs(scope["query_string"].decode("latin-1"), keep_blank_values=True)


def _plain(code: int, sentence: str) -> Response:
    return PlainTextResponse(f"{sentence}\n", code)


def _sealed(send: Send) -> Send:
    """Return a `send` that adds the headers every answer has."""

    async def seal(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers: Any = MutableHeaders(scope=message)
            for name, value in _HEADERS.items():
                headers[name] = value
            headers.setdefault("cache-control", "no-store")
        await send(message)

    return seal


def _welcome_page(path: str) -> str:
    # Its files are served, for the cookie came with it. With an icon, or the browser asks for one
    # that is not there. A script leads on, since what follows a # in the address never comes here.
    return (
        f'{_PAGE}<noscript><meta http-equiv="refresh" content="0; url={path}"></noscript>\n'
        '<link rel="icon" href="/static/icon.svg">\n'
        '<script type="module" src="/static/welcome.js"></script>\n'
        f'<title>ganvas</title>\n<p><a href="{path}">Go on to the page</a></p>\n'
    )


_PAGE = f"""\
<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<style>{_STYLE}</style>
"""
_NO_TOKEN = _PAGE + (
    "<title>No token - ganvas</title>\n<h1>This page needs its token</h1>\n"
    "<p>Open the address that the command printed in its terminal: it ends in "
    "<code>token=</code> and letters.</p>\n"
    "<p>Each start of the command has a token of its own, so an older address, or a page that was "
    "open before, does not work any more. Where the terminal is gone, start the command again: "
    "it prints a new address.</p>\n"
)
