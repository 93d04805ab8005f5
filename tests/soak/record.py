"""What a soak run has done so far, in a file: it can be stopped at any time and goes on there."""

import json
from pathlib import Path
from typing import Any

from ganvas.files import read_json, write_json


class Record:
    """Counts and failures of each part of the soak, kept in `folder/record.json`."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        self._path = folder / "record.json"
        self._parts: dict[str, dict[str, Any]] = {}
        if self._path.exists():
            self._parts = read_json(self._path)

    def done(self, part: str) -> int:
        """How many trials of a part were made."""
        return int(self._parts.get(part, {}).get("done", 0))

    def count(self, part: str, outcomes: dict[str, int], failures: list[str]) -> None:
        """Add trials by their outcome, and what failed in words."""
        entry = self._parts.setdefault(part, {"done": 0, "outcomes": {}, "failures": []})
        entry["done"] += sum(outcomes.values())
        for name, number in outcomes.items():
            entry["outcomes"][name] = entry["outcomes"].get(name, 0) + number
        entry["failures"] += failures
        write_json(self._path, self._parts)

    def note(self, part: str, **values: Any) -> None:
        """Keep a figure of a part that is no count: a size, a peak."""
        self._parts.setdefault(part, {"done": 0, "outcomes": {}, "failures": []}).update(values)
        write_json(self._path, self._parts)

    def lines(self) -> list[str]:
        """The figures, a line for each part."""
        lines = []
        for part, entry in self._parts.items():
            outcomes = ", ".join(f"{n:,} {name}" for name, n in sorted(entry["outcomes"].items()))
            extra = {k: v for k, v in entry.items() if k not in ("done", "outcomes", "failures")}
            words = f" {json.dumps(extra)}" if extra else ""
            lines.append(f"{part}: {entry['done']:,} trials: {outcomes}{words}")
            lines += [f"  FAILED: {failure}" for failure in entry["failures"]]
        return lines

    def has_failures(self) -> bool:
        """Whether anything failed."""
        return any(entry["failures"] for entry in self._parts.values())
