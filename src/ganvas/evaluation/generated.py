"""Classification accuracy score: a classifier learns from fake images and is asked about real ones.

Ravuri & Vinyals, arXiv 1905.10887, section 3: what a generator leaves out or gets wrong, the
classifier does not learn. The classifier is a judge's network, trained as judges are.
"""

import numpy as np
import numpy.typing as npt

from ganvas.data.images import Images
from ganvas.judge.train import predict_classes, train_judge
from ganvas.metrics.cas import classification_accuracy
from ganvas.real.reference import Reference, rows_of

__all__ = ["accuracy_scores"]


def accuracy_scores(
    images: npt.NDArray[np.uint8], labels: npt.NDArray[np.int64], reference: Reference, seed: int
) -> tuple[float, float | None, dict[str, float | None]]:
    """Return the score of labelled fake images, that of as many real ones, and the first by class.

    Both classifiers start from the same weights and are asked about all unseen real images;
    the shares of each class are of those that belong to it. The real score is cached.

    Raises UsageError where there are no labelled unseen images.
    """
    names = reference.dataset.class_names
    overall, per_class = _score(images, labels, reference, seed)
    train = reference.dataset.train
    rows = rows_of(train, len(images))
    assert train.labels is not None
    train_labels = train.labels[rows]

    def real() -> dict[str, np.ndarray]:
        return {"cas": np.array([_score(train.images[rows], train_labels, reference, seed)[0]])}

    kept = reference.figures(("cas",), ["cas", len(rows), seed], real)
    by_name = dict(zip(names, per_class, strict=True))
    return overall, float(kept["cas"][0]), by_name


def _score(
    images: npt.NDArray[np.uint8], labels: npt.NDArray[np.int64], reference: Reference, seed: int
) -> tuple[float, tuple[float | None, ...]]:
    num_classes = reference.dataset.num_classes
    nothing = Images(split="held_out", images=images[:0], labels=labels[:0])
    learnt = Images(split="train", images=images, labels=labels)
    network, _ = train_judge(train=learnt, held_out=nothing, num_classes=num_classes, seed=seed)
    unseen = reference.unseen
    assert unseen.labels is not None
    found = classification_accuracy(
        true=unseen.labels,
        predicted=predict_classes(network, unseen.images),
        num_classes=num_classes,
    )
    return found.overall, found.per_class
