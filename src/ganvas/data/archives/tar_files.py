"""A tar archive, plain or packed, as a container of files: one pass through it, in bounds."""

import bz2
import gzip
import lzma
import tarfile
import zlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, BinaryIO, cast

from ganvas.data.archives.container import (
    MAX_FILE_BYTES,
    MAX_MEMBERS,
    Member,
    is_hidden,
    too_many,
    unsafe_name,
    why_not,
)
from ganvas.data.archives.limits import refuse_bomb, refuse_unsafe
from ganvas.data.pictures.decode import PictureError
from ganvas.errors import DataError, in_a_line
from ganvas.words import counted

__all__ = ["TarFiles"]

_OPENERS: dict[bytes, Callable[[BinaryIO], IO[bytes]]] = {
    b"\x1f\x8b": lambda raw: cast(IO[bytes], gzip.GzipFile(fileobj=raw)),
    b"BZh": lambda raw: cast(IO[bytes], bz2.BZ2File(raw)),
    b"\xfd7zXZ\0": lambda raw: cast(IO[bytes], lzma.LZMAFile(raw)),  # noqa: SIM115
}
_BLOCK = 512
_MOST_HEADER = 1 << 20  # a long name or a list of extra fields; Python would read any length
_SKIP_BYTES = 1 << 18
_DAMAGE = (
    tarfile.TarError, OSError, EOFError, ValueError, OverflowError, zlib.error, lzma.LZMAError,
)  # fmt: skip


class TarFiles:
    """The files of a tar archive: plain, or packed with gzip, bzip2 or xz."""

    def __init__(
        self, path: Path, *, max_members: int = MAX_MEMBERS, max_file_bytes: int = MAX_FILE_BYTES
    ) -> None:
        self.path = path
        self._max_members = max_members
        self._max_file_bytes = max_file_bytes

    def members(self) -> list[Member]:
        """Return every file except hidden ones; the whole archive is passed through once.

        Raises DataError when the archive is damaged, holds too many members or names that point
        outside, links, or unpacks to more than pictures can.
        """
        found, unsafe = [], []
        for index, (info, _) in enumerate(self._walk()):
            if index >= self._max_members:
                raise too_many(self.path, self._max_members)
            if what := unsafe_name(info.name) or _odd_kind(info):
                unsafe.append((info.name, what))
            elif info.isreg() and not any(map(is_hidden, info.name.split("/"))):
                found.append(Member(info.name.removeprefix("./"), info.size, index))
        refuse_unsafe(self.path, unsafe)
        return found

    def read(self, members: Iterable[Member]) -> Iterator[bytes | PictureError]:
        """Yield the bytes of each of `members`, which come by rising index, or why not."""
        wanted = iter(members)
        member = next(wanted, None)
        if member is None:
            return
        for index, (_, stream) in enumerate(self._walk()):
            if index != member.index:
                continue
            problem = why_not(member, self._max_file_bytes)
            if problem is None:
                with self._explain(index):
                    content = stream.read_exactly(member.size)
                yield content
            else:
                yield problem
            member = next(wanted, None)
            if member is None:
                return
        raise DataError(f"{self.path} changed while it was read; read it again")

    def _walk(self) -> Iterator[tuple[tarfile.TarInfo, "_Stream"]]:
        """Yield each member and the stream, which stands at the member's first byte."""
        index = 0
        try:
            raw = self.path.open("rb")
        except OSError as error:
            raise DataError(f"cannot read {self.path}: {error.strerror or error}") from None
        with raw:
            head = raw.peek(8)
            opener = next((o for magic, o in _OPENERS.items() if head.startswith(magic)), None)
            stream = _Stream(raw if opener is None else opener(raw), self.path)
            with self._explain(0):
                archive: Any = tarfile.TarFile(fileobj=cast(IO[bytes], stream), mode="r")
            while True:
                with self._explain(index):
                    info = archive.next()
                archive.members.clear()  # else a million of them would stay in memory
                if info is None:
                    break
                stream.may_read_much = True
                yield info, stream
                stream.may_read_much = False
                index += 1
        if stream.last_block != bytes(_BLOCK):
            # a block of zeros ends an archive; tarfile takes anything it cannot read for the end
            what = "what follows is no member" if stream.last_block else "it ends without an end"
            raise self._damaged(index, what)

    @contextmanager
    def _explain(self, index: int) -> Iterator[None]:
        try:
            yield
        except DataError:
            raise
        except _DAMAGE as error:
            raise self._damaged(index, in_a_line(error)) from None

    def _damaged(self, index: int, words: str) -> DataError:
        return DataError(
            f"{self.path} is no whole tar archive: after {counted(index, 'member')}, {words}; "
            "get it again"
        )


class _Stream:
    """The unpacked bytes of an archive, forwards only, counted; no header may be huge."""

    def __init__(self, file: IO[bytes], path: Path) -> None:
        self._file = file
        self._path = path
        self._packed = path.stat().st_size
        self._place = 0
        self.last_block = b""
        self.may_read_much = False

    def read(self, count: int) -> bytes:
        if count > _MOST_HEADER and not self.may_read_much:
            raise DataError(
                f"{self._path} has a header of {count:,} bytes, at most {_MOST_HEADER:,} are "
                "read; it is no archive of pictures"
            )
        content = self._file.read(count)
        self._place += len(content)
        refuse_bomb(self._path, self._packed, self._place)
        if count == _BLOCK:
            self.last_block = content
        return content

    def read_exactly(self, count: int) -> bytes:
        content = self.read(count)
        if len(content) != count:
            raise EOFError("it ends in the middle of a member")
        return content

    def seek(self, place: int) -> None:
        if place < self._place:
            raise ValueError("a member lies before the one ahead of it")
        while self._place < place and self.read(min(_SKIP_BYTES, place - self._place)):
            pass

    def tell(self) -> int:
        return self._place


def _odd_kind(info: tarfile.TarInfo) -> str:
    if info.issym() or info.islnk():
        return "a link"
    if info.issparse():
        return "a file with holes"
    return "" if info.isreg() or info.isdir() else "no regular file"
