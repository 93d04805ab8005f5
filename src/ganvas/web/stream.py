"""Server-sent events: a page is told what changed for as long as it listens."""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Callable, Iterable
from typing import Any

from starlette.concurrency import iterate_in_threadpool
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

__all__ = ["Told", "stream"]

Told = Iterable[tuple[str, Any]]

_EVERY_SECONDS = 1.0  # a look at the files
_SLICE_SECONDS = 0.2  # by how much the server's end may be late
_ALIVE_SECONDS = 15.0  # a comment, by which a broken connection is noticed


def stream(request: Request, look: Callable[[], Told]) -> Response:
    """Answer with a stream of what `look` returns: pairs of an event's name and its data.

    `look` is called once a second and remembers by itself what it told; threads run it.
    """
    return StreamingResponse(_events(request, look), media_type="text/event-stream")


async def _events(request: Request, look: Callable[[], Told]) -> AsyncIterator[str]:
    request.app.state.streams = getattr(request.app.state, "streams", 0) + 1
    try:
        spoke = time.monotonic()
        yield "retry: 2000\n\n"
        while not request.app.state.is_closing():
            async for name, data in iterate_in_threadpool(look()):
                spoke = time.monotonic()
                text = json.dumps(data, allow_nan=False, separators=(",", ":"))
                yield f"event: {name}\ndata: {text}\n\n"
            if time.monotonic() - spoke > _ALIVE_SECONDS:
                spoke = time.monotonic()
                yield ": still here\n\n"
            until = time.monotonic() + _EVERY_SECONDS
            while time.monotonic() < until and not request.app.state.is_closing():
                await asyncio.sleep(_SLICE_SECONDS)
    finally:
        request.app.state.streams -= 1
