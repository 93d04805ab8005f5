"""Whether fake images are copies of training images: data-copying score, authenticity, pairs.

All three compare distances to the nearest training image. They see what the features see: an
image that the judge maps onto a training image counts as its copy.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from ganvas.errors import UsageError
from ganvas.metrics.cells import features_to_cells
from ganvas.metrics.checks import FloatArray, checked_features, require_count, require_same_width
from ganvas.metrics.neighbours import Nearest, nearest, nearest_other

__all__ = ["ClosestPairs", "authenticity", "closest_pairs", "copying_score"]

Features = npt.NDArray[np.floating[Any]]
IntArray = npt.NDArray[np.int64]

_TOO_FEW_FAKES = 20


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class ClosestPairs:
    """Fake images and their nearest training images, closest pair first.

    `fake` and `train` are row numbers, int64 (P,); `distance` is Euclidean, float64 (P,).
    """

    fake: IntArray
    train: IntArray
    distance: FloatArray


def copying_score(*, train: Features, real: Features, fake: Features, centres: FloatArray) -> float:
    """Return the data-copying score C_T: far below 0, fakes copy; about 0, like unseen images.

    In each cell (the images nearest to one of `centres`), the distances L of fake images and of
    held-out `real` images to their nearest training image of the cell are compared by a
    Mann-Whitney test: with m fakes and n held-out images, and U the number of pairs whose fake
    is the farther (half a pair where both are equally far),

        Z = (U - m n / 2) / sqrt(m n (m + n + 1) / 12),   C_T = sum(n Z) / sum(n)

    over the cells (arXiv 2004.05675). Above 0, fakes are farther from the training images than
    unseen real images are: they are different, not copied. Where nothing is copied, each Z is
    like a standard normal number, and C_T smaller; a Z grows with the root of the number of
    images, so compare only at the same counts.

    A cell counts where it has more than 20 fakes, as in the paper's experiments, and at least
    one training and one held-out image; others are left out. Like the authors' code, Z has no
    correction for ties, with which it would be farther from 0; unlike it, none for continuity,
    which would add 1/2 to U: so Z changes its sign where fake and held-out images are exchanged.

    `train`, `real` and `fake` are floating point, as wide as `centres`, float64 (cells, D), that
    were fitted to training images. `real` must be images that were not trained on.

    Raises UsageError where no cell counts or widths differ, DataError for features that are not
    finite.
    """
    sets = [
        checked_features(train, "training features"),
        checked_features(real, "real features"),
        checked_features(fake, "fake features"),
    ]
    cells = [features_to_cells(features, centres) for features in sets]
    total, weight = 0.0, 0
    for cell in range(len(centres)):
        known, unseen, made = (
            features[places == cell] for features, places in zip(sets, cells, strict=True)
        )
        if len(known) and len(unseen) and len(made) > _TOO_FEW_FAKES:
            z = _mann_whitney_z(
                real=nearest(of=unseen, among=known).squared_distance,
                fake=nearest(of=made, among=known).squared_distance,
            )
            total += z * len(unseen)
            weight += len(unseen)
    if weight == 0:
        raise UsageError(
            f"a data-copying score needs a cell with more than {_TOO_FEW_FAKES} fake images and "
            f"with training and held-out images, and none of {len(centres)} has them; "
            "use more images or fewer cells"
        )
    return total / weight


def authenticity(
    *,
    train: Features,
    fake: Features,
    nearest_train: Nearest | None = None,
    train_spacing: FloatArray | None = None,
) -> float:
    """Return the share, 0..1, of fake images that are not closer than training images are.

    A fake image is authentic where the training image nearest to it is farther from it than from
    that training image's own nearest other training image (arXiv 2102.08921); equally far is not
    authentic, so copies never are, not even of images that are twice in the training set. Lower
    means more copies; what unseen real images get shows what to expect.

    `train` is floating point (N, D), N of 2 or more, `fake` (M, D), M of 1 or more. Where they
    are known, give ``nearest_train = nearest(of=fake, among=train)`` and
    ``train_spacing = nearest_other(train)``; else only what is needed of them is computed.

    Raises UsageError for too few images, different widths, or `nearest_train` or
    `train_spacing` of other images; DataError for features that are not finite.
    """
    train, fake = _checked(train, fake)
    require_count("authenticity", "training images", len(train), 2)
    require_count("authenticity", "fake images", len(fake), 1)
    found = _nearest_train(train, fake, nearest_train)
    if train_spacing is None:
        hit, place = np.unique(found.row, return_inverse=True)
        spacing = nearest_other(train, hit)[place]
    elif train_spacing.shape == (len(train),):
        spacing = train_spacing[found.row]
    else:
        raise UsageError(
            f"the spacing of {len(train)} training images must be of shape ({len(train)},), "
            f"got {train_spacing.shape}; take it of the same images"
        )
    return float(np.count_nonzero(found.squared_distance > spacing)) / len(fake)


def closest_pairs(
    *, train: Features, fake: Features, count: int, nearest_train: Nearest | None = None
) -> ClosestPairs:
    """Return the `count` fake images closest to the training set, each with its nearest image.

    `train` is floating point (N, D), `fake` (M, D); fewer pairs come back where M is less than
    `count`. Pairs equally close come in the order of the fakes. Where it is known, give
    ``nearest_train = nearest(of=fake, among=train)``.

    Raises UsageError for a count below 1, no training images, different widths or
    `nearest_train` of other images; DataError for features that are not finite.
    """
    if count < 1:
        raise UsageError(f"the number of closest pairs must be 1 or more, got {count}")
    train, fake = _checked(train, fake)
    found = _nearest_train(train, fake, nearest_train)
    first = np.argsort(found.squared_distance, kind="stable")[:count]
    return ClosestPairs(
        fake=first, train=found.row[first], distance=np.sqrt(found.squared_distance[first])
    )


def _mann_whitney_z(*, real: FloatArray, fake: FloatArray) -> float:
    """Z of U, the number of pairs with a fake value above a real one; ties count half."""
    ordered = np.sort(real)
    below = np.searchsorted(ordered, fake, side="left").sum()
    not_above = np.searchsorted(ordered, fake, side="right").sum()
    n, m = float(len(real)), float(len(fake))
    deviation = np.sqrt(m * n * (m + n + 1.0) / 12.0)
    return float(((below + not_above) / 2.0 - m * n / 2.0) / deviation)


def _checked(train: Features, fake: Features) -> tuple[FloatArray, FloatArray]:
    known = checked_features(train, "training features")
    made = checked_features(fake, "fake features")
    require_same_width(known, made)
    return known, made


def _nearest_train(train: FloatArray, fake: FloatArray, found: Nearest | None) -> Nearest:
    if found is None:
        return nearest(of=fake, among=train)
    row, distance = found
    if not (row.shape == distance.shape == (len(fake),)):
        raise UsageError(
            f"nearest training images of {len(fake)} fake images are needed, got "
            f"{len(row)}; take them of the same images"
        )
    if len(row) and not 0 <= row.min() <= row.max() < len(train):
        raise UsageError(
            f"nearest training images must be 0..{len(train) - 1}, got "
            f"{row.min()}..{row.max()}; take them of the same images"
        )
    return found
