"""Images that stay in a file and are mapped into memory: read as arrays, let go of again."""

import mmap
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from ganvas.errors import DataError

__all__ = ["open_mapped", "release"]

_KEPT_BYTES = 1 << 29  # smaller files may stay in memory for good


def open_mapped(path: Path, shape: tuple[int, ...], dtype: npt.DTypeLike) -> npt.NDArray[Any]:
    """Return the array in a .npy file of the given shape and type, mapped, nothing read yet.

    It may be written to, as PyTorch wants of an array it shares, but that never reaches the
    file. Raises DataError when the file is missing or holds something else.
    """
    try:
        array = np.load(path, mmap_mode="c", allow_pickle=False)
    except (OSError, ValueError, EOFError) as error:
        words = getattr(error, "strerror", None) or " ".join(str(error).split())
        raise DataError(f"{path} cannot be read: {words}; import the data again") from None
    if array.shape != shape or array.dtype != np.dtype(dtype):
        raise DataError(
            f"{path} is damaged: expected {np.dtype(dtype)} {shape}, found {array.dtype} "
            f"{array.shape}; import the data again"
        )
    result: npt.NDArray[Any] = array
    return result


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
