"""`ganvas watch`: the pages that show runs while they train, and afterwards."""

import json
from collections import OrderedDict
from collections.abc import Callable
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from ganvas.errors import GanvasError
from ganvas.web.app import static_page
from ganvas.web.folder import NoSuchRunError, RunsFolder
from ganvas.web.follower import Followed, Follower
from ganvas.web.stream import Told, stream
from ganvas.web.telling import MOST_POINTS, to_listing, to_row, to_run, to_tail

__all__ = ["watch_routes"]

_ROWS_AT_ONCE = 50
_MOST_FOLLOWED = 16  # runs whose lines are kept in memory
_KEPT = {"cache-control": "private, max-age=31536000, immutable"}  # the address holds a version


def watch_routes(folder: RunsFolder) -> list[BaseRoute]:
    """Return the pages about the runs below `folder`, and what they ask for."""
    shelf = _Shelf(folder)

    def runs(request: Request) -> Response:
        return stream(request, _rows(folder))

    def run(request: Request) -> Response:
        return stream(request, _news(shelf, request.path_params["name"]))

    def sample(request: Request) -> Response:
        number = request.path_params["images"]
        return _picture(folder, request.path_params["name"], "samples", f"{number:09d}.png")

    def newest(request: Request) -> Response:
        return _picture(folder, request.path_params["name"], "samples.png")

    def reals(request: Request) -> Response:
        return _picture(folder, request.path_params["name"], "reals.png")

    def verdicts(request: Request) -> Response:
        number = request.path_params["images"]
        return JSONResponse(_verdicts(folder, request.path_params["name"], number))

    return [
        static_page("/", "watch/runs.html"),
        static_page("/run/{name}", "watch/run.html"),
        static_page("/compare", "watch/compare.html"),
        Route("/api/runs", runs),
        Route("/api/runs/{name}", run),
        Route("/api/runs/{name}/samples/{images:int}.png", sample),
        Route("/api/runs/{name}/samples/{images:int}.json", verdicts),
        Route("/api/runs/{name}/samples.png", newest),
        Route("/api/runs/{name}/reals.png", reals),
    ]


class _Shelf:
    """Followers by name, the last used ones; pages of the same run share one."""

    def __init__(self, folder: RunsFolder) -> None:
        self._folder = folder
        self._followers: OrderedDict[str, Follower] = OrderedDict()

    def follower(self, name: str) -> Follower:
        found = self._followers.pop(name, None) or Follower(self._folder, name)
        self._followers[name] = found
        while len(self._followers) > _MOST_FOLLOWED:
            self._followers.popitem(last=False)
        return found


def _rows(folder: RunsFolder) -> Callable[[], Told]:
    """Return a look at the list of runs: at first some at a time, then what changed."""
    told: dict[str, Any] = {}
    total: int | None = None

    def look() -> Told:
        nonlocal total
        names = folder.names()
        gone = [name for name in told if name not in set(names)]
        if gone or len(names) != total:
            yield "listing", to_listing(folder, total=len(names), gone=gone)
        total = len(names)
        for name in gone:
            del told[name]
        rows = []
        for name in names:
            try:
                row = folder.row(name)
            except NoSuchRunError:
                continue
            if told.get(name) is not row:
                told[name] = row
                rows.append(to_row(row))
            if len(rows) >= _ROWS_AT_ONCE:
                yield "rows", rows
                rows = []
        if rows:
            yield "rows", rows

    return look


def _news(shelf: _Shelf, name: str) -> Callable[[], Told]:
    """Return a look at one run: at first all of it, then what was added, or that it is gone."""
    told: Followed | None = None
    is_gone = False
    num_added = 0

    def look() -> Told:
        nonlocal told, is_gone, num_added
        try:
            now = shelf.follower(name).look()
        except NoSuchRunError as error:
            if not is_gone:
                yield "gone", {"error": str(error)}
            is_gone, told = True, None
            return
        is_gone = False
        if told is now:
            return
        if told is not None:
            num_added += len(now.metrics.log) - len(told.metrics.log)
        begins_anew = told is None or told.generation != now.generation
        if told is None or begins_anew or num_added > MOST_POINTS or _ended(told, now):
            num_added = 0
            yield "run", to_run(now)
        else:
            yield "more", to_tail(told, now)
        told = now

    return look


def _ended(before: Followed, now: Followed) -> bool:
    """Whether the run's standing changed, and with it the commands that go on with it."""
    return before.head.state != now.head.state


def _picture(folder: RunsFolder, *parts: str) -> Response:
    try:
        content = folder.read(*parts)
    except GanvasError as error:
        raise HTTPException(404, str(error)) from None
    if not content.startswith(b"\x89PNG\r\n"):
        raise HTTPException(404, "that is no picture")
    return Response(content, media_type="image/png", headers=_KEPT)


def _verdicts(folder: RunsFolder, name: str, images: int) -> dict[str, Any]:
    """Return what D made of the pictures shown; {} for a run that did not write that."""
    try:
        found = json.loads(folder.read(name, "samples", f"{images:09d}.json"))
    except (GanvasError, ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}
