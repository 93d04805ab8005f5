"""Arrays in .npy and .npz files: the rules of arrays, and headers that promise too much."""

import zipfile
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from ganvas.data.arrays import from_arrays
from ganvas.data.pictures import array_files
from ganvas.data.pictures.array_files import read_array_file
from ganvas.data.pictures.preparation import Preparation
from ganvas.data.pictures.read import read_pictures
from ganvas.errors import DataError
from tests.picture_helpers import noise

IMAGES, LABELS = noise(6, 8, 9, 3), np.array([0, 1, 2, 0, 1, 2])


def saved(folder: Path, name: str = "x.npz", **arrays: Any) -> Path:
    path = folder / name
    np.savez_compressed(path, **arrays)
    return path


def header(shape: tuple[int, ...], descr: str = "|u1") -> bytes:
    buffer = BytesIO()
    np.lib.format.write_array_header_1_0(
        buffer, {"descr": descr, "fortran_order": False, "shape": shape}
    )
    return buffer.getvalue()


def test_npz_is_what_from_arrays_makes_of_it(tmp_path: Path) -> None:
    names = np.array(["cat", "dog", "eel"])
    path = saved(tmp_path, images=IMAGES, labels=LABELS, class_names=names)
    found = read_pictures(path)
    same = from_arrays(IMAGES, LABELS, class_names=list(names), held_out=0)
    np.testing.assert_array_equal(found.images, same.train.images)
    np.testing.assert_array_equal(found.labels, same.train.labels)
    assert found.class_names == ("cat", "dog", "eel")
    assert found.names == ()


@pytest.mark.parametrize("images", [IMAGES[..., 0], IMAGES, IMAGES.transpose(0, 3, 1, 2)])
def test_every_layout_and_float_comes_to_the_same(tmp_path: Path, images: np.ndarray) -> None:
    np.save(tmp_path / "a.npy", images)
    np.save(tmp_path / "b.npy", np.asfortranarray(images / 255))
    plain = read_array_file(tmp_path / "a.npy")
    np.testing.assert_array_equal(plain.images, read_array_file(tmp_path / "b.npy").images)
    np.testing.assert_array_equal(plain.images[:, 0], IMAGES[..., 0])
    assert (plain.labels, plain.class_names) == (None, ())


def test_one_image_is_enough_and_sizes_can_be_asked_for(tmp_path: Path) -> None:
    path = saved(tmp_path, images=noise(1, 200, 300, 3))
    with pytest.raises(DataError, match=r"x\.npz: images of shape .* read as 200x300 pixels"):
        read_array_file(path)
    small = read_array_file(path, preparation=Preparation.of(16, 1))
    assert small.images.shape == (1, 1, 16, 16)


def test_names_that_samplers_use_are_known(tmp_path: Path) -> None:
    path = tmp_path / "x.npz"
    np.savez(path, IMAGES, LABELS)
    found = read_array_file(path)
    assert found.labels is not None
    assert (len(found.images), found.labels.tolist()) == (6, LABELS.tolist())


@pytest.mark.parametrize(
    ("arrays", "message"),
    [
        ({"image": IMAGES}, r"has no array 'images' \(it has image\); save it with numpy"),
        ({}, "it has nothing"),
        (
            {"images": IMAGES.astype(object)},
            "'images', cannot be read: it holds Python objects",
        ),
        ({"images": IMAGES, "labels": LABELS[:5]}, r"labels must be one .* 6 images, .*got shape"),
        ({"images": IMAGES, "labels": LABELS + 0.5}, "labels must be integers"),
        ({"images": IMAGES, "labels": LABELS, "class_names": ["a", "b"]}, "labels must be 0 to 1"),
        ({"images": IMAGES[:0]}, "at least 1 images are needed, got 0"),
        ({"images": IMAGES / 100}, "float images must lie"),
    ],
)
def test_arrays_that_break_a_rule_name_the_file(
    tmp_path: Path, arrays: dict[str, Any], message: str
) -> None:
    with pytest.raises(DataError, match=rf"x\.npz.*{message}"):
        read_array_file(saved(tmp_path, **arrays))


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "cannot be read"),
        (b"text", "cannot be read"),
        (header((10**6, 10**6)), "declares 1,000,000,000,000 bytes, at most 8,589,934,592"),
        (header((4, 8, 8)) + bytes(255), "is damaged: its header needs 256 bytes, found 255"),
        (header((4, 8, 8)) + bytes(257), "needs 256 bytes, found 257"),
        (header((4, 8, 8), "|O") + bytes(256), "holds Python objects"),
    ],
)
def test_npy_headers_are_looked_at_first(tmp_path: Path, content: bytes, message: str) -> None:
    path = tmp_path / "x.npy"
    path.write_bytes(content)
    with pytest.raises(DataError, match=message):
        read_array_file(path)


def test_a_member_that_unpacks_to_more_than_it_says_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "x.npz"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("images.npy", header((4, 8, 8)) + bytes(5_000_000))
    with pytest.raises(DataError, match="the header of 'images' needs 256 bytes, found 5000000"):
        read_array_file(path)
    monkeypatch.setattr(array_files, "MAX_ARRAY_BYTES", 1000)
    with pytest.raises(DataError, match="'images', declares 1,296 bytes, at most 1,000"):
        read_array_file(saved(tmp_path, images=IMAGES))


def test_any_cut_is_refused(tmp_path: Path) -> None:
    for path in (saved(tmp_path, images=IMAGES), tmp_path / "x.npy"):
        if path.suffix == ".npy":
            np.save(path, IMAGES)
        whole = path.read_bytes()
        for keep in range(0, len(whole), 37):
            path.write_bytes(whole[:keep])
            with pytest.raises(DataError, match=r"x\.np"):
                read_array_file(path)


def test_an_npz_that_unpacks_to_far_too_much_is_not_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ganvas.data.archives.limits.FREE_BYTES", 1 << 16)
    path = tmp_path / "x.npz"
    np.savez_compressed(path, images=np.zeros((4096, 8, 8), np.uint8))
    with pytest.raises(DataError, match=r"x\.npz unpacks to 262,272 bytes or more from"):
        read_array_file(path)
