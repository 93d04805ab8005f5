"""JSON, text and pictures as files: what comes back, and what is refused."""

import json
import os
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from ganvas.errors import DataError, GanvasError
from ganvas.files import (
    digest_of,
    read_json,
    read_png,
    write_json,
    write_png,
    write_text,
)
from tests.files_helpers import tree

JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=[])),
    lambda part: st.lists(part, max_size=3) | st.dictionaries(st.text(), part, max_size=3),
    max_leaves=8,
)


@settings(max_examples=40, deadline=None)
@given(value=JSON)
def test_json_comes_back_as_it_was(value: Any, tmp_path_factory: pytest.TempPathFactory) -> None:
    path = tmp_path_factory.getbasetemp() / "value.json"
    write_json(path, value)
    assert repr(read_json(path)) == repr(value)  # repr tells -0.0 from 0.0, True from 1
    assert path.read_bytes().endswith(b"\n")


@pytest.mark.parametrize("value", [float("nan"), float("inf"), {"a": [-float("inf")]}])
def test_numbers_that_json_does_not_have_are_never_written(tmp_path: Path, value: Any) -> None:
    with pytest.raises(ValueError, match="JSON compliant"):
        write_json(tmp_path / "file", value)
    assert tree(tmp_path) == {}


@pytest.mark.parametrize("content", ["NaN", "[Infinity]", '{"a": -Infinity}'])
def test_numbers_that_json_does_not_have_are_never_read(tmp_path: Path, content: str) -> None:
    (tmp_path / "file").write_text(content)
    with pytest.raises(GanvasError, match=r"file is not valid JSON: -?\w+ is no JSON number"):
        read_json(tmp_path / "file")


def test_json_cut_at_any_byte_is_refused_in_one_line(tmp_path: Path) -> None:
    content = json.dumps({"a": [1, 2.5, "é\\"], "b": {"c": None}}).encode()
    path = tmp_path / "file"
    for length in range(len(content)):
        path.write_bytes(content[:length])
        with pytest.raises(GanvasError, match="is not valid JSON") as caught:
            read_json(path)
        assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "content", [b"\xff\xfe\xfa", b"[" * 100_000, b"9" * 5_000, b"{}{}", b"\x00" * 64]
)
def test_odd_json_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "file").write_bytes(content)
    with pytest.raises(GanvasError, match="is not valid JSON"):
        read_json(tmp_path / "file")


def test_json_of_exactly_the_longest_length_is_read(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b'"123456"')
    assert read_json(tmp_path / "file", max_bytes=8) == "123456"
    with pytest.raises(GanvasError, match="longer than the 7 bytes"):
        read_json(tmp_path / "file", max_bytes=7)


@pytest.mark.skipif(os.name != "posix", reason="no devices and pipes by name there")
@pytest.mark.parametrize("kind", ["endless", "silent"])
def test_what_is_no_file_keeps_nobody_waiting(tmp_path: Path, kind: str) -> None:
    path = Path("/dev/zero")
    if kind == "silent":
        path = tmp_path / "pipe"
        os.mkfifo(path)
    with pytest.raises(DataError, match=rf"cannot read {path}: it is no regular file"):
        read_json(path)


@pytest.mark.parametrize("name", ["missing", "."])
def test_json_that_cannot_be_read_is_named(tmp_path: Path, name: str) -> None:
    with pytest.raises(GanvasError, match=r"cannot read .*: (No such file|Is a directory)"):
        read_json(tmp_path / name)


@settings(max_examples=40, deadline=None)
@given(text=st.text(st.characters(exclude_categories=[]), max_size=20))
def test_any_text_can_be_written(text: str, tmp_path_factory: pytest.TempPathFactory) -> None:
    path = tmp_path_factory.getbasetemp() / "text"
    write_text(path, text)
    written = path.read_bytes().decode()  # always UTF-8
    if not any("\ud800" <= letter <= "\udfff" for letter in text):
        assert written == text


@pytest.mark.parametrize("shape", [(5, 7), (5, 7, 1), (5, 7, 3), (5, 7, 4)])
def test_a_picture_comes_back_pixel_for_pixel(tmp_path: Path, shape: tuple[int, ...]) -> None:
    pixels = np.random.default_rng(0).integers(0, 256, shape, dtype=np.uint8)
    write_png(tmp_path / "picture.png", np.flip(pixels, axis=1))  # not contiguous
    with Image.open(tmp_path / "picture.png") as picture:
        found = np.asarray(picture)
    np.testing.assert_array_equal(found.reshape(shape), np.flip(pixels, axis=1))


@pytest.mark.parametrize("size", [0, 1, (1 << 20) - 1, 1 << 20, (1 << 20) + 1])
def test_the_digest_is_sha256_of_the_bytes(tmp_path: Path, size: int) -> None:
    content = bytes(range(256)) * (size // 256 + 1)
    (tmp_path / "file").write_bytes(content[:size])
    assert digest_of(tmp_path / "file") == f"sha256:{sha256(content[:size]).hexdigest()}"


@pytest.mark.parametrize("shape", [(5, 7), (5, 7, 1), (5, 7, 3), (5, 7, 4)])
def test_a_picture_reads_back_as_it_was_written(shape: tuple[int, ...], tmp_path: Path) -> None:
    image = np.random.default_rng(0).integers(0, 256, shape, dtype=np.uint8)
    write_png(tmp_path / "a.png", image)
    assert np.array_equal(read_png(tmp_path / "a.png"), image.reshape(5, 7, -1))


def test_no_whole_picture_is_a_fault_of_the_file(tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    write_png(path, np.zeros((50, 50, 3), np.uint8))
    whole = path.read_bytes()
    large = whole[:16] + (1 << 20).to_bytes(4, "big") * 2 + whole[24:]
    for content in (b"", b"GIF89a", whole[:40], whole[:-30], large):
        path.write_bytes(content)
        with pytest.raises(DataError, match="no whole PNG picture"):
            read_png(path)
