"""Uncompressed bytes of a file, plain or gzip, and never more of them than asked for."""

import gzip
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ganvas.data.named.unpack import open_unpacked, read_up_to
from ganvas.errors import DataError


@given(st.binary(max_size=300), st.integers(0, 400), st.booleans())
def test_so_many_bytes_are_read_whichever_way_they_are_packed(
    tmp_path_factory: pytest.TempPathFactory, content: bytes, count: int, is_packed: bool
) -> None:
    if not is_packed and content[:2] == b"\x1f\x8b":
        content = b"x" + content  # else it says of itself that it is packed
    path = tmp_path_factory.getbasetemp() / "file"
    path.write_bytes(gzip.compress(content) if is_packed else content)
    data = bytearray()
    with open_unpacked(path) as stream:
        assert read_up_to(stream, count, data) is None
    assert bytes(data) == content[:count]


@pytest.mark.parametrize("cut", [12, 40, -1])
def test_a_cut_stream_is_told_with_what_was_read(tmp_path: Path, cut: int) -> None:
    path = tmp_path / "cut.gz"
    path.write_bytes(gzip.compress(bytes(range(256)), 0)[:cut])
    data = bytearray()
    with open_unpacked(path) as stream:
        words = read_up_to(stream, 1_000, data)
    assert words is not None
    assert words.startswith("the gzip stream ends early, after ")


def test_a_checksum_that_does_not_hold_is_told(tmp_path: Path) -> None:
    packed = bytearray(gzip.compress(b"0123456789", 0))
    packed[-8] ^= 1
    (tmp_path / "bad.gz").write_bytes(packed)
    with open_unpacked(tmp_path / "bad.gz") as stream:
        words = read_up_to(stream, 11, bytearray())
    assert words is not None
    assert words.startswith("the gzip stream breaks after ")


def test_what_cannot_be_opened_is_named(tmp_path: Path) -> None:
    with (
        pytest.raises(DataError, match=r"cannot read .*nothing: No such file"),
        open_unpacked(tmp_path / "nothing"),
    ):
        pass
