"""CIFAR's binary layout, from a small made-up set in it, and the real one where it is."""

import io
import os
import tarfile
from dataclasses import replace
from hashlib import md5, sha256
from pathlib import Path

import numpy as np
import pytest

from ganvas.data import load, verify
from ganvas.data.catalogue import listing
from ganvas.data.images import ImageArray
from ganvas.data.named.find import cache_folder
from ganvas.data.named.sources import CIFAR10, SOURCES, BinarySource
from ganvas.errors import DataError, UsageError
from tests.picture_helpers import noise, to_bytes
from tests.test_data_sources import mirror

EACH = 20
LABELS = np.arange(6 * EACH) % 10


def images() -> ImageArray:
    """Five training batches and one of test images: uint8 (N, 3, 32, 32)."""
    return noise(6 * EACH, 3, 32, 32)


@pytest.fixture
def tiny(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[BinarySource, Path]:
    """A set in the layout and the folder of its batches; nothing of it is where it is found."""
    monkeypatch.setenv("GANVAS_CACHE", str(tmp_path / "cache"))
    folder = tmp_path / "original" / CIFAR10.folder
    folder.mkdir(parents=True)
    published: dict[str, str] = {}
    for number, name in enumerate((*CIFAR10.train_files, *CIFAR10.test_files)):
        content = b""
        for row in range(number * EACH, (number + 1) * EACH):
            content += bytes([LABELS[row]]) + images()[row].tobytes()
        (folder / name).write_bytes(content)
        published[name] = md5(content, usedforsecurity=False).hexdigest()
    (folder / "batches.meta.txt").write_text("airplane\n")
    archive = pack(folder, tmp_path / "original" / CIFAR10.archive.name)
    source = replace(
        CIFAR10,
        num_train=5 * EACH,
        num_test=EACH,
        train_files={name: published[name] for name in CIFAR10.train_files},
        test_files={name: published[name] for name in CIFAR10.test_files},
        archive=replace(
            CIFAR10.archive,
            num_bytes=archive.stat().st_size,
            download_bytes=archive.stat().st_size,
            digest=sha256(archive.read_bytes()).hexdigest(),
        ),
        mirrors=(),
    )
    monkeypatch.setitem(SOURCES, "cifar10", source)
    return source, folder


def pack(folder: Path, path: Path, *, backwards: bool = False) -> Path:
    with tarfile.open(path, "w:gz") as archive:
        for file in sorted(folder.iterdir(), reverse=backwards):
            archive.add(file, f"{CIFAR10.folder}/{file.name}")
    return path


def test_every_copy_is_read_the_same(tiny: tuple[BinarySource, Path], tmp_path: Path) -> None:
    _, folder = tiny
    backwards = tmp_path / "backwards"
    backwards.mkdir()
    pack(folder, backwards / CIFAR10.archive.name, backwards=True)
    digests = set()
    for data_dir in (folder.parent, folder, backwards):
        dataset = load("cifar10", data_dir=data_dir, held_out=0)
        np.testing.assert_array_equal(dataset.train.images, images()[: 5 * EACH])
        np.testing.assert_array_equal(dataset.train.labels, LABELS[: 5 * EACH])
        assert dataset.test is not None
        np.testing.assert_array_equal(dataset.test.images, images()[5 * EACH :])
        assert dataset.class_names[1] == "automobile"
        assert "not the published" not in dataset.source
        digests.add(dataset.digest)
    assert len(digests) == 1
    cars = load("cifar10:automobile", data_dir=folder, held_out=1)
    assert (cars.name, cars.num_classes, cars.parent and cars.parent.name) == (
        "cifar10:automobile", 1, "cifar10",
    )  # fmt: skip


def test_it_is_downloaded_once_and_checked(
    tiny: tuple[BinarySource, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    source, folder = tiny
    with pytest.raises(DataError, match=r"cifar10: cifar-10-binary\.tar\.gz not found .*data-dir"):
        load("cifar10", held_out=0)
    entry = listing()[2]
    assert (entry.state, entry.download_bytes) == ("download", source.archive.num_bytes)
    with mirror(source, folder.parent, monkeypatch):  # type: ignore[arg-type]
        first = load("cifar10", held_out=0)
    assert [path.name for path in (cache_folder() / "cifar10").iterdir()] == [source.archive.name]
    assert load("cifar10", held_out=0, download=False).digest == first.digest
    assert listing()[2].state == "found"
    assert [check.state for check in verify("cifar10")] == ["ok"]


def test_a_mirror_with_another_archive_is_refused(
    tiny: tuple[BinarySource, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    source, folder = tiny
    pack(folder, folder.parent / source.archive.name, backwards=True)
    with (
        mirror(source, folder.parent, monkeypatch),  # type: ignore[arg-type]
        pytest.raises(DataError, match=rf"expected sha256 {source.archive.digest}, found"),
    ):
        load("cifar10", held_out=0)


def test_other_images_in_the_layout_are_taken_and_told(tiny: tuple[BinarySource, Path]) -> None:
    source, folder = tiny
    path = folder / "data_batch_2.bin"
    content = bytearray(path.read_bytes())
    content[9] ^= 1
    path.write_bytes(content)
    dataset = load("cifar10", data_dir=folder, held_out=0)
    assert dataset.source == f"files in {folder} (not the published images: data_batch_2.bin)"
    states = {check.file: check.state for check in verify("cifar10", folder)}
    assert states == dict.fromkeys((*source.train_files, *source.test_files), "ok") | {
        "data_batch_2.bin": "damaged"
    }
    pack(folder, folder.parent / source.archive.name)
    assert "not the published" in load("cifar10", data_dir=folder.parent, held_out=0).source
    (check,) = verify("cifar10", folder.parent)
    assert (check.state, check.expected) == ("damaged", source.archive.digest)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda content: content[:-1], r"expected 20 records of 3073 bytes, found 61,459 bytes"),
        (lambda content: content + b"x", "found 61,461 bytes"),
        (lambda content: b"\x0a" + content[1:], "labels are to be below 10, found 10"),
        (lambda content: b"", "zero bytes"),
    ],
)
def test_batches_laid_out_otherwise_are_damaged(
    tiny: tuple[BinarySource, Path], change: object, message: str
) -> None:
    _, folder = tiny
    assert callable(change)
    path = folder / "data_batch_4.bin"
    path.write_bytes(change(path.read_bytes()))
    with pytest.raises(DataError, match=rf"data_batch_4\.bin.*{message}"):
        load("cifar10", data_dir=folder, held_out=0)


def test_an_archive_without_a_batch_names_it(tiny: tuple[BinarySource, Path]) -> None:
    _, folder = tiny
    (folder / "data_batch_3.bin").unlink()
    pack(folder, folder.parent / CIFAR10.archive.name)
    with pytest.raises(DataError, match=r"holds no data_batch_3\.bin; get the file again"):
        load("cifar10", data_dir=folder.parent, held_out=0)


def test_class_folders_stand_in(
    tiny: tuple[BinarySource, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source, _ = tiny
    place = tmp_path / "pictures"
    place.mkdir()
    names = CIFAR10.class_names
    with tarfile.open(place / CIFAR10.pictures, "w:xz") as archive:
        for row, image in enumerate(images()):
            split = "train" if row < 5 * EACH else "test"
            content = to_bytes(np.ascontiguousarray(image.transpose(1, 2, 0)))
            info = tarfile.TarInfo(f"{split}/{names[LABELS[row]]}/{row:04}.png")
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    dataset = load("cifar10", data_dir=place, held_out=0)
    assert dataset.source.endswith("(not the published images)")
    order = np.argsort(LABELS[: 5 * EACH], kind="stable")
    np.testing.assert_array_equal(dataset.train.images, images()[order])
    monkeypatch.setitem(SOURCES, "cifar10", replace(source, num_train=99))
    with pytest.raises(DataError, match="is not cifar10: expected train/ and test/ of 99 and 20"):
        load("cifar10", data_dir=place, held_out=0)


def test_a_data_dir_that_is_no_folder_names_the_archive(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"holds cifar-10-binary\.tar\.gz or cifar-10-batches"):
        load("cifar10", data_dir=tmp_path / "nothing")


@pytest.mark.slow
@pytest.mark.needs_test_data
def test_the_real_images(data_folder: Path) -> None:
    if "GANVAS_TEST_DATA" not in os.environ and not (data_folder / "cifar10").is_dir():
        pytest.skip("no folder of test data")
    dataset = load("cifar10", data_dir=data_folder, download=False)
    assert (len(dataset.train), len(dataset.held_out)) == (45_000, 5_000)
    assert dataset.test is not None
    assert dataset.test.labels is not None
    assert np.bincount(dataset.test.labels).tolist() == [1000] * 10
