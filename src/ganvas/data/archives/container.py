"""Where many files lie together: a folder, or an archive that is read without unpacking it."""

import os
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from ganvas.data.pictures.decode import PictureError
from ganvas.errors import DataError

__all__ = [
    "MAX_FILE_BYTES",
    "MAX_MEMBERS",
    "Container",
    "Folder",
    "Member",
    "by_index",
    "is_hidden",
    "too_many",
    "unsafe_name",
    "why_not",
]

MAX_MEMBERS = 500_000
"""Most files that are looked at unless more are allowed."""
MAX_FILE_BYTES = 1 << 26
"""Most bytes of one picture's file, unpacked."""

_FLAGS = os.O_RDONLY | getattr(os, "O_BINARY", 0) | getattr(os, "O_NONBLOCK", 0)
_MORE_BYTES = 1 << 20
_IGNORED = frozenset({"__macosx", "thumbs.db", "desktop.ini"})


@dataclass(frozen=True, slots=True)
class Member:
    """One file: its name with "/" between folders, its bytes, its position in the container."""

    name: str
    size: int
    index: int


class Container(Protocol):
    """Files that can be listed and then read, in the order of their `index`."""

    path: Path

    def members(self) -> list[Member]:
        """Return every file except hidden ones. Raises DataError for what cannot be trusted."""

    def read(self, members: Iterable[Member]) -> Iterator[bytes | PictureError]:
        """Yield the bytes of each of `members`, which come by rising index, or why not."""


class Folder:
    """A folder of the file system and those below it; links are followed, never in a circle."""

    def __init__(
        self, path: Path, *, max_members: int = MAX_MEMBERS, max_file_bytes: int = MAX_FILE_BYTES
    ) -> None:
        self.path = path
        self._root = os.path.join(path, "")  # noqa: PTH118
        self._max_members = max_members
        self._max_file_bytes = max_file_bytes

    def members(self) -> list[Member]:
        """Return every file below, except hidden ones. Raises DataError beyond the limit."""
        found: list[tuple[str, int]] = []
        seen: set[tuple[int, int]] = set()
        waiting = [""]
        while waiting:
            below = waiting.pop()
            try:
                where = (self.path / below).stat()
                if (where.st_dev, where.st_ino) in seen:
                    continue
                seen.add((where.st_dev, where.st_ino))
                with os.scandir(self.path / below) as entries:
                    for entry in entries:
                        if is_hidden(entry.name):
                            continue
                        if entry.is_dir():
                            waiting.append(f"{below}{entry.name}/")
                        else:
                            found.append((f"{below}{entry.name}", _size(entry)))
            except OSError as error:
                raise DataError(
                    f"cannot look into {self.path / below}: {error.strerror or error}"
                ) from error
            if len(found) > self._max_members:
                raise too_many(self.path, self._max_members)
        return [Member(name, size, index) for index, (name, size) in enumerate(sorted(found))]

    def read(self, members: Iterable[Member]) -> Iterator[bytes | PictureError]:
        """Yield the bytes of each of `members`, or why they cannot be had."""
        for member in members:
            yield self._read(member)

    def _read(self, member: Member) -> bytes | PictureError:
        problem = why_not(member, self._max_file_bytes)
        if problem is not None:
            return problem
        try:
            # plainly, for Python's own files take four times the system calls; not waiting, for
            # by now it may be a pipe
            handle = os.open(f"{self._root}{member.name}", _FLAGS)
            try:
                content = os.read(handle, member.size + 1)
                while 0 < len(content) < member.size and (more := os.read(handle, _MORE_BYTES)):
                    content += more
            finally:
                os.close(handle)
        except OSError as error:
            return PictureError(f"cannot be read: {error.strerror or error}")
        if len(content) != member.size:
            return PictureError(f"changed while it was read: {member.size:,} bytes before")
        return content


def is_hidden(part: str) -> bool:
    """Tell whether a part of a path is what systems leave behind, not the user."""
    return (part.startswith(".") and part not in (".", "..")) or part.lower() in _IGNORED


def unsafe_name(name: str) -> str:
    """Return why a name inside an archive points outside of it; "" when it does not."""
    if not name:
        return "an empty name"
    if name.startswith(("/", "\\")) or re.match("[A-Za-z]:", name):
        return "an absolute path"
    if ".." in re.split(r"[/\\]", name):
        return "a path that leads out of the archive"
    return "a name with a zero byte" if "\0" in name else ""


def why_not(member: Member, max_bytes: int) -> PictureError | None:
    """Return why a member is not even read, or None."""
    if member.size < 0:
        return PictureError("no regular file, or a link to none")
    if member.size == 0:
        return PictureError("zero bytes")
    if member.size > max_bytes:
        return PictureError(f"{member.size:,} bytes, at most {max_bytes:,} are read")
    return None


def too_many(path: Path, most: int) -> DataError:
    """Return the error for more files than are looked at."""
    return DataError(
        f"{path} holds more than {most:,} files, the limit; split it up, or import it with a "
        "higher --max-members"
    )


def _size(entry: os.DirEntry[str]) -> int:
    """Return the number of bytes; -1 for what is no regular file."""
    try:
        return entry.stat().st_size if entry.is_file() else -1
    except OSError:
        return -1


def by_index(members: Iterable[Member]) -> Sequence[Member]:
    """Return the members in the order in which a container reads them."""
    return sorted(members, key=lambda member: member.index)
