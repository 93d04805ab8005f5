"""Classification accuracy score: what a classifier learned from generated images alone."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from ganvas.metrics.labels import class_histogram, label_accuracy

__all__ = ["ClassificationAccuracy", "classification_accuracy"]


@dataclass(frozen=True, kw_only=True, slots=True)
class ClassificationAccuracy:
    """Share of real test images classed rightly, 0..1: of all, and of each class.

    A class without test images has None.
    """

    overall: float
    per_class: tuple[float | None, ...]


def classification_accuracy(
    *,
    true: npt.NDArray[np.integer[Any]],
    predicted: npt.NDArray[np.integer[Any]],
    num_classes: int,
) -> ClassificationAccuracy:
    """Return the accuracy on real images of a classifier trained on generated ones.

    A classifier is trained on generated images with the labels they were asked for, and its
    `predicted` labels of real test images, integers (N,), are compared with their `true` ones
    (Ravuri & Vinyals, arXiv 1905.10887, top-1 accuracy). Higher is better; the same classifier
    trained on real images bounds what can be expected. The classes with the lowest values are
    those that the generator does not know or does not vary.

    Raises UsageError where shapes or types do not fit or there is no image, DataError for a
    label outside 0..num_classes-1.
    """
    overall = label_accuracy(asked=true, predicted=predicted)
    counts = class_histogram(true, num_classes)
    class_histogram(predicted, num_classes)  # for its check only
    right = class_histogram(true[true == predicted], num_classes)
    return ClassificationAccuracy(
        overall=overall,
        per_class=tuple(
            float(hits) / float(count) if count else None
            for hits, count in zip(right, counts, strict=True)
        ),
    )
