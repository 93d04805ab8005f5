"""What is in the cache: found by name, checked, and arrays kept for the runs they belong to."""

import json
from pathlib import Path

import numpy as np
import pytest

from ganvas.data import from_arrays, load, names, parse_data, verify
from ganvas.data.catalogue import listing
from ganvas.data.store import keep
from ganvas.data.store.card import StoredSet, arrays_folder
from ganvas.data.store.importing import import_data
from ganvas.data.store.keep import keep_arrays
from ganvas.errors import DataError, UsageError
from tests.picture_helpers import noise

IMAGES, LABELS = noise(40, 3, 8, 9), np.arange(40) % 4


@pytest.fixture(autouse=True)
def _cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GANVAS_CACHE", str(tmp_path / "cache"))


@pytest.fixture
def mine(tmp_path: Path) -> StoredSet:
    np.savez(tmp_path / "x.npz", images=IMAGES, labels=LABELS)
    return import_data(tmp_path / "x.npz", "mine").card


def test_an_imported_set_is_listed_and_asked_for_by_name(mine: StoredSet) -> None:
    assert names()[-1] == "mine"
    entry = listing()[-1]
    assert (entry.name, entry.state, entry.num_images, entry.size) == (
        "mine",
        "imported",
        40,
        (8, 9),
    )
    assert entry.line.endswith(f"40 RGB images of 8x9 in 4 classes; imported into {mine.folder}")
    asked = parse_data("mine:0,1")
    assert (asked.name, asked.path, asked.classes) == ("mine", None, ("0", "1"))
    with pytest.raises(UsageError, match="unknown data set 'mien'; did you mean 'mine'"):
        load("mien")


def test_an_imported_set_verifies(mine: StoredSet) -> None:
    assert [(check.file, check.state) for check in verify("mine")] == [("mine", "ok")]
    path = mine.folder / "train-images.npy"
    content = bytearray(path.read_bytes())
    content[-1] ^= 1
    path.write_bytes(content)
    (check,) = verify("mine")
    assert (check.state, check.expected) == ("damaged", mine.digest)
    assert check.found != mine.digest


@pytest.mark.parametrize(
    ("file", "content", "message"),
    [
        ("set.json", b"{", r"set\.json is damaged"),
        ("set.json", b"[]", r"set\.json is damaged"),
        ("set.json", b'{"format": 99}', "of another version of ganvas"),
        ("train-images.npy", b"", r"train-images\.npy cannot be read"),
        ("train-labels.npy", None, r"train-labels\.npy cannot be read: No such file"),
    ],
)
def test_damage_is_named_with_the_remedy(
    mine: StoredSet, file: str, content: bytes | None, message: str
) -> None:
    if content is None:
        (mine.folder / file).unlink()
    else:
        (mine.folder / file).write_bytes(content)
    with pytest.raises(DataError, match=rf"{message}.*import the data again"):
        load("mine")
    assert len(listing()) >= 4


@pytest.mark.parametrize(
    ("key", "value"),
    [("shape", [3, 9, 8]), ("num_train", 41), ("order", "odd"), ("class_names", ["a"])],
)
def test_a_card_that_does_not_fit_is_damage(mine: StoredSet, key: str, value: object) -> None:
    path = mine.folder / "set.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {key: value}))
    with pytest.raises(DataError, match="import the data again"):
        load("mine")


@pytest.mark.parametrize("labels", [None, LABELS])
@pytest.mark.parametrize("held_out", [None, 0, 7])
def test_kept_arrays_come_back_just_as_they_were(
    labels: np.ndarray | None, held_out: int | None
) -> None:
    dataset = from_arrays(IMAGES, labels, held_out=held_out)
    kept = keep_arrays(dataset)
    assert (dataset.reference, kept.reference) == ("", dataset.digest)
    again = load(kept.reference, held_out=len(dataset.held_out))
    assert (again.name, again.digest, again.reference) == ("arrays", dataset.digest, kept.reference)
    for mine, theirs in ((again.train, dataset.train), (again.held_out, dataset.held_out)):
        np.testing.assert_array_equal(mine.images, theirs.images)
        np.testing.assert_array_equal(mine.labels, theirs.labels)
    assert again.class_names == dataset.class_names
    assert [check.state for check in verify(kept.reference)] == ["ok"]


def test_kept_arrays_are_written_once_and_have_classes() -> None:
    dataset = from_arrays(IMAGES, LABELS)
    keep_arrays(dataset)
    card = arrays_folder(dataset.digest) / "set.json"
    before = card.stat().st_mtime_ns
    keep_arrays(dataset)
    assert card.stat().st_mtime_ns == before
    some = load(f"{dataset.digest}:3", held_out=1)
    assert (some.name, some.reference) == ("arrays:3", f"{dataset.digest}:3")
    assert names() == ("mnist", "fashion-mnist", "cifar10", "stacked-mnist", "ring", "grid")


def test_what_is_no_plain_array_is_not_kept(
    mine: StoredSet, monkeypatch: pytest.MonkeyPatch
) -> None:
    named = load("mine")
    assert keep_arrays(named) is named
    dataset = from_arrays(IMAGES)
    monkeypatch.setattr(keep, "MAX_KEPT_BYTES", IMAGES.nbytes - 1)
    assert keep_arrays(dataset) is dataset
    assert not arrays_folder(dataset.digest).exists()


def test_arrays_that_are_gone_are_told() -> None:
    digest = from_arrays(IMAGES).digest
    for text in (digest, f"{digest}:1"):
        with pytest.raises(UsageError, match=r"arrays sha256:\w{12}\.\.\. are no longer kept"):
            load(text)
