"""Copies are counted exactly; what will hurt training is said, and nothing else."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ganvas.data.health import duplicates, warnings_about
from ganvas.data.images import DataSet, Images
from tests.picture_helpers import noise


def of_values(
    train: list[int], held_out: list[int], test: list[int] | None, labels: list[int] | None = None
) -> DataSet:
    """Images that are the same exactly where their values are."""

    def part(split: str, values: list[int]) -> Images:
        images = np.zeros((len(values), 1, 8, 8), np.uint8)
        images[:, 0, 7, 7] = values
        ids = None if labels is None else np.resize(np.array(labels), len(values)).astype(np.int64)
        return Images(split=split, images=images, labels=ids)  # type: ignore[arg-type]

    return DataSet(
        name="x", train=part("train", train), held_out=part("held_out", held_out),
        test=None if test is None else part("test", test),
        class_names=() if labels is None else ("cat", "dog"), digest="", source="", licence="",
    )  # fmt: skip


values = st.lists(st.integers(0, 9), max_size=30)


@given(values, values, st.none() | values)
def test_copies_are_those_that_sets_find(
    train: list[int], held_out: list[int], test: list[int] | None
) -> None:
    assert duplicates(of_values(train, held_out, test)) == {
        "train": len(train + held_out) - len(set(train + held_out)),
        "held_out": sum(value in train for value in held_out),
        "test": sum(value in train + held_out for value in test or ()),
    }


def sound(count: int, labels: np.ndarray) -> DataSet:
    labels = labels.astype(np.int64)
    return DataSet(
        name="x",
        train=Images(split="train", images=noise(count, 1, 8, 8), labels=labels),
        held_out=Images(split="held_out", images=noise(9, 1, 8, 8, seed=1), labels=labels[:9]),
        test=None, class_names=("cat", "dog"), digest="", source="", licence="",
    )  # fmt: skip


NO_COPIES = {"train": 0, "held_out": 0, "test": 0}


def test_a_sound_set_gets_no_warning() -> None:
    dataset = sound(1200, np.arange(1200) % 2)
    assert duplicates(dataset) == NO_COPIES
    assert warnings_about(dataset, NO_COPIES) == []


@pytest.mark.parametrize(
    ("dataset", "copies", "words"),
    [
        (sound(300, np.arange(300) % 2), {}, "only 309 training images"),
        (sound(1200, np.arange(1200) % 12 == 0), {}, "'cat' has 1,100 training images and 'dog'"),
        (sound(1200, np.arange(1200) < 1101), {}, "1 of 2 classes have fewer than 100"),
        (sound(1200, np.zeros(1200, np.int64)), {}, "class 'dog' has no training image"),
        (sound(1200, np.arange(1200) % 2), {"train": 13}, "13 of 1,209 training images are exact"),
        (sound(1200, np.arange(1200) % 2), {"test": 1}, "1 test images are also trained on"),
        (sound(1200, np.arange(1200) % 2), {"held_out": 2}, "2 held-out images are also"),
    ],
)
def test_each_fault_has_its_warning(dataset: DataSet, copies: dict[str, int], words: str) -> None:
    found = warnings_about(dataset, NO_COPIES | copies)
    assert any(words in sentence for sentence in found), found


def test_one_class_is_told_alone() -> None:
    images = Images(split="train", images=noise(1200, 1, 8, 8), labels=np.zeros(1200, np.int64))
    dataset = DataSet(
        name="x", train=images, test=None, class_names=("cat",), digest="", source="", licence="",
        held_out=Images(split="held_out", images=noise(0, 1, 8, 8), labels=np.zeros(0, np.int64)),
    )  # fmt: skip
    (sentence,) = warnings_about(dataset, NO_COPIES)
    assert sentence.startswith("one class only")
