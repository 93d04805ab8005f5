"""Results in a file: a measurement that was stopped goes on, and nothing is measured twice."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from bench.planning.point import Point

__all__ = ["Result", "Results", "missing"]

Result = Mapping[str, Any]


class Results:
    """What was found, by the point's name, in `results.json` of a folder.

    Raises ValueError where the file holds something else.
    """

    def __init__(self, folder: Path) -> None:
        self._file = folder / "results.json"
        self._found: dict[str, Any] = {}
        if self._file.exists():
            self._found = json.loads(self._file.read_text(encoding="utf-8"))

    def get(self, point: Point) -> Result | None:
        """Return what was measured of a point; None where nothing was, or it could not be."""
        found = self.found(point.name)
        return found if "ratio" in found else None

    def found(self, name: str) -> Result:
        """Return what there is under a name, be it a failure; nothing where there is nothing."""
        found: Result = self._found.get(name, {})
        return found

    def why_not(self, name: str) -> str:
        """Return why there is nothing: ganvas's words, how its process ended, or that it waits."""
        found = self.found(name)
        return str(found.get("refused") or found.get("failed") or "not measured yet")

    def is_done(self, name: str) -> bool:
        """Return whether there is a result; a process that ended of itself is tried again."""
        return name in self._found and "failed" not in self._found[name]

    def add(self, name: str, found: Result) -> None:
        """Keep a result, the file whole at every moment."""
        self._found[name] = dict(found)
        self._file.parent.mkdir(parents=True, exist_ok=True)
        partial = self._file.with_suffix(".part")
        partial.write_text(json.dumps(self._found, indent=1) + "\n", encoding="utf-8")
        partial.replace(self._file)


def missing(results: Results, names: list[str]) -> list[str]:
    """Return those of `names` that are still to be measured, in their order."""
    return [name for name in names if not results.is_done(name)]
