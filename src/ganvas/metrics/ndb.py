"""Number of statistically different bins: cells of feature space met too often or too seldom."""

from dataclasses import dataclass
from statistics import NormalDist
from typing import Any

import numpy as np
import numpy.typing as npt

from ganvas.errors import UsageError
from ganvas.metrics.cells import features_to_cells, fit_cells
from ganvas.metrics.checks import FloatArray, require_count

__all__ = ["BinDifferences", "Bins", "fit_bins", "ndb"]


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Bins:
    """Cells of a feature space: centres, float64 (K, D), and training images in each, int64 (K,).

    Raises UsageError where the two do not fit or there is no training image.
    """

    centres: FloatArray
    counts: npt.NDArray[np.int64]

    def __post_init__(self) -> None:
        if (
            self.centres.ndim != 2
            or self.counts.shape != self.centres.shape[:1]
            or not np.issubdtype(self.counts.dtype, np.integer)
            or self.counts.min(initial=0) < 0
            or self.counts.sum() < 1
        ):
            raise UsageError(
                "bins need centres of shape (K, D) and integer counts of shape (K,), 0 or more "
                f"and not all 0, got {self.centres.dtype} {self.centres.shape} and "
                f"{self.counts.dtype} {self.counts.shape}"
            )


@dataclass(frozen=True, kw_only=True, slots=True)
class BinDifferences:
    """`different` of `bins` bins differ; `jensen_shannon` is a divergence in nats, 0..ln 2."""

    different: int
    bins: int
    jensen_shannon: float


def fit_bins(
    train_features: npt.NDArray[np.floating[Any]], num_bins: int = 100, seed: int = 0
) -> Bins:
    """Return the k-means cells of `train_features`, floating (N, D), with their counts.

    Features are taken as they are, without whitening. `seed` draws the start of k-means.

    Raises UsageError for fewer images than bins or other shapes or types, DataError for features
    that are not finite or too often the same.
    """
    centres = fit_cells(train_features, num_bins, seed=seed)
    return Bins(centres=centres, counts=_count(train_features, centres))


def ndb(
    *,
    bins: Bins,
    fake: npt.NDArray[np.floating[Any]],
    significance: float = 0.05,
    z_threshold: float | None = None,
) -> BinDifferences:
    """Return in how many bins fake features differ from training ones; lower is better.

    Each fake image falls into the bin with the nearest centre. With p_r of n_r training images
    and p_f of n_f fake ones in a bin, ``z = (p_r - p_f) / SE``, where ``SE^2 = p (1 - p)
    (1/n_r + 1/n_f)`` and p is the share in both together (two-proportion test with pooled
    standard error). A bin is different when the two-sided p-value of z is below `significance`,
    or, when `z_threshold` is given, when |z| is above that (Richardson & Weiss, arXiv
    1805.12462). Perfect samples still differ in about `significance` of the bins. The
    Jensen-Shannon divergence is that of the two histograms, with empty bins adding 0.

    `fake` is floating point (N, D), N at least the number of bins.

    Raises UsageError for fewer images than bins, features not as wide as the bins' or settings
    out of range, DataError for features that are not finite.
    """
    if not 0.0 < significance < 1.0:
        raise UsageError(f"significance must be between 0 and 1, got {significance}")
    if z_threshold is None:
        z_threshold = NormalDist().inv_cdf(1.0 - significance / 2.0)
    if not z_threshold >= 0.0:
        raise UsageError(f"z_threshold must be 0 or more, got {z_threshold}")
    counts = _count(fake, bins.centres)
    require_count("a comparison of bins", "images", len(fake), len(counts))
    return BinDifferences(
        different=int((np.abs(_z(bins.counts, counts)) > z_threshold).sum()),
        bins=len(counts),
        jensen_shannon=_jensen_shannon(bins.counts / bins.counts.sum(), counts / counts.sum()),
    )


def _count(features: npt.NDArray[np.floating[Any]], centres: FloatArray) -> npt.NDArray[np.int64]:
    counts = np.bincount(features_to_cells(features, centres), minlength=len(centres))
    return counts.astype(np.int64)


def _z(real: npt.NDArray[np.int64], fake: npt.NDArray[np.int64]) -> FloatArray:
    """Return (p_r - p_f) / SE of each bin; 0 where a bin holds all images, or none, of both."""
    num_real, num_fake = int(real.sum()), int(fake.sum())
    together = (real + fake) / (num_real + num_fake)
    error = np.sqrt(together * (1.0 - together) * (1.0 / num_real + 1.0 / num_fake))
    apart = real / num_real - fake / num_fake
    z: FloatArray = np.divide(apart, error, out=np.zeros_like(apart), where=error > 0.0)
    return z


def _jensen_shannon(one: FloatArray, other: FloatArray) -> float:
    middle = (one + other) / 2.0
    return max((_kl(one, middle) + _kl(other, middle)) / 2.0, 0.0)  # cuts off rounding only


def _kl(one: FloatArray, other: FloatArray) -> float:
    met = one > 0.0
    return float((one[met] * np.log(one[met] / other[met])).sum())
