"""The runs below one folder: which there are, their heads, and their pictures; nothing else of it.

A run is named by its folder's name, and a name counts only if it was found by looking. Nothing is
reached by a link, so that what is served lies in the folder whatever somebody put there.
"""

import os
import stat
from dataclasses import dataclass
from pathlib import Path

from ganvas.errors import GanvasError, UsageError
from ganvas.lock import is_at_work
from ganvas.report.record import RunHead, read_head

__all__ = ["NoSuchRunError", "Row", "RunsFolder", "signature"]

_MOST_BYTES = 1 << 25  # of a picture
_FILES = (
    *("recipe.json", "status.json", "metrics.jsonl", "findings.jsonl", "best.json"),
    *("samples.png", "samples", "reals.png", "model"),
)

Signature = tuple[tuple[int, int, int] | None, ...]


class NoSuchRunError(GanvasError):
    """There is no run of that name, or no longer."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Row:
    """A run in the list: its head, and when it last changed (seconds since 1970)."""

    head: RunHead
    changed: float


class RunsFolder:
    """The folder `path`, which need not be there yet; with `only`, one run of it."""

    def __init__(self, path: Path, *, only: str | None = None) -> None:
        self.path = path
        self.only = only
        self._names: frozenset[str] = frozenset()
        self._rows: dict[str, tuple[Signature, Row]] = {}

    def names(self) -> list[str]:
        """Return the names of all runs, sorted; [] where the folder is not there."""
        try:
            with os.scandir(self.path) as entries:
                found = [entry.name for entry in entries if self._is_listed(entry)]
        except OSError:
            found = []
        self._names = frozenset(found)
        for name in set(self._rows) - self._names:
            self._rows.pop(name, None)
        return sorted(found)

    def run(self, name: str) -> Path:
        """Return a run's directory. Raises NoSuchRunError for a name that was not found."""
        if name not in self._names:
            self.names()
        if name in self._names and _is_run(self.path / name):
            return self.path / name
        raise NoSuchRunError(f"there is no run '{name}' in {self.path}")

    def row(self, name: str) -> Row:
        """Return a run's head, read again only when one of its files changed.

        Raises NoSuchRunError when it is gone.
        """
        path = self.run(name)
        seen = signature(path)
        known = self._rows.get(name)
        if known is None or known[0] != seen:
            try:
                head = read_head(path)
            except UsageError:
                raise NoSuchRunError(f"there is no run '{name}' in {self.path} any more") from None
            changed = max((part[0] for part in seen[:-1] if part is not None), default=0) / 1e9
            known = self._rows[name] = (seen, Row(head=head, changed=changed))
        return known[1]

    def read(self, name: str, *parts: str) -> bytes:
        """Return a file of a run, which no part of `parts` leads to by a link.

        Raises NoSuchRunError, GanvasError where there is no such file.
        """
        place = self.run(name)
        missing = GanvasError(f"the run '{name}' has no {'/'.join(parts)}")
        for folder in parts[:-1]:
            place = place / folder
            if place.is_symlink():
                raise missing
        flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
        try:
            handle = os.open(place / parts[-1], flags)
        except OSError:
            raise missing from None
        with os.fdopen(handle, "rb") as file:
            seen = os.fstat(handle)
            if not stat.S_ISREG(seen.st_mode) or seen.st_size > _MOST_BYTES:
                raise missing
            return file.read(_MOST_BYTES)

    def _is_listed(self, entry: "os.DirEntry[str]") -> bool:
        if entry.name.startswith(".") or (self.only is not None and entry.name != self.only):
            return False
        return entry.is_dir(follow_symlinks=False) and _is_run(self.path / entry.name)


def signature(path: Path) -> Signature:
    """Return what changes when a run does: time, size and number of its files, and its lock."""
    working = (0, int(is_at_work(path)), 0)
    return (*(_seen(path / name) for name in _FILES), working)


def _seen(path: Path) -> tuple[int, int, int] | None:
    try:
        found = path.lstat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size, found.st_ino


def _is_run(path: Path) -> bool:
    try:
        return stat.S_ISDIR(path.lstat().st_mode) and stat.S_ISREG(
            (path / "recipe.json").lstat().st_mode
        )
    except OSError:
        return False
