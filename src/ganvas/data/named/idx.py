"""Reads IDX, the format of MNIST's files: plain or gzip, unsigned bytes only, always bounded.

An IDX file is 0, 0, a type (8 = unsigned byte), the number of axes, one big-endian 32-bit
size for each axis, then the values in C order.
"""

from math import prod
from pathlib import Path

import numpy as np
import numpy.typing as npt

from ganvas.data.named.unpack import open_unpacked, read_up_to
from ganvas.errors import DataError

__all__ = ["DEFAULT_MAX_BYTES", "bytes_to_array", "read_idx"]

DEFAULT_MAX_BYTES = 1 << 30
"""Largest uncompressed size accepted from a file whose size is not known beforehand."""

_UNSIGNED_BYTE = 8
_MAX_AXES = 4


def bytes_to_array(data: bytes | bytearray, *, name: str) -> npt.NDArray[np.uint8]:
    """Return the values of an uncompressed IDX file as uint8, without copying them.

    The array has 1 to 4 axes, and is writable when `data` is a bytearray. `name` is what
    messages call the file. Raises DataError when the header is not that of an IDX file of
    unsigned bytes, or its sizes disagree with the number of bytes.
    """
    shape = _header_to_shape(bytes(data[: 4 + 4 * _MAX_AXES]), name)
    start = 4 + 4 * len(shape)
    expected = start + prod(shape)
    if len(data) != expected:
        what, more = ("truncated", "") if len(data) < expected else ("too long", " or more")
        raise DataError(
            f"{name} is {what}: its header {shape} needs {expected} bytes, found "
            f"{len(data)}{more}; get the file again"
        )
    return np.frombuffer(data, dtype=np.uint8, offset=start).reshape(shape)


def read_idx(path: Path, *, max_bytes: int = DEFAULT_MAX_BYTES) -> npt.NDArray[np.uint8]:
    """Return the values of the IDX file at `path`, plain or gzip, as a writable uint8 array.

    The header is read first; no more than the bytes it promises is unpacked, and nothing when
    it promises more than `max_bytes`, so a small file that unpacks to a huge one does no harm.

    Raises DataError naming the file, what was expected and what was found.
    """
    data = bytearray()
    with open_unpacked(path) as stream:
        damage = read_up_to(stream, 4, data)
        num_axes = min(data[3], _MAX_AXES) if len(data) == 4 else 0
        damage = damage or read_up_to(stream, 4 + 4 * num_axes, data)
        if damage:
            raise DataError(f"{path} is damaged: {damage}; get the file again")
        shape = _header_to_shape(bytes(data), str(path))
        expected = len(data) + prod(shape)
        if expected > max_bytes:
            raise DataError(
                f"{path}: its header {shape} promises {expected} bytes, the limit is "
                f"{max_bytes}; the file is damaged or not what it says it is"
            )
        damage = read_up_to(stream, expected + 1, data)
    if damage:
        raise DataError(
            f"{path} is damaged: expected {expected} bytes, {damage}; get the file again"
        )
    return bytes_to_array(data, name=str(path))


def _header_to_shape(head: bytes, name: str) -> tuple[int, ...]:
    """Return the sizes that an IDX header states; raise DataError when it is none."""
    if len(head) < 4 or head[:2] != b"\0\0":
        raise DataError(
            f"{name} is not an IDX file: expected it to start with bytes 00 00, "
            f"found '{head[:4].hex(' ')}'"
        )
    if head[2] != _UNSIGNED_BYTE:
        raise DataError(
            f"{name}: expected IDX type 08 (unsigned byte), found {head[2]:02x}; "
            "only unsigned bytes are read"
        )
    num_axes = head[3]
    if not 1 <= num_axes <= _MAX_AXES:
        raise DataError(f"{name}: expected 1 to {_MAX_AXES} IDX axes, found {num_axes}")
    if len(head) < 4 + 4 * num_axes:
        raise DataError(
            f"{name} is truncated in its header: expected {4 + 4 * num_axes} bytes, "
            f"found {len(head)}; get the file again"
        )
    return tuple(int.from_bytes(head[4 + 4 * i : 8 + 4 * i], "big") for i in range(num_axes))
