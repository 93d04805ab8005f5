"""Fréchet distance as it would be with endlessly many samples."""

from typing import Any

import numpy as np
import numpy.typing as npt

from ganvas.errors import UsageError
from ganvas.metrics.checks import checked_features
from ganvas.metrics.frechet import Statistics, features_to_statistics, frechet_distance

__all__ = ["frechet_infinity"]


def frechet_infinity(
    *,
    real: Statistics,
    fake: npt.NDArray[np.floating[Any]],
    generator: np.random.Generator,
    points: int = 15,
) -> float:
    """Return the Fréchet distance for endlessly many fake images; lower is better.

    The distance of n samples is too large by about b / n, where b depends on the model, so two
    models can change places with n. Here the distance of random subsets of `fake`, drawn by
    `generator` without replacement, is taken at `points` sample counts evenly spaced from N/2 to
    N; a straight line ``d2(n) = a + b / n`` is fitted by least squares, and a is returned
    (Chong & Forsyth, arXiv 1911.07023; they start at 5,000 of 50,000 samples). The excess that
    comes from the number of real images stays in. Subsets overlap and the line is prolonged, so
    the result wavers more than the distance itself, and can fall a little below 0 where both
    laws are the same; it is not cut off there.

    `fake` is floating point (N, D) with N/2 > D, as each subset must give a distance.

    Raises UsageError for too few samples or points, other shapes or types, or features not as
    wide as the real ones, DataError for features that are not finite.
    """
    if points < 2:
        raise UsageError(f"a line needs at least 2 points, got {points}")
    features = checked_features(fake)
    count, width = features.shape
    if count // 2 <= width:
        raise UsageError(
            f"a Fréchet distance prolonged to endlessly many samples needs more than twice as "
            f"many images as features: at least {2 * (width + 1)}, got {count}; use more images"
        )
    counts = np.linspace(count // 2, count, points).round().astype(np.int64)
    distances = []
    for subset_size in counts:
        rows = generator.choice(count, subset_size, replace=False)
        subset = features_to_statistics(features[rows])
        distances.append(frechet_distance(real=real, fake=subset))
    return _at_zero(1.0 / counts, np.array(distances))


def _at_zero(x: npt.NDArray[np.float64], y: npt.NDArray[np.float64]) -> float:
    """Return the value at x = 0 of the least squares line through the points (x, y)."""
    apart = x - x.mean()
    slope = float(apart @ (y - y.mean())) / float(apart @ apart)
    return float(y.mean() - slope * x.mean())
