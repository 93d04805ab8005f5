"""Data that is to be spoiled is spoiled as described, and not otherwise."""

from typing import Any

import numpy as np
import pytest

from bench import spoil_data
from ganvas import data
from ganvas.data.images import DataSet
from tests.bench_helpers import labelled, small_set, together


def spoiled(monkeypatch: pytest.MonkeyPatch, whole: DataSet, **described: Any) -> DataSet:
    """The change of a data set that is the whole of what can be loaded, nothing held out."""
    monkeypatch.setattr(data, "load", lambda name, held_out: whole)
    found: DataSet = spoil_data.spoiled_data(described)
    return found


def test_labels_are_rotated(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = small_set(20_000)
    wrong = labelled(spoiled(monkeypatch, whole, name="x", change="rotate_labels"))
    assert all(wrong[image] == (label + 1) % 3 for image, label in labelled(whole).items())


def test_a_share_of_the_labels_is_shuffled(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = small_set(20_000)
    changed = labelled(spoiled(monkeypatch, whole, name="x", change="shuffle_labels", share=0.6))
    wrong = np.mean([changed[image] != label for image, label in labelled(whole).items()])
    assert wrong == pytest.approx(0.6 * 2 / 3, abs=0.02)  # a third stays right by chance


def test_a_share_of_the_images_are_copies(monkeypatch: pytest.MonkeyPatch) -> None:
    changed = spoiled(
        monkeypatch, small_set(4_000), name="x", change="copies", count=3_000, of=10, share=0.5
    )
    images, _ = together(changed)
    seen = np.unique(images.reshape(len(images), -1), axis=0, return_counts=True)[1]
    assert (len(images), (seen > 1).sum(), seen[seen > 1].sum()) == (3_000, 10, 1_510)


def test_classes_get_rarer_and_rarer(monkeypatch: pytest.MonkeyPatch) -> None:
    changed = spoiled(monkeypatch, small_set(9_000), name="x", change="long_tail", ratio=0.1)
    _, labels = together(changed)
    assert np.bincount(labels).tolist() == [3_000, 300, 30]


def test_a_share_of_the_images_is_blank(monkeypatch: pytest.MonkeyPatch) -> None:
    changed = spoiled(monkeypatch, small_set(20_000), name="x", change="blank", share=0.3)
    images, _ = together(changed)
    assert (images.reshape(len(images), -1) == 0).all(axis=1).mean() == pytest.approx(0.3)


def test_brightness_is_squeezed(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = small_set(20_000)
    images, _ = together(spoiled(monkeypatch, whole, name="x", change="squeeze", low=100, high=140))
    assert (images.min(), images.max()) == (100, 140)
