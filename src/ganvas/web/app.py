"""The application: a page's routes, the static files, and errors that say what is wrong."""

from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import BaseRoute, Route
from starlette.types import Lifespan

from ganvas.errors import GanvasError

__all__ = ["file_answer", "make_app", "static_page"]

_MAX_BODY = 64 * 1024  # bytes of a request
_STATIC = Path(__file__).parent / "static"
_KINDS = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
    ".png": "image/png",
}

_NO_PAGE = """\
<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>No such page - ganvas</title>
<link rel="icon" href="/static/icon.svg">
<link rel="stylesheet" href="/static/common.css">
<header class="bar"><div class="wide"><a class="brand" href="/">ganvas</a></div></header>
<main class="wide">
<h1>There is no such page</h1>
<p>Nothing is at this address. <a href="/">Go to the first page</a></p>
</main>
"""


def make_app(
    routes: Sequence[BaseRoute], *, lifespan: Lifespan[Starlette] | None = None
) -> Starlette:
    """Return the application that answers with `routes` and `/static/NAME`.

    An endpoint says what is wrong by raising: GanvasError is answered with 400 and its message,
    HTTPException with its own code; both as JSON `{"error": ...}`, but to somebody who opened an
    address that is not there in the browser, a page that leads to the first one. Anything else is
    500 without a word of what it was, which standard error has. Nobody is let in or kept out here:
    that is `ganvas.web.security.Guard`, which `Server` puts before it.
    """
    return Starlette(
        routes=[*routes, Route("/static/{name:path}", _static)],
        exception_handlers={HTTPException: _refused, GanvasError: _wrong, Exception: _broken},
        lifespan=lifespan,
        max_body_size=_MAX_BODY,
    )


def static_page(path: str, name: str) -> Route:
    """Return a route that answers `path` with the static file `name`."""

    def page(request: Request) -> Response:
        return _static_file(request, name)

    return Route(path, page)


def file_answer(request: Request, content: bytes, media_type: str) -> Response:
    """Answer with `content`, or 304 where the browser has it: it asks each time, by a digest."""
    tag = f'"{sha256(content).hexdigest()[:32]}"'
    headers = {"etag": tag, "cache-control": "private, no-cache"}
    if request.headers.get("if-none-match") == tag:
        return Response(status_code=304, headers=headers)
    return Response(content, media_type=media_type, headers=headers)


def _static(request: Request) -> Response:
    return _static_file(request, request.path_params["name"])


def _static_file(request: Request, name: str) -> Response:
    """Answer with a file that came with the package: its name is looked up, never joined."""
    known = {path.relative_to(_STATIC).as_posix(): path for path in _STATIC.rglob("*.*")}
    path = known.get(name)
    if path is None or path.suffix not in _KINDS:
        raise HTTPException(404, "there is no such file")
    return file_answer(request, path.read_bytes(), _KINDS[path.suffix])


def _refused(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    if error.status_code == 404 and "text/html" in request.headers.get("accept", ""):
        return HTMLResponse(_NO_PAGE, 404)
    return JSONResponse({"error": error.detail}, error.status_code, error.headers)


def _wrong(request: Request, error: Exception) -> Response:
    return JSONResponse({"error": str(error)}, 400)


def _broken(request: Request, error: Exception) -> Response:
    return JSONResponse({"error": "an error of the server's own; its terminal says more"}, 500)
