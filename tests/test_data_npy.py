"""Headers of .npy files: read as NumPy wrote them, refused in words, and never unpickled."""

import io

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ganvas.data.npy import read_npy_header


def saved(values: np.ndarray) -> io.BytesIO:
    file = io.BytesIO()
    np.save(file, values)
    file.seek(0)
    return file


@given(
    shape=st.lists(st.integers(0, 4), max_size=4).map(tuple),
    dtype=st.sampled_from(["u1", "<f4", ">i8", "?"]),
    is_fortran=st.booleans(),
)
def test_a_header_says_what_was_saved_and_the_values_come_next(
    shape: tuple[int, ...], dtype: str, is_fortran: bool
) -> None:
    values = np.ones(shape, dtype, order="F" if is_fortran else "C")
    file = saved(values)
    found, fortran, kind = read_npy_header(file)
    assert (found, kind) == (shape, np.dtype(dtype))
    assert fortran == (values.flags.f_contiguous and not values.flags.c_contiguous)
    assert file.read() == values.tobytes()


def test_objects_are_never_read() -> None:
    with pytest.raises(ValueError, match="Python objects, which are never read"):
        read_npy_header(saved(np.array([{}], dtype=object)))


@given(st.binary(max_size=80), st.booleans())
def test_any_other_bytes_are_refused_in_a_line(content: bytes, has_magic: bool) -> None:
    start = b"\x93NUMPY\x01\x00" if has_magic else b""
    with pytest.raises(ValueError, match=r"its header is damaged|holds no plain numbers") as caught:
        read_npy_header(io.BytesIO(start + content))
    assert "\n" not in str(caught.value)
