"""Pictures decoded once into the cache: the same images, whatever stops it half way."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ganvas.data import Preparation, load
from ganvas.data.images import DataSet
from ganvas.data.store import import_stream
from ganvas.data.store.card import sets_folder
from ganvas.data.store.importing import Imported, import_data
from ganvas.data.store.write import exclusive, without_gaps
from ganvas.errors import DataError, GanvasError, UsageError
from tests.archive_helpers import pack_tar, pack_zip
from tests.picture_helpers import noise, numbered, to_bytes, write_files

NAMES = [f"{name}/{i}.png" for name in ("cat", "dog", "emu") for i in range(16)]


@pytest.fixture(autouse=True)
def _cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GANVAS_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(import_stream, "_EVERY", 10)


@pytest.fixture
def pets(tmp_path: Path) -> Path:
    return write_files(tmp_path / "pets", numbered(*NAMES))


def imported(source: str | Path, name: str = "mine", **options: Any) -> Imported:
    return import_data(source, name, **options)


def pixels(dataset: DataSet) -> list[int]:
    parts = [dataset.train, dataset.held_out, *([dataset.test] if dataset.test else [])]
    return sorted(int(p) for part in parts for p in part.images[:, 0, 0, 0])


def test_an_imported_folder_is_that_folder(pets: Path) -> None:
    found = imported(pets)
    mine, plain = load("mine"), load(pets)
    assert (mine.name, mine.reference, mine.class_names) == ("mine", "mine", plain.class_names)
    assert (found.card.num_train, found.refused, found.resumed) == (48, (), 0)
    assert mine.digest == found.card.digest
    assert mine.source == f"pictures in {pets}, imported"
    np.testing.assert_array_equal(mine.held_out.images, plain.held_out.images)
    for part in (mine.train, mine.held_out):
        np.testing.assert_array_equal(part.labels, part.images[:, 0, 0, 0] // 16)
    assert pixels(mine) == list(range(48))
    assert sorted(path.name for path in found.card.folder.iterdir()) == [
        "refused.jsonl", "set.json", "train-images.npy", "train-labels.npy",
    ]  # fmt: skip
    assert [path.name for path in sets_folder().iterdir()] == ["mine"]


def test_images_stay_in_the_file(pets: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    imported(pets)
    dataset = load("mine", held_out=9)
    whole = dataset.train.images.base
    assert isinstance(dataset.train.images, np.memmap)
    assert np.shares_memory(whole, dataset.held_out.images)
    assert len(dataset.held_out) == 9
    first = np.array(dataset.train.images)
    monkeypatch.setattr("ganvas.data.store.mapped._KEPT_BYTES", 0)
    for rows in (np.array([16, 3, 3]), np.array([0, 5]), np.array([], np.int64)):
        np.testing.assert_array_equal(dataset.train.take(rows), first[rows])


@pytest.mark.parametrize("stop", [10, 20, 40])
def test_a_stopped_import_goes_on_to_the_same_bytes(pets: Path, stop: int) -> None:
    write_files(pets, {"cat/99.png": b"", "emu/00.png": b"no"})
    whole = imported(pets, "whole", max_bad=0.1)

    def interrupt(done: int, total: int) -> None:
        assert total == 50
        if done == stop:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        imported(pets, max_bad=0.1, progress=interrupt)
    with pytest.raises(UsageError, match="unknown data set 'mine'"):
        load("mine")
    again = imported(pets, max_bad=0.1)
    assert again.resumed == stop
    assert again.refused == whole.refused
    assert again.card.digest == whole.card.digest


def test_what_was_decoded_is_not_decoded_again(pets: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_files(pets, {"cat/99.png": b""})
    with pytest.raises(DataError, match=r"1 of 49 .*'cat/99\.png': zero bytes; all are listed in"):
        imported(pets)
    monkeypatch.setattr(import_stream, "decode_all", lambda *a: pytest.fail("decoded again"))
    found = imported(pets, max_bad=0.1)
    assert (found.resumed, found.card.num_train) == (49, 48)
    assert pixels(load("mine")) == list(range(48))


def test_another_folder_starts_anew(pets: Path) -> None:
    write_files(pets, {"cat/99.png": b""})
    with pytest.raises(DataError, match="1 of 49"):
        imported(pets)
    (pets / "cat" / "99.png").unlink()
    assert imported(pets).resumed == 0
    assert pixels(load("mine")) == list(range(48))
    assert imported(pets, "small", preparation=Preparation.of(8, 3)).card.shape == (3, 8, 8)


bad_rows = st.sets(st.integers(0, 23), max_size=20)


@given(bad_rows)
def test_gaps_are_closed_with_labels_in_step(bad: set[int]) -> None:
    kept = np.array([row not in bad for row in range(24)])
    places = without_gaps(kept)
    assert sorted(places) == [row for row in range(24) if row not in bad]
    stay = places < len(places)
    assert (places[stay] == np.flatnonzero(stay)).all()


@pytest.mark.parametrize("bad", [{0}, {47}, {0, 1, 2, 3, 44, 45, 46, 47}, set(range(0, 48, 3))])
def test_refused_pictures_leave_no_gap(pets: Path, bad: set[int]) -> None:
    write_files(pets, {NAMES[row]: b"" for row in bad})
    found = imported(pets, max_bad=0.5)
    dataset = load("mine", held_out=5)
    assert pixels(dataset) == [row for row in range(48) if row not in bad]
    for part in (dataset.train, dataset.held_out):
        np.testing.assert_array_equal(part.labels, part.images[:, 0, 0, 0] // 16)
    lines = (found.card.folder / "refused.jsonl").read_text().splitlines()
    listed = [json.loads(line) for line in lines]
    assert {entry["file"] for entry in listed} == {NAMES[row] for row in bad}
    assert {entry["reason"] for entry in listed} == {"zero bytes"}


def test_test_splits_and_archives_are_imported(tmp_path: Path) -> None:
    files = numbered(
        *(f"{s}/{c}/{i}.png" for s in ("train", "test") for c in "ab" for i in range(9))
    )
    digests = set()
    for number, source in enumerate(
        (
            write_files(tmp_path / "x", files),
            pack_zip(tmp_path / "x.zip", files),
            pack_tar(tmp_path / "x.tar.gz", dict(reversed(files.items())), "w:gz"),
        )
    ):
        name = f"n{number}"
        digests.add(imported(source, name).card.digest)
        dataset = load(name)
        assert dataset.test is not None
        assert (len(dataset.test), pixels(dataset)) == (18, list(range(36)))
    assert len(digests) == 1


def test_arrays_and_named_sets_are_imported(tmp_path: Path) -> None:
    path = tmp_path / "x.npz"
    np.savez(path, images=noise(24, 8, 8), labels=np.arange(24) % 2)
    imported(path, "arrays-of-mine")
    assert load("arrays-of-mine").num_classes == 2
    found = imported("mnist:3,5", "some", preparation=Preparation.of(8))
    some, plain = load("some"), load("mnist:3,5", preparation=Preparation.of(8))
    np.testing.assert_array_equal(some.held_out.images, plain.held_out.images)
    assert some.test is not None
    assert plain.test is not None
    np.testing.assert_array_equal(some.test.images, plain.test.images)
    assert some.parent == plain.parent
    assert found.card.licence == plain.licence
    imported("some:5", "five")
    assert load("five").parent is not None
    assert some.held_out.labels is not None
    assert len(load("five").held_out) == some.held_out.labels.sum()


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("mnist", "is the name of a data set that ganvas knows"),
        ("arrays", "is the name of a data set"),
        ("../out", "must be letters, digits"),
        ("", "must be letters, digits"),
        (".x", "must be letters"),
    ],
)
def test_names_that_cannot_be_are_refused(pets: Path, name: str, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        imported(pets, name)


def test_a_taken_name_is_only_replaced_when_asked(pets: Path) -> None:
    imported(pets)
    with pytest.raises(UsageError, match=r"there is a data set 'mine' already; .* --replace"):
        imported(pets)
    imported(pets, preparation=Preparation.of(8), replace_old=True)
    assert load("mine").width == 8


def test_what_is_replaced_is_there_until_the_new_one_is(
    pets: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    imported(pets)
    rename = Path.rename

    def fails(self: Path, target: Path) -> Path:
        if self.name == ".mine.part":
            raise OSError(28, "No space left on device")
        return rename(self, target)

    before = load("mine").train.images.copy()
    with monkeypatch.context() as patch:
        patch.setattr(Path, "rename", fails)
        with pytest.raises(GanvasError, match="No space left"):
            imported(pets, preparation=Preparation.of(8), replace_old=True)
    assert np.array_equal(load("mine").train.images, before)
    found = imported(pets, preparation=Preparation.of(8), replace_old=True)
    assert found.resumed == len(NAMES)  # what was decoded is not decoded again
    assert load("mine").width == 8
    assert sorted(p.name for p in sets_folder().iterdir() if p.is_dir()) == ["mine"]


def test_refused_pictures_of_chosen_classes_are_named(pets: Path) -> None:
    write_files(pets, {"cat/3.png": b"", "emu/3.png": b""})
    found = imported(f"{pets}:cat,dog", max_bad=0.1)
    assert {bad.reason for bad in found.refused} == {"zero bytes"}
    listed = (found.card.folder / "refused.jsonl").read_text().splitlines()
    assert [json.loads(line)["file"] for line in listed] == [bad.name for bad in found.refused]
    assert "cat/3.png" in [bad.name for bad in found.refused]
    with pytest.raises(DataError, match="more than 20 files"):
        imported(f"{pets}:cat,dog", "few", max_bad=0.1, max_members=20)


def test_mixed_sizes_too_few_and_no_pictures_are_refused(pets: Path, tmp_path: Path) -> None:
    write_files(pets, {"emu/99.png": to_bytes(noise(9, 9))})
    with pytest.raises(DataError, match=r"mixes sizes: 'cat/0\.png' is 8x9, 'emu/99\.png' is 9x9"):
        imported(pets)
    with pytest.raises(DataError, match="one training image, at least 2"):
        imported(write_files(tmp_path / "one", numbered("1.png")), "one")
    with pytest.raises(DataError, match="no pictures in"):
        imported(write_files(tmp_path / "none", {"x.txt": b""}), "none")
    with pytest.raises(DataError, match="holds more than 5 files"):
        imported(pets, max_members=5)


def test_two_at_once_are_told(pets: Path) -> None:
    sets_folder().mkdir(parents=True)
    with (
        exclusive(sets_folder() / ".mine.lock"),
        pytest.raises(DataError, match="another process is importing"),
    ):
        imported(pets)


@pytest.mark.parametrize("kind", ["mixed", "one", "arrays"])
def test_of_a_refused_import_nothing_stays(kind: str, pets: Path, tmp_path: Path) -> None:
    source = pets
    if kind == "mixed":
        write_files(pets, {"emu/99.png": to_bytes(noise(9, 9))})
    elif kind == "one":
        source = write_files(tmp_path / "one", numbered("1.png"))
    else:
        source = tmp_path / "one.npz"
        np.savez(source, images=np.zeros((1, 8, 8), np.uint8))
    with pytest.raises(DataError):
        imported(source)
    assert not [path.name for path in sets_folder().iterdir() if path.is_dir()]
