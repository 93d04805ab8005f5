"""One's own folders and files as data sets."""

from pathlib import Path

import numpy as np
import pytest

from ganvas.data import Preparation, describe, load
from ganvas.data.refused import Refused, left_out
from ganvas.data.request import to_dataset
from ganvas.data.splits import arrays_to_digest
from ganvas.errors import DataError
from tests.picture_helpers import noise, numbered, to_bytes, write_files


@pytest.fixture
def pets(tmp_path: Path) -> Path:
    names = [f"{c}/{i}.png" for c in ("cat", "dog", "emu") for i in range(16)]
    return write_files(tmp_path / "pets", numbered(*names))


def test_a_folder_is_a_data_set(pets: Path) -> None:
    dataset = load(str(pets))
    assert (dataset.name, dataset.class_names) == ("pets", ("cat", "dog", "emu"))
    assert (len(dataset.train), len(dataset.held_out), dataset.test) == (44, 4, None)
    assert dataset.reference == str(pets)
    assert dataset.source == f"pictures in {pets}"
    rows = np.arange(48)
    for part in (dataset.train, dataset.held_out):
        np.testing.assert_array_equal(part.labels, part.images[:, 0, 0, 0] // 16)
    images = np.broadcast_to(rows.astype(np.uint8)[:, None, None, None], (48, 1, 8, 9))
    assert dataset.digest == arrays_to_digest(images=images, labels=rows // 16)


def test_it_is_the_same_by_any_way_of_asking(pets: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(pets.parent)
    first = load("pets")
    for same in (load(pets), load(first.reference), to_dataset("./pets"), to_dataset(pets)):
        assert (same.name, same.digest) == (first.name, first.digest)
        np.testing.assert_array_equal(same.held_out.images, first.held_out.images)
    assert len(to_dataset(pets, held_out=7).held_out) == 7
    assert len(load(pets, held_out=0).held_out) == 0


def test_classes_of_a_folder(pets: Path) -> None:
    dataset = load(f"{pets}:emu,0")
    assert (dataset.name, dataset.class_names) == ("pets:cat,emu", ("cat", "emu"))
    whole = load(pets)
    assert set(dataset.held_out.images[:, 0, 0, 0]) <= set(whole.held_out.images[:, 0, 0, 0])
    assert dataset.parent is not None
    assert dataset.parent.digest == whole.digest
    again = load(dataset.reference, held_out=len(dataset.held_out))
    np.testing.assert_array_equal(again.train.images, dataset.train.images)


def test_train_and_test_folders_are_splits(tmp_path: Path) -> None:
    names = [f"{s}/{c}/{i}.png" for s in ("test", "train") for c in "ab" for i in range(12)]
    dataset = load(write_files(tmp_path / "x", numbered(*names)))
    assert dataset.test is not None
    assert sorted(dataset.test.images[:, 0, 0, 0]) == list(range(24))
    assert len(dataset.train) + len(dataset.held_out) == 24
    assert dataset.test.labels is not None
    assert dataset.test.labels.tolist() == [0] * 12 + [1] * 12


def test_splits_of_different_sizes_are_refused(tmp_path: Path) -> None:
    files = numbered("train/1.png", "train/2.png") | {"test/1.png": to_bytes(noise(10, 10))}
    folder = write_files(tmp_path, files)
    with pytest.raises(DataError, match=r"mixes sizes: 'train/1\.png' is 8x9, 'test/1\.png' is"):
        load(folder)
    preparation = Preparation.of(8)
    dataset = load(folder, preparation=preparation)
    assert (dataset.height, dataset.width, dataset.preparation) == (8, 8, preparation)


def test_array_files_are_data_sets(tmp_path: Path) -> None:
    path = tmp_path / "made up.npz"
    np.savez(path, images=noise(24, 8, 8), labels=np.arange(24) % 2, class_names=["a", "b"])
    dataset = load(str(path))
    assert (dataset.name, dataset.class_names) == ("made-up", ("a", "b"))
    assert (len(dataset.train), len(dataset.held_out)) == (22, 2)
    assert load(f"{path}:b").num_classes == 1
    np.save(tmp_path / "odd.npy", noise(24, 8, 8, 8))
    with pytest.raises(DataError, match="say which with layout="):
        load(tmp_path / "odd.npy")
    np.save(tmp_path / "both.npy", noise(24, 3, 8, 3))
    assert load(tmp_path / "both.npy", layout="NCHW", preparation=Preparation.of(8)).channels == 3


def test_a_known_name_wins_over_a_folder_of_that_name(
    pets: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(pets.parent)
    pets.rename("mnist")
    assert load("mnist").num_classes == 10
    assert load("./mnist").name == "mnist-folder"


def test_one_picture_is_too_few_to_train_on(tmp_path: Path) -> None:
    folder = write_files(tmp_path, numbered("1.png"))
    with pytest.raises(DataError, match="holds one training image, at least 2 are needed"):
        load(folder)


def test_named_sets_come_in_other_sizes_too() -> None:
    small, plain = load("mnist:0", preparation=Preparation.of(8, 3)), load("mnist:0")
    assert small.train.images.shape == (len(plain.train), 3, 8, 8)
    np.testing.assert_array_equal(small.train.labels, plain.train.labels)
    assert small.digest != plain.digest
    assert abs(small.train.images.mean() - plain.train.images.mean()) < 5


def test_unreadable_pictures_count_in_each_split(pets: Path) -> None:
    write_files(pets, {"cat/99.png": b""})
    with pytest.raises(DataError, match="1 of 49 pictures"):
        load(pets)
    dataset = load(pets, held_out=0, max_bad=0.03)
    assert len(dataset.train) == 48
    assert dataset.refused == (Refused("cat/99.png", "zero bytes"),)
    assert load(f"{pets}:cat", max_bad=0.03).refused == dataset.refused
    assert load(f"{pets}:dog", max_bad=0.03).refused == ()
    assert describe(dataset)["refused"] == [{"name": "cat/99.png", "reason": "zero bytes"}]


def test_unreadable_pictures_of_both_splits_are_named(tmp_path: Path) -> None:
    names = [f"{s}/{c}/{i}.png" for s in ("test", "train") for c in "ab" for i in range(12)]
    place = write_files(tmp_path / "x", numbered(*names))
    write_files(place, {"train/a/x.png": b"", "test/b/y.png": b"no picture"})
    found = load(place, max_bad=0.1).refused
    assert [bad.name for bad in found] == ["train/a/x.png", "test/b/y.png"]


def test_a_sentence_names_the_first_files_left_out() -> None:
    many = [Refused(f"{number}.png", "zero bytes") for number in range(5)]
    assert left_out(many[:1]) == "1 picture left out that cannot be read ('0.png': zero bytes)"
    assert left_out(many).startswith("5 pictures left out")
    assert left_out(many).endswith("'2.png': zero bytes; and 2 more)")
    assert left_out([]) == ""
