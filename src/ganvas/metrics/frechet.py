"""Fréchet distance between two sets of features, from their means and covariances."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from ganvas.errors import UsageError
from ganvas.metrics.checks import FloatArray, checked_features

__all__ = ["Moments", "Statistics", "features_to_statistics", "frechet_distance"]


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Statistics:
    """Mean, float64 (D,), and covariance (divisor n-1), float64 (D, D), of `count` features."""

    mean: FloatArray
    covariance: FloatArray
    count: int


class Moments:
    """Gathers features batch by batch, without keeping them, into `Statistics`.

    The mean m and the centred sum M = sum (x - m)(x - m)^T are merged in float64 as each batch
    comes: with d = m_b - m_a, ``m = m_a + d n_b / n`` and ``M = M_a + M_b + d d^T n_a n_b / n``.
    The result does not depend on how the features are batched or ordered, beyond rounding.
    """

    def __init__(self) -> None:
        self._count = 0
        self._mean: FloatArray = np.zeros(0)
        self._centred_sum: FloatArray = np.zeros((0, 0))

    def add(self, features: npt.NDArray[np.floating[Any]]) -> None:
        """Add a batch of features, floating point (N, D).

        Raises UsageError for another shape or type or another D than before, DataError for
        features that are not finite.
        """
        batch = checked_features(features)
        if self._count == 0:
            self._mean = np.zeros(batch.shape[1])
            self._centred_sum = np.zeros((batch.shape[1], batch.shape[1]))
        elif batch.shape[1] != len(self._mean):
            raise UsageError(
                f"features must all have the same width: {len(self._mean)} before, "
                f"now {batch.shape[1]}"
            )
        if len(batch) == 0:
            return
        count = self._count + len(batch)
        mean = batch.mean(axis=0)
        centred = batch - mean
        apart = mean - self._mean
        self._centred_sum += centred.T @ centred
        self._centred_sum += np.outer(apart, apart) * (self._count * len(batch) / count)
        self._mean = self._mean + apart * (len(batch) / count)
        self._count = count

    def statistics(self) -> Statistics:
        """Return the statistics of all features so far.

        Raises UsageError unless there are more features than each is wide: with fewer, the
        covariance has no full rank and the distance says more about the count than the data.
        """
        width = len(self._mean)
        if self._count <= max(width, 1):
            raise UsageError(
                f"a Fréchet distance needs more images than features ({width}), "
                f"got {self._count}; use more images"
            )
        covariance = self._centred_sum / (self._count - 1)
        return Statistics(
            mean=self._mean.copy(), covariance=(covariance + covariance.T) / 2, count=self._count
        )


def features_to_statistics(features: npt.NDArray[np.floating[Any]]) -> Statistics:
    """Return mean and covariance, in float64, of `features`: floating point (N, D), N > D.

    Raises UsageError for another shape or type or too few features, DataError for features
    that are not finite.
    """
    moments = Moments()
    moments.add(features)
    return moments.statistics()


def frechet_distance(*, real: Statistics, fake: Statistics) -> float:
    """Return the squared Fréchet distance between two Gaussians; lower is better, 0 the same.

    ``d2 = |m_r - m_f|^2 + tr(S_r + S_f - 2 (S_r S_f)^(1/2))`` (arXiv 1706.08500, where the
    features are Inception's). The trace of the root is the sum of the roots of the eigenvalues
    of S_r S_f, in float64; they are real and not negative but for rounding, which is cut off,
    as is a distance below 0.

    Raises UsageError where the two have features of different widths.
    """
    if real.mean.shape != fake.mean.shape:
        raise UsageError(
            f"real and fake features must have the same width, got {len(real.mean)} and "
            f"{len(fake.mean)}; use one judge for both"
        )
    apart = real.mean - fake.mean
    eigenvalues = np.linalg.eigvals(real.covariance @ fake.covariance).real
    root_trace = np.sqrt(np.clip(eigenvalues, 0.0, None)).sum()
    spread = np.trace(real.covariance) + np.trace(fake.covariance) - 2.0 * root_trace
    return max(float(apart @ apart + spread), 0.0)
