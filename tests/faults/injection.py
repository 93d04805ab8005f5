"""Faults at operation number k of `ganvas.disk`, through which every file of a run is written.

`Failing`    the operation raises OSError, once; the program goes on and may clean up
`Killed`     the process dies there, in the middle of a write; nothing it does later happens
`PowerCut`   it dies, and what was not synced is lost as well
"""

import errno
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from ganvas import disk

OPERATIONS = (
    "create",
    "open_to_append",
    "write",
    "truncate",
    "sync",
    "close",
    "rename",
    "make_folder",
    "remove_file",
    "remove_tree",
    "sync_folder",
)


class Dead(BaseException):
    """The process is no more; raised through it to the test."""


class Fault:
    """Counts the operations on the disk, and does `happen` at number `at` (0: never)."""

    def __init__(self, at: int = 0) -> None:
        self.at, self.count = at, 0
        self.names: list[str] = []

    def __call__(self, name: str, act: Callable[..., Any], *arguments: Any) -> Any:
        self.count += 1
        self.names.append(name)
        if self.count == self.at:
            self.happen(name, act, *arguments)
        return act(*arguments)

    def happen(self, name: str, act: Callable[..., Any], *arguments: Any) -> None:
        """Raise what the fault is."""


class Failing(Fault):
    """An operation that fails, with room for nothing or another cause; half is written."""

    def __init__(self, at: int, number: int = errno.ENOSPC) -> None:
        super().__init__(at)
        self.number = number

    def happen(self, name: str, act: Callable[..., Any], *arguments: Any) -> None:
        if name in ("sync_folder", "remove_tree"):  # which do what they can, and never raise
            return
        if name == "write":
            _half(act, *arguments)
        elif name == "close":
            act(*arguments)
        raise OSError(self.number, os.strerror(self.number))


class Killed(Fault):
    """kill -9: half of a write is made, of a tree one file is removed, and that was that."""

    def __call__(self, name: str, act: Callable[..., Any], *arguments: Any) -> Any:
        if self.at and self.count >= self.at:
            if name == "close":  # the system closes the files of the dead
                act(*arguments)
            raise Dead
        return super().__call__(name, act, *arguments)

    def happen(self, name: str, act: Callable[..., Any], *arguments: Any) -> None:
        if name == "write":
            _half(act, *arguments)
        elif name == "remove_tree":
            next(path for path in arguments[0].rglob("*") if path.is_file()).unlink()
        elif name == "close":
            act(*arguments)
        raise Dead


class PowerCut(Killed):
    """kill -9 of the whole machine: names not synced by their folder, bytes not synced are lost.

    With `keeps_names`, as file systems do that log their names but not their contents, only
    bytes are lost.
    """

    def __init__(self, at: int, root: Path, spare: Path, *, keeps_names: bool) -> None:
        super().__init__(at)
        self._root, self._spare, self._keeps_names = root, spare, keeps_names
        self._synced: dict[int, int] = {}  # file number -> bytes that would outlive a cut
        self._undo: list[tuple[Path, Callable[[], object]]] = []

    def __call__(self, name: str, act: Callable[..., Any], *arguments: Any) -> Any:
        before = self._undone_by(name, *arguments) if self.count + 1 < self.at else []
        result = super().__call__(name, act, *arguments)
        self._undo += before
        if name in ("create", "open_to_append"):
            opened = os.fstat(result)
            if name == "create":  # perhaps with the number of a file that was removed
                self._synced.pop(opened.st_ino, None)
            self._synced.setdefault(opened.st_ino, opened.st_size)
        elif name == "sync":
            self._synced[os.fstat(arguments[0]).st_ino] = os.fstat(arguments[0]).st_size
        elif name == "sync_folder":
            self._undo = [(folder, undo) for folder, undo in self._undo if folder != arguments[0]]
        return result

    def happen(self, name: str, act: Callable[..., Any], *arguments: Any) -> None:
        try:
            super().happen(name, act, *arguments)
        finally:
            if not self._keeps_names:
                for _, undo in reversed(self._undo):
                    undo()
            for path in self._root.rglob("*"):
                number = path.stat().st_ino
                if path.is_file() and number in self._synced:
                    os.truncate(path, min(self._synced[number], path.stat().st_size))

    def _undone_by(self, name: str, *arguments: Any) -> list[tuple[Path, Callable[[], object]]]:
        """What takes back a change of names, for the folder that would make it last."""
        path = arguments[0]
        if name == "create" or (name == "open_to_append" and not path.exists()):
            return [(path.parent, lambda: path.unlink(missing_ok=True))]
        if name == "make_folder":
            return [(path.parent, lambda: shutil.rmtree(path, ignore_errors=True))]
        if name in ("remove_file", "remove_tree"):
            return [(path.parent, self._copy(path))]
        if name == "rename":
            new = arguments[1]
            back = [(new.parent, self._copy(new))] if new.exists() else []
            return [*back, (new.parent, lambda: os.replace(new, path))]  # undone from the end
        return []

    def _copy(self, path: Path) -> Callable[[], object]:
        """Keep a copy of `path`; return what puts it back."""
        kept = self._spare / str(self.count)
        if path.is_dir():
            shutil.copytree(path, kept)
        else:
            shutil.copy2(path, kept)
        return lambda: os.replace(kept, path)


@contextmanager
def injected(fault: Fault) -> Iterator[Fault]:
    """Let every operation on the disk go through `fault`."""
    with pytest.MonkeyPatch.context() as patch:
        for name in OPERATIONS:
            patch.setattr(disk, name, _through(fault, name, getattr(disk, name)))
        yield fault


def _through(fault: Fault, name: str, act: Callable[..., Any]) -> Callable[..., Any]:
    return lambda *arguments: fault(name, act, *arguments)


def _half(write: Callable[..., Any], handle: int, content: bytes) -> None:
    write(handle, content[: len(content) // 2])
