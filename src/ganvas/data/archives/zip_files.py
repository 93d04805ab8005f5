"""A zip archive as a container of files: read member by member, nothing is written."""

import lzma
import os
import stat
import struct
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from pathlib import Path

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

__all__ = ["ZipFiles"]

_END, _END64_PLACE, _END64 = b"PK\5\6", b"PK\6\7", b"PK\6\6"
_END_BYTES, _LONGEST_COMMENT = 22, 1 << 16
_ENTRY_BYTES = 400  # of the directory for each member, names and extra fields included
_ENCRYPTED = 1
_DAMAGE = (  # whatever Python's zipfile raises about bytes it did not expect
    OSError, EOFError, ValueError, RuntimeError, IndexError, OverflowError, MemoryError,
    struct.error, zipfile.BadZipFile, zlib.error, lzma.LZMAError,
)  # fmt: skip


class ZipFiles:
    """The files of a zip archive."""

    def __init__(
        self, path: Path, *, max_members: int = MAX_MEMBERS, max_file_bytes: int = MAX_FILE_BYTES
    ) -> None:
        self.path = path
        self._max_members = max_members
        self._max_file_bytes = max_file_bytes

    def members(self) -> list[Member]:
        """Return every file except hidden ones.

        Raises DataError when the archive is damaged, holds too many members or names that point
        outside, links, or would unpack to more than pictures can.
        """
        found, unsafe, total = [], [], 0
        with self._open() as archive:
            for index, info in enumerate(archive.infolist()):
                name = info.filename.replace("\\", "/")  # some of Windows' tools write these
                if what := unsafe_name(name) or _odd_kind(info):
                    unsafe.append((info.filename, what))
                elif not name.endswith("/") and not any(map(is_hidden, name.split("/"))):
                    total += info.file_size
                    found.append(Member(name, info.file_size, index))
        refuse_unsafe(self.path, unsafe)
        refuse_bomb(self.path, self.path.stat().st_size, total)
        return found

    def read(self, members: Iterable[Member]) -> Iterator[bytes | PictureError]:
        """Yield the bytes of each of `members`, or why they cannot be had."""
        with self._open() as archive:
            infos = archive.infolist()
            for member in members:
                problem = why_not(member, self._max_file_bytes)
                yield problem or _read(archive, infos[member.index])

    def _open(self) -> zipfile.ZipFile:
        try:
            size = self.path.stat().st_size
            count, directory = _declared(self.path, size)
            most = self._max_members
            if count > most or directory > most * _ENTRY_BYTES:
                raise too_many(self.path, most)
            archive = zipfile.ZipFile(self.path)
        except _DAMAGE as error:
            if isinstance(error, DataError):
                raise
            words = getattr(error, "strerror", None) or error
            raise DataError(f"{self.path} is no whole zip archive: {words}; get it again") from None
        if len(archive.infolist()) > most:  # more than the archive's own count
            archive.close()
            raise too_many(self.path, most)
        return archive


def _read(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> bytes | PictureError:
    if info.flag_bits & _ENCRYPTED:
        return PictureError("encrypted")
    try:
        with archive.open(info) as file:
            content = file.read(info.file_size + 1)  # what unpacks to more fails its checksum
    except _DAMAGE as error:
        return PictureError(f"damaged: {in_a_line(error)}")
    if len(content) != info.file_size:
        return PictureError(f"damaged: {len(content)} bytes instead of {info.file_size}")
    return content


def _odd_kind(info: zipfile.ZipInfo) -> str:
    kind = stat.S_IFMT(info.external_attr >> 16)
    if kind == stat.S_IFLNK:
        return "a link"
    return "no regular file" if kind not in (0, stat.S_IFREG, stat.S_IFDIR) else ""


def _declared(path: Path, size: int) -> tuple[int, int]:
    """Return how many members the archive declares, and the bytes of their directory.

    Looked at before Python's zipfile, which makes an object of each member. (0, 0) where the
    record of the end is not found: zipfile then says so.
    """
    with path.open("rb") as file:
        start = max(0, size - _END_BYTES - _LONGEST_COMMENT)
        file.seek(start)
        tail = file.read(size - start)
        at = tail.rfind(_END)
        if at < 0 or len(tail) < at + _END_BYTES:
            return 0, 0
        count, directory = struct.unpack_from("<HI", tail, at + 10)
        place = at - 20
        if place >= 0 and tail[place : place + 4] == _END64_PLACE:
            (offset,) = struct.unpack_from("<Q", tail, place + 8)
            file.seek(min(offset, size), os.SEEK_SET)
            record = file.read(56)
            if len(record) == 56 and record[:4] == _END64:
                count, directory = struct.unpack_from("<QQ", record, 32)
        return count, directory
