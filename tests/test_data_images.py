"""What a data set is, whoever made it: its arrays fit, and taking rows leaves it as it was."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ganvas.data.images import DataSet, Images
from tests.picture_helpers import noise


def part(split: str = "train", count: int = 6, classes: int = 2, side: int = 8) -> Images:
    labels = np.arange(count) % classes if classes else None
    return Images(split=split, images=noise(count, 1, side, side), labels=labels)  # type: ignore[arg-type]


def whole(**changes: object) -> DataSet:
    dataset = DataSet(
        name="noise",
        train=part(),
        held_out=part("held_out", 2),
        test=part("test", 3),
        class_names=("even", "odd"),
        digest="",
        source="memory",
        licence="",
    )
    return replace(dataset, **changes)  # type: ignore[arg-type]


@given(st.lists(st.integers(0, 99), max_size=40))
def test_rows_are_taken_in_the_order_asked_for_as_a_copy(rows: list[int]) -> None:
    images = np.zeros((100, 1, 8, 8), np.uint8)
    images[:, 0, 0, 0] = np.arange(100)
    split = Images(split="train", images=images, labels=None)
    taken = split.take(np.array(rows, np.int64))
    assert taken.shape == (len(rows), 1, 8, 8)
    assert taken.dtype == np.uint8
    assert taken[:, 0, 0, 0].tolist() == rows
    taken[:] = 255
    assert images[:, 0, 0, 0].tolist() == list(range(100))


@pytest.mark.parametrize(
    ("images", "labels"),
    [
        (noise(2, 1, 8, 8).astype(np.float32), None),
        (noise(2, 1, 8, 8)[0], None),
        (noise(2, 2, 8, 8), None),
        (noise(2, 1, 8, 8), np.arange(3)),
        (noise(2, 1, 8, 8), np.arange(2, dtype=np.int32)),
        (noise(2, 1, 8, 8), np.zeros((2, 1, 1), np.int64)),
    ],
    ids=["floats", "one image", "two channels", "a label more", "short labels", "labels of 3"],
)
def test_arrays_that_do_not_fit_are_no_split(images: np.ndarray, labels: np.ndarray | None) -> None:
    with pytest.raises(AssertionError):
        Images(split="train", images=images, labels=labels)


def test_a_split_has_a_name_that_is_known() -> None:
    with pytest.raises(AssertionError, match="validation"):
        part("validation")


@pytest.mark.parametrize(
    "changes",
    [
        {"held_out": part("held_out", side=9)},
        {"test": part("test", classes=0)},
        {"class_names": ()},
        {"train": part(classes=0), "held_out": part("held_out", classes=0), "test": None},
    ],
    ids=["another size", "a split without labels", "labels without names", "names without labels"],
)
def test_splits_that_do_not_fit_each_other_are_no_data_set(changes: dict[str, object]) -> None:
    with pytest.raises(AssertionError):
        whole(**changes)


@pytest.mark.parametrize("channels", [1, 3, 4])
def test_the_shape_is_that_of_its_images(channels: int) -> None:
    images = noise(5, channels, 9, 11)
    train, rest = images[:3], images[3:]
    dataset = whole(
        train=Images(split="train", images=train, labels=None),
        held_out=Images(split="held_out", images=rest, labels=None),
        test=None,
        class_names=(),
    )
    assert (dataset.channels, dataset.height, dataset.width) == (channels, 9, 11)
    assert dataset.num_classes == 0
    assert whole().num_classes == 2
