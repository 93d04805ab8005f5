"""What the doctor looks at in data: counted exactly, the same every time, absent where unknown."""

from typing import Any

import numpy as np
import pytest

from ganvas import data
from ganvas.data.images import DataSet
from ganvas.evaluation.data_figures import data_figures

DIGITS = data.load("mnist", held_out=0)
ROWS = np.arange(400)


def digits(shift: int = 0, **changes: Any) -> DataSet:
    """Some digits whose labels are off by `shift`, by a name that the shipped judge knows."""
    assert isinstance(DIGITS, DataSet)
    labels = DIGITS.train.labels
    assert labels is not None
    images = changes.pop("images", DIGITS.train.take(ROWS).transpose(0, 2, 3, 1))
    labels = np.resize((labels[ROWS] + shift) % 10, len(images))
    settings = {"held_out": 50, "class_names": DIGITS.class_names, "name": "mnist", **changes}
    return data.from_arrays(images, labels, **settings)


def test_digits_are_sound() -> None:
    figures = data_figures(digits(), most=1_000)
    assert figures["images"] == 400
    assert figures["looked_at"] == 350
    assert figures["copies"] == {"train": 0, "held_out": 0, "test": 0}
    assert figures["near_copies"] == 0
    assert (figures["low"], figures["high"]) == (0, 255)
    assert figures["wrong"] < 0.02
    assert 0 < figures["judge_errs"] < 0.01


def test_wrong_labels_are_counted() -> None:
    assert data_figures(digits(shift=1), most=1_000)["wrong"] > 0.95


def test_copies_are_counted_exactly_and_nearly() -> None:
    images = np.tile(DIGITS.train.take(ROWS[:200]).transpose(0, 2, 3, 1), (2, 1, 1, 1))
    figures = data_figures(digits(images=images), most=1_000)
    assert figures["copies"]["train"] == 200
    assert figures["near_copies"] > 0.7


def test_so_many_are_looked_at_and_the_same_ones_each_time() -> None:
    figures = data_figures(digits(), most=100)
    assert figures["looked_at"] == 100
    assert data_figures(digits(), most=100) == figures


def test_of_very_many_images_copies_are_not_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ganvas.evaluation.data_figures._MOST_COMPARED", 399)
    assert data_figures(digits(), most=100)["copies"] is None


def test_data_that_no_judge_knows_has_no_wrong_labels() -> None:
    figures = data_figures(digits(name="strange"), most=100)
    assert figures["wrong"] is None
    assert figures["judge_errs"] == 0
