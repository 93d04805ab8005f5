"""Images that stay in a file and are mapped into memory: read as arrays, let go of again."""

import mmap
import os
from math import prod
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from ganvas.data.npy import read_npy_header
from ganvas.errors import DataError

__all__ = ["Reading", "open_mapped", "release"]

_KEPT_BYTES = 1 << 29  # smaller files may stay in memory for good
_READ_BYTES = 1 << 30  # what rows read at random may bring in: to bring them in anew takes time
_AROUND_BYTES = 1 << 21  # the most that Linux brings in with a byte that is read: a huge page


def open_mapped(path: Path, shape: tuple[int, ...], dtype: npt.DTypeLike) -> npt.NDArray[Any]:
    """Return the array in a .npy file of the given shape and type, mapped, nothing read yet.

    It may be written to, as PyTorch wants of an array it shares, but that never reaches the
    file. Raises DataError when the file is missing or holds something else.
    """
    try:
        with path.open("rb") as file:
            found, is_fortran, found_dtype = read_npy_header(file)
            start = file.tell()
            num_bytes = file.seek(0, os.SEEK_END) - start
        expected = np.dtype(dtype)
        if (found, is_fortran, found_dtype) != (shape, False, expected):
            raise DataError(
                f"{path} is damaged: expected {expected} {shape}, found {found_dtype} {found}; "
                "import the data again"
            )
        if num_bytes != prod(shape) * expected.itemsize:
            raise DataError(
                f"{path} is damaged: {num_bytes:,} bytes for values of shape {shape}; "
                "import the data again"
            )
        return np.memmap(path, dtype=expected, mode="c", offset=start, shape=shape)
    except DataError:
        raise
    except (OSError, ValueError) as error:
        words = getattr(error, "strerror", None) or error
        raise DataError(f"{path} cannot be read: {words}; import the data again") from None


def release(array: npt.NDArray[Any]) -> None:
    """Let go of the memory that reading a large mapped array took; other arrays are left alone.

    The system would do so itself, but late: until then a training run over a large file seems
    to hold all of it.
    """
    mapping = getattr(array, "_mmap", None)
    if (
        isinstance(mapping, mmap.mmap)
        and hasattr(mapping, "madvise")
        and len(mapping) > _KEPT_BYTES
    ):
        mapping.madvise(mmap.MADV_DONTNEED)


class Reading:
    """Rows that are read of an array at random, which lets go of them when they may be much.

    Of a mapped file each brings in all that the system keeps in one piece, a huge page at the most;
    after a tenth of its rows the whole file may be there. Once let go of, each takes some
    microseconds again, so that files below 1 GiB stay.
    """

    def __init__(self, array: npt.NDArray[Any]) -> None:
        self._array = array
        self._each = array.nbytes // max(1, len(array)) + _AROUND_BYTES
        self._read = 0

    def note(self, num_rows: int) -> None:
        """Note that so many rows were read, and copied: what is let go of is read anew."""
        self._read += num_rows * self._each
        if self._read >= _READ_BYTES:
            self._read = 0
            if self._array.nbytes > _READ_BYTES:
                release(self._array)
