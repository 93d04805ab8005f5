"""`ganvas play`: the page that explores one generator, and what it asks for."""

import json
from collections.abc import Callable
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from ganvas.errors import UsageError
from ganvas.explore import LatentPoint
from ganvas.web.app import static_page
from ganvas.web.playground import Playground

__all__ = ["play_routes"]


def play_routes(playground: Playground) -> list[BaseRoute]:
    """Return the page about a generator, and what it asks for.

    Whatever is asked about a picture is a POST of its point, a JSON object as
    `LatentPoint.from_json` takes it. Nothing else is taken from the browser.
    """

    def facts(request: Request) -> Response:
        return JSONResponse(playground.facts())

    def directions(request: Request) -> Response:
        return JSONResponse({"shares": playground.shares()})

    def about_a_point(path: str, answer: Callable[[LatentPoint], Response]) -> Route:
        async def endpoint(request: Request) -> Response:
            point = _point_of(await request.body())
            return await run_in_threadpool(answer, point)

        return Route(path, endpoint, methods=["POST"])

    return [
        static_page("/", "play/play.html"),
        Route("/api/model", facts),
        Route("/api/directions", directions),
        about_a_point("/api/picture", lambda point: JSONResponse(playground.picture(point))),
        about_a_point("/api/map", lambda point: JSONResponse({"images": playground.map(point)})),
        about_a_point("/api/nearest", lambda point: JSONResponse(playground.nearest(point))),
        about_a_point(
            "/api/picture.png",
            lambda point: Response(playground.png(point), media_type="image/png"),
        ),
    ]


def _point_of(body: bytes) -> LatentPoint:
    """Return the point that a request says. Raises UsageError for what says none."""
    try:
        values: Any = json.loads(body)
    except (ValueError, RecursionError):
        raise UsageError("a point must be JSON") from None
    return LatentPoint.from_json(values)
