"""Stacked data: three random images of another set as red, green and blue, a fixed draw.

A test of whether a generator finds all of 1,000 classes that each are easy (arXiv 1611.02163).
"""

from itertools import product

import numpy as np

from ganvas.data.images import ImageArray, LabelArray
from ganvas.data.named.kinds import StackedSource
from ganvas.data.splits import DEFAULT_HELD_OUT, splits_to_digest
from ganvas.data.whole import Whole
from ganvas.seeding import numpy_stream

__all__ = ["stack"]


def stack(source: StackedSource, whole: Whole) -> Whole:
    """Return `source` made of `whole`, the grey images it stacks, with K**3 classes.

    Stack i of a split is the rows draw[i] of the same split of `whole`, where draw is uniform
    with replacement, of one fixed stream for each split. A stack of classes a, b, c has label
    (a * K + b) * K + c. The stacks are in random order as they are, so those held out are the
    first, and nothing is copied.
    """
    assert whole.labels is not None
    assert whole.test_images is not None
    assert whole.test_labels is not None
    train = _draw("train", source.num_train, whole.images, whole.labels, len(whole.class_names))
    test = _draw(
        "test", source.num_test, whole.test_images, whole.test_labels, len(whole.class_names)
    )
    return Whole(
        name=source.name,
        images=train[0],
        labels=train[1],
        test_images=test[0],
        test_labels=test[1],
        class_names=tuple("".join(names) for names in product(whole.class_names, repeat=3)),
        digest=splits_to_digest(train, test),
        source=f"stacked from {whole.name}, {whole.source}",
        licence=source.licence,
        reference=source.name,
        held_out=DEFAULT_HELD_OUT,
        is_mixed=True,
    )


def _draw(
    split: str, count: int, images: ImageArray, labels: LabelArray, num_classes: int
) -> tuple[ImageArray, LabelArray]:
    rows = numpy_stream(0, f"data.stacked.{split}").integers(0, len(images), (count, 3))
    weights = np.array([num_classes**2, num_classes, 1], dtype=np.int64)
    return images[:, 0][rows], labels[rows] @ weights
