"""Reads IDX, the format of MNIST's files: plain or gzip, unsigned bytes only, always bounded.

An IDX file is 0, 0, a type (8 = unsigned byte), the number of axes, one big-endian 32-bit
size for each axis, then the values in C order.
"""

import gzip
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from math import prod
from pathlib import Path
from typing import BinaryIO, cast

import numpy as np
import numpy.typing as npt

from ganvas.errors import DataError

__all__ = ["DEFAULT_MAX_BYTES", "bytes_to_array", "read_checked", "read_idx"]

DEFAULT_MAX_BYTES = 1 << 30
"""Largest uncompressed size accepted from a file that is not known beforehand."""

_GZIP_MAGIC = b"\x1f\x8b"
_UNSIGNED_BYTE = 8
_MAX_AXES = 4
_CHUNK_BYTES = 1 << 20


def bytes_to_array(data: bytes | bytearray, *, name: str) -> npt.NDArray[np.uint8]:
    """Return the values of an uncompressed IDX file as uint8, without copying them.

    `name` is what messages call the file. Raises DataError when the header is not that of
    an IDX file of unsigned bytes, or its sizes disagree with the number of bytes.
    """
    shape = _header_to_shape(bytes(data[: 4 + 4 * _MAX_AXES]), name)
    start = 4 + 4 * len(shape)
    _check_count(found=len(data), expected=start + prod(shape), shape=shape, name=name)
    return np.frombuffer(data, dtype=np.uint8, offset=start).reshape(shape)


def read_idx(path: Path, *, max_bytes: int = DEFAULT_MAX_BYTES) -> npt.NDArray[np.uint8]:
    """Return the values of the IDX file at `path`, plain or gzip, as a writable uint8 array.

    The header is read first; no more than the bytes it promises is unpacked, and nothing when
    it promises more than `max_bytes`, so a small file that unpacks to a huge one does no harm.

    Raises DataError naming the file, what was expected and what was found.
    """
    with _unpacked(path) as stream:
        head = bytearray()
        damage = _read_up_to(stream, 4, head)
        axes = min(head[3], _MAX_AXES) if len(head) == 4 else 0
        damage = damage or _read_up_to(stream, 4 + 4 * axes, head)
        if damage:
            raise DataError(f"{path}: {damage}; get the file again")
        shape = _header_to_shape(bytes(head), str(path))
        expected = len(head) + prod(shape)
        if expected > max_bytes:
            raise DataError(
                f"{path}: its header promises {expected} bytes {shape}, the limit is {max_bytes}; "
                "the file is damaged or not what it says it is"
            )
        damage = _read_up_to(stream, expected + 1, head)
    if damage:
        raise DataError(f"{path}: expected {expected} bytes, {damage}; get the file again")
    return bytes_to_array(head, name=str(path))


def read_checked(path: Path, *, num_bytes: int, digest: str, remedy: str) -> bytearray:
    """Return the uncompressed bytes of a known file, plain or gzip, after checking them.

    `num_bytes` and `digest` (SHA-256, hexadecimal) are those of the uncompressed file. At most
    one byte more than `num_bytes` is unpacked. Raises DataError naming the file, the expected
    and the found digest (of the bytes that could be read) and `remedy`.
    """
    data = bytearray()
    with _unpacked(path) as stream:
        damage = _read_up_to(stream, num_bytes + 1, data)
    found = sha256(data).hexdigest()
    if damage is None and found == digest:
        return data
    if damage is None and len(data) > num_bytes:
        damage = f"more than the {num_bytes} bytes expected"
    elif damage is None and len(data) < num_bytes:
        damage = f"{len(data)} bytes found, {num_bytes} expected"
    reason = damage or "the bytes differ"
    raise DataError(
        f"{path} is damaged ({reason}): expected sha256 {digest}, found {found}; {remedy}"
    )


@contextmanager
def _unpacked(path: Path) -> Iterator[BinaryIO]:
    """Open `path` for reading its uncompressed bytes, whether it is gzip or plain."""
    try:
        with path.open("rb") as raw:
            if raw.peek(2)[:2] == _GZIP_MAGIC:
                with gzip.GzipFile(fileobj=raw) as unzipped:
                    yield cast(BinaryIO, unzipped)
            else:
                yield raw
    except OSError as error:
        raise DataError(f"cannot read {path}: {error.strerror or error}") from error


def _read_up_to(stream: BinaryIO, count: int, data: bytearray) -> str | None:
    """Append to `data` until it has `count` bytes or the stream ends; return what broke, if any."""
    try:
        while len(data) < count:
            chunk = stream.read(min(_CHUNK_BYTES, count - len(data)))
            if not chunk:
                break
            data += chunk
    except EOFError:
        return f"the gzip stream ends early, after {len(data)} bytes"
    except (zlib.error, gzip.BadGzipFile) as error:
        return f"the gzip stream is broken after {len(data)} bytes ({error})"
    return None


def _header_to_shape(head: bytes, name: str) -> tuple[int, ...]:
    if len(head) < 4 or head[:2] != b"\0\0":
        raise DataError(
            f"{name}: not an IDX file: expected it to start with bytes 00 00, "
            f"found '{head[:4].hex(' ')}'"
        )
    if head[2] != _UNSIGNED_BYTE:
        raise DataError(
            f"{name}: expected IDX type 08 (unsigned byte), found {head[2]:02x}; "
            "only unsigned bytes are read"
        )
    axes = head[3]
    if not 1 <= axes <= _MAX_AXES:
        raise DataError(f"{name}: expected 1 to {_MAX_AXES} IDX axes, found {axes}")
    if len(head) < 4 + 4 * axes:
        raise DataError(
            f"{name}: truncated in the header: expected {4 + 4 * axes} bytes, found {len(head)}"
        )
    return tuple(int.from_bytes(head[4 + 4 * i : 8 + 4 * i], "big") for i in range(axes))


def _check_count(*, found: int, expected: int, shape: tuple[int, ...], name: str) -> None:
    if found != expected:
        what = "truncated" if found < expected else "too long"
        more = "" if found < expected else " or more"
        raise DataError(
            f"{name}: {what}: its header {shape} needs {expected} bytes, found {found}{more}; "
            "get the file again"
        )
