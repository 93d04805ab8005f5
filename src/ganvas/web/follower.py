"""One run followed while it grows: only what was added to its files is read again.

Whoever looks at the run shares one follower; what it knows is a frozen state that each compares
with the one before.
"""

import os
from dataclasses import dataclass, replace
from pathlib import Path
from threading import Lock

from ganvas.report.findings import Finding, parse_findings
from ganvas.report.lines import Metrics, parse_metrics
from ganvas.report.record import RunHead, Sample, list_samples
from ganvas.web.folder import RunsFolder, signature

__all__ = ["Followed", "Follower"]

_MOST_BYTES = 1 << 28  # read at once of a file of lines


@dataclass(frozen=True, kw_only=True, slots=True)
class Followed:
    """What is known of a run. A new `generation`: its lines began anew, as a resumed run's do."""

    generation: int
    head: RunHead
    metrics: Metrics
    findings: tuple[Finding, ...]
    samples: tuple[Sample, ...]


class Follower:
    """Follows the run `name`; `look` brings what is known up to date and returns it."""

    def __init__(self, folder: RunsFolder, name: str) -> None:
        self._folder, self._name = folder, name
        self._lock = Lock()
        self._position, self._number = 0, -1  # how far metrics.jsonl was read, and which file
        self._seen: object = None
        self._state: Followed | None = None

    def look(self) -> Followed:
        """Return what the run's files say now. Raises NoSuchRunError when it is gone."""
        with self._lock:
            path = self._folder.run(self._name)
            seen = signature(path)
            if self._state is None or seen != self._seen:
                self._state = self._read(path)
                self._seen = seen
            return self._state

    def _read(self, path: Path) -> Followed:
        before = self._state
        content, is_new = self._added(path / "metrics.jsonl")
        metrics = parse_metrics(content)
        generation = 0 if before is None else before.generation
        if before is not None and not is_new:
            metrics = before.metrics if metrics == Metrics() else before.metrics + metrics
        elif before is not None:
            generation += 1
        state = Followed(
            generation=generation,
            head=self._folder.row(self._name).head,
            metrics=metrics,
            findings=parse_findings(_content(path / "findings.jsonl"))[0],
            samples=list_samples(path),
        )
        # Streams compare by identity first: what did not change stays the same object.
        if before is not None and before.samples == state.samples:
            state = replace(state, samples=before.samples)
        return state

    def _added(self, path: Path) -> tuple[bytes, bool]:
        """Return the whole lines since the last call, and whether the file began anew.

        A run that goes on from a checkpoint cuts its lines back, by a new file in place of the old.
        """
        try:
            handle = os.open(path, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0))
        except OSError:
            return b"", self._forget()
        with os.fdopen(handle, "rb") as file:
            found = os.fstat(handle)
            is_new = found.st_ino != self._number or found.st_size < self._position
            if is_new:
                self._position, self._number = 0, found.st_ino
            file.seek(self._position)
            content = file.read(_MOST_BYTES)
        whole = content[: content.rfind(b"\n") + 1]
        self._position += len(whole)
        return whole, is_new

    def _forget(self) -> bool:
        was_there = self._number != -1
        self._position, self._number = 0, -1
        return was_there


def _content(path: Path) -> bytes | None:
    try:
        handle = os.open(path, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0))
    except OSError:
        return None
    with os.fdopen(handle, "rb") as file:
        return file.read(_MOST_BYTES)
