"""Data sets spoiled on purpose, for the sabotage suite: few, copied, blank, mislabelled, and so on.

Each change takes the data set and a plain description from the cases' files.
"""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from ganvas import data
from ganvas.data.images import DataSet, ImageArray, LabelArray
from ganvas.data.request import names_points, to_data

__all__ = ["spoiled_data"]

_HELD_OUT = 5_000

_Change = Callable[[DataSet, Mapping[str, Any]], DataSet]


def spoiled_data(described: Mapping[str, Any]) -> Any:
    """Return the data set of a case: `name`, and how it is changed, if it is."""
    name = described.get("name", "mnist")
    if names_points(name):
        return to_data(name)
    dataset = data.load(name, held_out=_HELD_OUT)
    change = described.get("change")
    return dataset if change is None else _CHANGES[change](dataset, described)


def _few(dataset: DataSet, described: Mapping[str, Any]) -> DataSet:
    """Keep the first `count` to train on."""
    count, held_out = described["count"], 200
    return _of(dataset, *_rows(dataset, np.arange(count + held_out)), held_out=held_out)


def _one_class(dataset: DataSet, described: Mapping[str, Any]) -> DataSet:
    """Keep so many of the other classes that the first has this `share`."""
    labels = _labels(dataset)
    first = np.flatnonzero(labels == 0)
    others = np.flatnonzero(labels != 0)
    share = described["share"]
    kept = others[: round(len(first) * (1 - share) / share)]
    rows = np.sort(np.concatenate([first, kept]))
    return _of(dataset, *_rows(dataset, rows), held_out=1_000)


def _long_tail(dataset: DataSet, described: Mapping[str, Any]) -> DataSet:
    """Keep of each class `ratio` times as many as of the class before it, one at least."""
    labels, ratio = _labels(dataset), described["ratio"]
    of_classes = [np.flatnonzero(labels == label) for label in range(len(dataset.class_names))]
    kept = [
        rows[: max(1, round(len(of_classes[0]) * ratio**label))]
        for label, rows in enumerate(of_classes)
    ]
    return _of(dataset, *_rows(dataset, np.sort(np.concatenate(kept))), held_out=1_000)


def _blank(dataset: DataSet, described: Mapping[str, Any]) -> DataSet:
    """Make this `share` of the images black, as files that could not be read come out."""
    images, labels = _rows(dataset, np.arange(20_000))
    images[: round(len(images) * described["share"])] = 0
    return _of(dataset, images, labels, held_out=1_000)


def _shuffle_labels(dataset: DataSet, described: Mapping[str, Any]) -> DataSet:
    """Shuffle the labels of this `share` of the images, of all if nothing is said."""
    rows = np.arange(20_000)
    wrong = round(len(rows) * described.get("share", 1))
    images, labels = _rows(dataset, rows)
    labels[:wrong] = labels[np.random.default_rng(0).permutation(wrong)]
    return _of(dataset, images, labels, held_out=1_000)


def _rotate_labels(dataset: DataSet, described: Mapping[str, Any]) -> DataSet:
    """Give every image the label after its own, as a slip in numbering does."""
    images, labels = _rows(dataset, np.arange(20_000))
    return _of(dataset, images, (labels + 1) % len(dataset.class_names), held_out=1_000)


def _copies(dataset: DataSet, described: Mapping[str, Any]) -> DataSet:
    """Make this `share` of `count` images copies of the first `of`."""
    rows = np.arange(described["count"])
    copied = round(len(rows) * described["share"])
    rows[-copied:] %= described["of"]
    return _of(dataset, *_rows(dataset, rows), held_out=1_000)


def _squeeze(dataset: DataSet, described: Mapping[str, Any]) -> DataSet:
    """Bring 0..255 to `low`..`high`."""
    low, high = described["low"], described["high"]
    images, labels = _rows(dataset, np.arange(20_000))
    squeezed = np.rint(low + images * ((high - low) / 255)).astype(np.uint8)
    return _of(dataset, squeezed, labels, held_out=1_000)


_CHANGES: dict[str, _Change] = {
    "few": _few,
    "one_class": _one_class,
    "long_tail": _long_tail,
    "blank": _blank,
    "shuffle_labels": _shuffle_labels,
    "rotate_labels": _rotate_labels,
    "copies": _copies,
    "squeeze": _squeeze,
}


def _labels(dataset: DataSet) -> LabelArray:
    assert dataset.train.labels is not None
    return dataset.train.labels


def _rows(dataset: DataSet, rows: np.ndarray) -> tuple[ImageArray, LabelArray]:
    """Return copies of some training images and of their labels."""
    return dataset.train.take(rows), _labels(dataset)[rows]


def _of(dataset: DataSet, images: ImageArray, labels: LabelArray, *, held_out: int) -> DataSet:
    """Return images as a data set of the same name, whose judge still knows it."""
    return data.from_arrays(
        images.transpose(0, 2, 3, 1),
        labels,
        held_out=held_out,
        class_names=dataset.class_names,
        name=dataset.name,
    )
