"""metrics.jsonl and other files of lines: a line is in them whole or not at all, and once.

A run adds lines; one that goes on from a checkpoint first cuts the file back to where that was.
"""

import json
import math
import os
from collections.abc import Callable
from itertools import takewhile
from pathlib import Path
from typing import Any, TypeVar

from ganvas import disk
from ganvas.errors import DataError, DiskFullError, GanvasError
from ganvas.files import cannot_write, write_bytes

__all__ = ["Journal"]

T = TypeVar("T")


class Journal:
    """A file of lines. Lines for which there is no room wait in memory for the next one."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._waiting = b""

    def append(self, line: str) -> None:
        """Add a line. Raises DiskFullError when it has to wait, GanvasError for other failures."""
        self._write(line.encode(errors="backslashreplace") + b"\n")

    def length(self) -> int:
        """Return the file's length in bytes, once a power cut could no longer shorten it."""
        self._write(b"")
        try:
            handle = disk.open_to_append(self.path)
            try:
                disk.sync(handle)
                length = os.fstat(handle).st_size
            finally:
                disk.close(handle)
        except OSError as error:
            raise cannot_write(self.path, error) from None
        disk.sync_folder(self.path.parent)
        return length

    def read(self, key: str, read: Callable[[dict[str, Any]], T]) -> list[T]:
        """Return what `read` makes of each line, a JSON object, that has `key`; [] for no file.

        A last line without its end is being written right now, or was when the run was killed:
        it is passed over. Raises DataError naming a line that is damaged, which `read` tells by
        ValueError, KeyError or TypeError.
        """
        *lines, _unfinished = self._content().split(b"\n")
        found = []
        for number, line in enumerate(lines, start=1):
            try:
                entry = json.loads(line)
                if not isinstance(entry["images"], int):
                    raise TypeError("images must be a whole number")
                if key in entry:
                    found.append(read(entry))
            except (ValueError, KeyError, TypeError, RecursionError) as error:
                reason = " ".join(f"{type(error).__name__}: {error}".split())
                raise DataError(f"{self.path}, line {number} is damaged ({reason})") from None
        return found

    def cut(self, images: int, length: int | None = None) -> None:
        """Drop the lines that a run resumed at `images` writes again.

        They are those beyond `length` bytes; where the file is not what it was then, or `length`
        is not known, those of more images. A line that a kill or a power cut left unfinished is
        dropped, and what follows it.
        """
        self._waiting = b""
        content = self._content()
        kept = content if length is None else content[:length]
        if len(kept) == length and kept[-1:] in (b"", b"\n"):
            content = kept
        *lines, _unfinished = content.split(b"\n")
        lines = list(takewhile(lambda line: _images_of(line) <= images, lines))
        if content or self.path.exists():
            write_bytes(self.path, b"".join(line + b"\n" for line in lines))

    def _content(self) -> bytes:
        try:
            return self.path.read_bytes()
        except FileNotFoundError:
            return b""
        except OSError as error:
            raise GanvasError(f"cannot read {self.path}: {error.strerror}") from None

    def _write(self, content: bytes) -> None:
        content, self._waiting = self._waiting + content, b""
        if not content:
            return
        try:
            disk.append(self.path, content)
        except OSError as caught:
            error = cannot_write(self.path, caught)
            if isinstance(error, DiskFullError):
                self._waiting = content
            raise error from None


def _images_of(line: bytes) -> float:
    """Return the images that a line was written at; infinity for no such line."""
    try:
        images = json.loads(line)["images"]
    except (ValueError, KeyError, TypeError, RecursionError):
        return math.inf
    return images if isinstance(images, int) else math.inf
