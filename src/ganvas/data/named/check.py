"""Files of known content, compared with it by SHA-256 of their uncompressed bytes."""

from dataclasses import dataclass
from hashlib import md5, sha256
from pathlib import Path
from typing import Literal

from ganvas.data.named.kinds import IdxSource, KnownFile
from ganvas.data.named.sources import SOURCES
from ganvas.data.named.unpack import open_unpacked, read_up_to
from ganvas.errors import DataError
from ganvas.files import digest_of

__all__ = ["FileCheck", "check_file", "md5_of", "read_known", "require_known"]


@dataclass(frozen=True, kw_only=True, slots=True)
class FileCheck:
    """What became of one file of a data set.

    `file` is its name, `path` where it was found (None when missing). `expected` and `found`
    are SHA-256 of the uncompressed bytes (of an archive as it is) in hexadecimal, or "md5:" and
    MD5 where only that was published; `found` is of the bytes that could be read, None when
    there were none to read. `reason` is empty unless `state` is "damaged".
    """

    file: str
    path: str | None
    state: Literal["ok", "damaged", "missing"]
    expected: str
    found: str | None
    reason: str = ""


def check_file(file: KnownFile, path: Path | None) -> FileCheck:
    """Compare the copy of `file` at `path`, plain or gzip, with what it should hold."""
    if path is None:
        return FileCheck(
            file=file.name, path=None, state="missing", expected=file.digest, found=None
        )
    try:
        return _check_archive(file, path) if file.is_archive else _read(file, path)[1]
    except DataError as error:
        return FileCheck(
            file=file.name,
            path=str(path),
            state="damaged",
            expected=file.digest,
            found=None,
            reason=str(error),
        )


def read_known(file: KnownFile, path: Path, *, remedy: str) -> bytearray:
    """Return the uncompressed bytes of the copy of `file` at `path`, plain or gzip, once checked.

    At most one byte more than the file should have is unpacked. Raises DataError naming the
    file, the expected and the found digest, and `remedy`.
    """
    data, check = _read(file, path)
    _require_ok(check, path, remedy)
    return data


def require_known(file: KnownFile, path: Path, *, remedy: str) -> None:
    """Raise what `read_known` does; an archive is not kept in memory for it."""
    _require_ok(
        _check_archive(file, path) if file.is_archive else _read(file, path)[1], path, remedy
    )


def md5_of(data: bytes) -> str:
    """Return "md5:<hex>": what CIFAR's batches were published with, good against accidents."""
    return f"md5:{md5(data, usedforsecurity=False).hexdigest()}"


def _require_ok(check: FileCheck, path: Path, remedy: str) -> None:
    if check.state != "ok":
        raise DataError(
            f"{path} is damaged ({check.reason}): expected sha256 {check.expected}, "
            f"found {check.found}; {remedy}"
        )


def _check_archive(file: KnownFile, path: Path) -> FileCheck:
    try:
        num_bytes, found = path.stat().st_size, digest_of(path).removeprefix("sha256:")
    except OSError as error:
        raise DataError(f"cannot read {path}: {error.strerror or error}") from error
    reason = "" if found == file.digest else _difference(file, num_bytes, found)
    return FileCheck(
        file=file.name,
        path=str(path),
        state="damaged" if reason else "ok",
        expected=file.digest,
        found=found,
        reason=reason,
    )


def _read(file: KnownFile, path: Path) -> tuple[bytearray, FileCheck]:
    data = bytearray()
    with open_unpacked(path) as stream:
        reason = read_up_to(stream, file.num_bytes + 1, data)
    found = sha256(data).hexdigest()
    if reason is None and found != file.digest:
        reason = _difference(file, len(data), found)
    check = FileCheck(
        file=file.name,
        path=str(path),
        state="ok" if reason is None else "damaged",
        expected=file.digest,
        found=found,
        reason=reason or "",
    )
    return data, check


def _difference(file: KnownFile, num_bytes: int, found: str) -> str:
    """Say in a few words how a readable file differs from the one expected."""
    for other in SOURCES.values():
        if isinstance(other, IdxSource) and found in (known.digest for known in other.files):
            # the data sets of this family use the same file names, so this mix-up is common
            return f"it is a file of {other.name}"
    if num_bytes < file.num_bytes:
        return f"{num_bytes} bytes instead of {file.num_bytes}"
    if num_bytes > file.num_bytes:
        return f"more than {file.num_bytes} bytes"
    return "its bytes differ"
