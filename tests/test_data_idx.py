import gzip
import tracemalloc
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from ganvas.data.named.idx import bytes_to_array, read_idx
from ganvas.errors import DataError

arrays = hnp.arrays(np.uint8, hnp.array_shapes(min_dims=1, max_dims=4, min_side=0, max_side=5))


def plain_idx(values: npt.NDArray[np.uint8]) -> bytes:
    sizes = b"".join(size.to_bytes(4, "big") for size in values.shape)
    return bytes([0, 0, 8, values.ndim]) + sizes + values.tobytes()


@given(arrays)
def test_reading_undoes_writing(values: npt.NDArray[np.uint8]) -> None:
    read = bytes_to_array(plain_idx(values), name="x")
    assert read.dtype == np.uint8
    np.testing.assert_array_equal(read, values)


@given(arrays, st.booleans())
def test_a_file_reads_as_its_bytes_do_and_is_writable(
    tmp_path_factory: pytest.TempPathFactory, values: npt.NDArray[np.uint8], is_gzip: bool
) -> None:
    path = tmp_path_factory.getbasetemp() / "round-trip"
    data = plain_idx(values)
    path.write_bytes(gzip.compress(data) if is_gzip else data)
    read = read_idx(path)
    np.testing.assert_array_equal(read, values)
    assert read.flags.writeable


@given(st.data())
def test_every_truncation_is_refused(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    whole = plain_idx(np.arange(60, dtype=np.uint8).reshape(3, 4, 5))
    packed = gzip.compress(whole)
    path = tmp_path_factory.getbasetemp() / "cut"
    for content in (whole, packed):
        path.write_bytes(content[: data.draw(st.integers(0, len(content) - 1))])
        with pytest.raises(DataError, match="cut"):
            read_idx(path)


@given(st.binary(min_size=1, max_size=20))
def test_trailing_bytes_are_refused(tmp_path_factory: pytest.TempPathFactory, extra: bytes) -> None:
    whole = plain_idx(np.arange(6, dtype=np.uint8))
    path = tmp_path_factory.getbasetemp() / "long"
    for content in (whole + extra, gzip.compress(whole + extra)):
        path.write_bytes(content)
        with pytest.raises(DataError, match="needs 14 bytes, found 15 or more"):
            read_idx(path)
    with pytest.raises(DataError, match="too long"):
        bytes_to_array(whole + extra, name="long")


def test_damage_inside_gzip_is_found_by_its_own_checksum(tmp_path: Path) -> None:
    path = tmp_path / "flipped.gz"
    packed = bytearray(gzip.compress(plain_idx(np.zeros(100, np.uint8)), compresslevel=0))
    packed[60] ^= 1
    path.write_bytes(packed)
    with pytest.raises(DataError, match=r"flipped\.gz is damaged: .*CRC"):
        read_idx(path)


@pytest.mark.parametrize(
    ("head", "message"),
    [
        (b"", "not an IDX file.*found ''"),
        (b"GIF89a", "not an IDX file.*found '47 49 46 38'"),
        (bytes([0, 0, 13, 1, 0, 0, 0, 0]), "expected IDX type 08 .*, found 0d"),
        (bytes([0, 0, 8, 0]), "expected 1 to 4 IDX axes, found 0"),
        (bytes([0, 0, 8, 5]) + bytes(20), "expected 1 to 4 IDX axes, found 5"),
        (bytes([0, 0, 8, 3]) + bytes(11), "truncated in its header: expected 16 bytes, found 15"),
    ],
)
def test_what_is_no_idx_file_is_refused_by_name(tmp_path: Path, head: bytes, message: str) -> None:
    path = tmp_path / "odd"
    path.write_bytes(head)
    with pytest.raises(DataError, match=f"odd.*{message}"):
        read_idx(path)
    with pytest.raises(DataError, match=f"^odd.*{message}"):
        bytes_to_array(head, name="odd")


def test_a_missing_file_is_a_data_error(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"cannot read .*gone: No such file"):
        read_idx(tmp_path / "gone")


def peak_bytes_refusing(path: Path, message: str) -> int:
    tracemalloc.start()
    try:
        with pytest.raises(DataError, match=message):
            read_idx(path)
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def test_a_file_that_unpacks_to_more_than_its_header_says_stays_small(tmp_path: Path) -> None:
    path = tmp_path / "bomb.gz"
    path.write_bytes(gzip.compress(plain_idx(np.zeros(100, np.uint8)) + bytes(1 << 26)))
    assert peak_bytes_refusing(path, "needs 108 bytes, found 109 or more") < 1 << 23


@pytest.mark.parametrize(
    ("sizes", "message"),
    [((1 << 15, 1 << 14), "found 12"), ((1 << 31, 1 << 31), "the limit is 1073741824")],
)
def test_a_header_that_promises_much_allocates_nothing(
    tmp_path: Path, sizes: tuple[int, int], message: str
) -> None:
    path = tmp_path / "boast"
    path.write_bytes(bytes([0, 0, 8, 2]) + b"".join(size.to_bytes(4, "big") for size in sizes))
    assert peak_bytes_refusing(path, message) < 1 << 23
