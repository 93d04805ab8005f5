"""The header of a .npy file, which is looked at before any of its values is."""

from typing import IO, Any

import numpy as np

from ganvas.errors import in_a_line

__all__ = ["NpyHeader", "read_npy_header"]

NpyHeader = tuple[tuple[int, ...], bool, np.dtype[Any]]
"""Shape, whether the first axis changes fastest (Fortran's order), and type of the values."""

_MAX_HEADER = 10_000
_READERS = {
    (1, 0): np.lib.format.read_array_header_1_0,
    (2, 0): np.lib.format.read_array_header_2_0,
}


def read_npy_header(file: IO[bytes]) -> NpyHeader:
    """Return what the header in `file` declares; the file stands at the first value then.

    Raises ValueError in words for a header that is damaged, or declares Python objects, which
    are never read; and OSError.
    """
    try:
        version = np.lib.format.read_magic(file)
        reader = _READERS.get(version)
        found = None if reader is None else reader(file, max_header_size=_MAX_HEADER)
    except OSError:
        raise
    except Exception as error:  # NumPy reads it as Python code, whose parser raises nearly anything
        words = in_a_line(error)
        raise ValueError(f"its header is damaged: {words[:200]}") from None
    if found is None:
        raise ValueError(f"its .npy version {version} holds no plain numbers")
    shape, is_fortran, dtype = found
    if dtype.hasobject:
        raise ValueError("it holds Python objects, which are never read")
    if any(size < 0 for size in shape):
        raise ValueError(f"its header is damaged: shape {shape}")
    return shape, is_fortran, dtype
