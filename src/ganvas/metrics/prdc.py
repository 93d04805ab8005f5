"""Precision, recall, density and coverage: fidelity and variety, from nearest neighbours."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from ganvas.errors import UsageError
from ganvas.metrics.checks import FloatArray, checked_features, require_count, require_same_width
from ganvas.metrics.neighbours import Balls, Counts, count_in_balls, kth_distances

__all__ = ["Prdc", "density_coverage", "prdc", "precision_recall"]

Features = npt.NDArray[np.floating[Any]]

_PRECISION_K = 3
_DENSITY_K = 5


@dataclass(frozen=True, kw_only=True, slots=True)
class Prdc:
    """How good and how varied fake images are; each is near its value for real ones if both.

    `precision`, `recall` and `coverage` are shares, 0..1. `density` is 0 or more and expected to
    be 1 for images of the same law; above 1, fakes crowd where real images are dense.
    """

    precision: float
    recall: float
    density: float
    coverage: float


def precision_recall(
    *, real: Features, fake: Features, k: int = _PRECISION_K, strict: bool = False
) -> tuple[float, float]:
    """Return precision and recall, each 0..1, of `fake` against `real`; higher is better.

    A set's manifold is the union of balls around its images that reach to the k-th nearest
    other image of that set. Precision is the share of fake images inside the real manifold,
    recall the share of real images inside the fake one: a collapsed generator has a low recall.

    `real` is floating point (N, D), `fake` (M, D); both need more than k images. Inside is
    ``<=`` the radius as in arXiv 1904.06991, or ``<`` with `strict`, as in arXiv 2002.09797's
    own code. Both grow with k and fall with D; compare only at the same k, N and M.

    Raises UsageError for too few images or different widths, DataError for features that are
    not finite.
    """
    real, fake = _checked(real, fake)
    _require_neighbours("precision and recall", k, real=real, fake=fake)
    real_balls = Balls(around="real", squared_radii=kth_distances(real, [k])[0], strict=strict)
    fake_balls = Balls(around="fake", squared_radii=kth_distances(fake, [k])[0], strict=strict)
    in_real, in_fake = count_in_balls(real=real, fake=fake, balls=[real_balls, fake_balls])
    return _share(in_real.fake), _share(in_fake.real)


def density_coverage(*, real: Features, fake: Features, k: int = _DENSITY_K) -> tuple[float, float]:
    """Return density, 0 or more, and coverage, 0..1, of `fake` against `real`.

    Each real image has a ball that reaches to its k-th nearest other real image. Density is the
    number of balls that a fake image is inside of, on average and divided by k; coverage the
    share of balls with a fake image inside. Inside is ``<`` the radius (arXiv 2002.09797 and
    its authors' code). For images of the same law they are expected to be 1 and, when there
    are as many fakes as real ones, near ``1 - 2^-k``.

    `real` is floating point (N, D), N more than k; `fake` is (M, D), M of 1 or more. Coverage
    grows with M; compare only at the same k, N and M.

    Raises UsageError for too few images or different widths, DataError for features that are
    not finite.
    """
    real, fake = _checked(real, fake)
    _require_neighbours("density and coverage", k, real=real)
    require_count("density and coverage", "fake images", len(fake), 1)
    balls = Balls(around="real", squared_radii=kth_distances(real, [k])[0], strict=True)
    [inside] = count_in_balls(real=real, fake=fake, balls=[balls])
    return _density(inside, k), _share(inside.real)


def prdc(*, real: Features, fake: Features) -> Prdc:
    """Return what `precision_recall` (k = 3) and `density_coverage` (k = 5) do, in fewer passes.

    `real` is floating point (N, D), N more than 5; `fake` is (M, D), M more than 3. One pass
    over the distances among the real images gives both radii; 10,000 of each take seconds.

    Raises UsageError for too few images or different widths, DataError for features that are
    not finite.
    """
    real, fake = _checked(real, fake)
    _require_neighbours("density and coverage", _DENSITY_K, real=real)
    _require_neighbours("precision and recall", _PRECISION_K, fake=fake)
    close, wide = kth_distances(real, [_PRECISION_K, _DENSITY_K])
    in_close, in_fake, in_wide = count_in_balls(
        real=real,
        fake=fake,
        balls=_balls(close=close, fake=kth_distances(fake, [_PRECISION_K])[0], wide=wide),
    )
    return Prdc(
        precision=_share(in_close.fake),
        recall=_share(in_fake.real),
        density=_density(in_wide, _DENSITY_K),
        coverage=_share(in_wide.real),
    )


def _balls(*, close: FloatArray, fake: FloatArray, wide: FloatArray) -> Sequence[Balls]:
    return [
        Balls(around="real", squared_radii=close, strict=False),
        Balls(around="fake", squared_radii=fake, strict=False),
        Balls(around="real", squared_radii=wide, strict=True),
    ]


def _checked(real: Features, fake: Features) -> tuple[FloatArray, FloatArray]:
    rows, columns = checked_features(real, "real features"), checked_features(fake, "fake features")
    require_same_width(rows, columns)
    return rows, columns


def _require_neighbours(metric: str, k: int, **images: FloatArray) -> None:
    if k < 1:
        raise UsageError(f"{metric} need k of 1 or more, got {k}")
    for kind, features in images.items():
        require_count(f"{metric} with k = {k}", f"{kind} images", len(features), k + 1)


def _share(counts: npt.NDArray[np.int64]) -> float:
    """Share of the images that are part of one pair or more."""
    return float(np.count_nonzero(counts)) / len(counts)


def _density(inside: Counts, k: int) -> float:
    return float(inside.fake.sum()) / (k * len(inside.fake))
