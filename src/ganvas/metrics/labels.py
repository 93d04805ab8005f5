"""How well pictures follow the labels they were asked for, and how often each class comes."""

from typing import Any

import numpy as np
import numpy.typing as npt

from ganvas.errors import DataError, UsageError

__all__ = ["class_histogram", "label_accuracy"]

LabelArray = npt.NDArray[np.integer[Any]]


def label_accuracy(*, asked: LabelArray, predicted: LabelArray) -> float:
    """Return the share, 0..1, of pictures that a classifier gives the label asked for.

    Both are integers (N,), N of 1 or more. Higher is better; the classifier's own accuracy on
    real images bounds what can be expected.

    Raises UsageError where shapes or types do not fit.
    """
    _check_labels("asked labels", asked)
    _check_labels("predicted labels", predicted)
    if asked.shape != predicted.shape or len(asked) == 0:
        raise UsageError(
            f"label accuracy needs one predicted label per asked one and at least one, "
            f"got {len(asked)} asked and {len(predicted)} predicted"
        )
    return float(np.count_nonzero(asked == predicted)) / len(asked)


def class_histogram(labels: LabelArray, num_classes: int) -> npt.NDArray[np.int64]:
    """Return how often each class occurs, int64 (num_classes,), in `labels`: integers (N,).

    Raises UsageError for another shape or type, DataError for a label outside
    0..num_classes-1.
    """
    _check_labels("labels", labels)
    if len(labels) and (labels.min() < 0 or labels.max() >= num_classes):
        raise DataError(
            f"labels must be 0..{num_classes - 1}, found {labels.min()}..{labels.max()}"
        )
    return np.bincount(labels, minlength=num_classes).astype(np.int64)


def _check_labels(what: str, labels: LabelArray) -> None:
    if labels.ndim != 1 or not np.issubdtype(labels.dtype, np.integer):
        raise UsageError(
            f"{what} must be integers of shape (N,), got {labels.dtype} {labels.shape}"
        )
