"""Kernel distance between two sets of features: squared maximum mean discrepancy."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from ganvas.errors import UsageError
from ganvas.metrics.checks import (
    FloatArray,
    checked_features,
    require_count,
    require_same_width,
)

__all__ = ["KernelDistance", "kernel_distance", "kernel_distance_of_all"]

_ROWS = 512  # a block of 512 x 512 kernel values, 2 MB, stays in a processor's cache


@dataclass(frozen=True, kw_only=True, slots=True)
class KernelDistance:
    """Mean and standard deviation (divisor: the number of subsets) over subsets of a size.

    The deviation is that of one subset; subsets overlap, so it says nothing exact about the
    mean's own error.
    """

    mean: float
    std: float
    subset_size: int


def kernel_distance(
    *,
    real: npt.NDArray[np.floating[Any]],
    fake: npt.NDArray[np.floating[Any]],
    generator: np.random.Generator,
    subsets: int = 100,
    subset_size: int = 1000,
) -> KernelDistance:
    """Return the kernel distance (KID with Inception's features); lower is better.

    ``MMD^2 = mean k(r, r') + mean k(f, f') - 2 mean k(r, f)`` over different rows r, r' of real
    and f, f' of fake, with ``k(x, y) = (x.y / D + 1)^3``, in float64 (Binkowski et al.,
    arXiv 1801.01401). The estimate is unbiased whatever the number of images; where both laws
    are the same it is 0 on average, so it may be negative, and it is never cut off.

    `subsets` times, `generator` draws `subset_size` real and as many fake rows without
    replacement; the defaults are the conventions of common programs. With fewer images than
    that, the subset size is lowered to the smaller number of images. `real` and `fake` are
    floating point (N, D) and (M, D).

    Raises UsageError for fewer than 2 images or other shapes, types or settings, DataError for
    features that are not finite.
    """
    if subsets < 1 or subset_size < 2:
        raise UsageError(
            "a kernel distance needs at least 1 subset of at least 2 images, got "
            f"{subsets} of {subset_size}"
        )
    real, fake = _checked(real, fake)
    size = min(subset_size, len(real), len(fake))
    values = np.empty(subsets)
    for number in range(subsets):
        real_rows = generator.choice(len(real), size, replace=False)
        fake_rows = generator.choice(len(fake), size, replace=False)
        values[number] = _discrepancy(real[real_rows], fake[fake_rows])
    return KernelDistance(mean=float(values.mean()), std=float(values.std()), subset_size=size)


def kernel_distance_of_all(
    *, real: npt.NDArray[np.floating[Any]], fake: npt.NDArray[np.floating[Any]]
) -> float:
    """Return the kernel distance of all images at once: nothing is drawn.

    Formula, kernel and sign as in `kernel_distance`. It takes block by block N^2/2 + M^2/2 + NM
    kernel values of `real`, floating point (N, D), and `fake`, (M, D), but never keeps them; the
    order of images does not matter beyond rounding.

    Raises UsageError for fewer than 2 images or other shapes or types, DataError for features
    that are not finite.
    """
    return _discrepancy(*_checked(real, fake))


def _checked(
    real: npt.NDArray[np.floating[Any]], fake: npt.NDArray[np.floating[Any]]
) -> tuple[FloatArray, FloatArray]:
    real, fake = checked_features(real, "real features"), checked_features(fake, "fake features")
    require_same_width(real, fake)
    if real.shape[1] == 0:
        raise UsageError("a kernel distance needs features at least 1 wide, got 0")
    require_count("a kernel distance", "real images", len(real), 2)
    require_count("a kernel distance", "fake images", len(fake), 2)
    return real, fake


def _discrepancy(real: FloatArray, fake: FloatArray) -> float:
    real, fake = _extended(real), _extended(fake)
    across = _kernel_sum(real, fake) / (len(real) * len(fake))
    return _mean_within(real) + _mean_within(fake) - 2.0 * across


def _extended(features: FloatArray) -> FloatArray:
    """Return rows x / sqrt(D) with a 1 at the end, whose products are x.y / D + 1."""
    scaled = features / np.sqrt(features.shape[1])
    return np.concatenate([scaled, np.ones((len(scaled), 1))], axis=1)


def _mean_within(rows: FloatArray) -> float:
    """Return the mean kernel of all pairs of different rows; each pair is computed once."""
    count = len(rows)
    total = 0.0
    for start in range(0, count, _ROWS):
        block = rows[start : start + _ROWS]
        with_themselves = float(((block**2).sum(axis=1) ** 3).sum())
        total += _kernel_sum(block, block) - with_themselves
        total += 2.0 * _kernel_sum(block, rows[start + _ROWS :])
    return total / (count * (count - 1))


def _kernel_sum(left: FloatArray, right: FloatArray) -> float:
    total = 0.0
    for i in range(0, len(left), _ROWS):
        block = left[i : i + _ROWS]
        for j in range(0, len(right), _ROWS):
            products = block @ right[j : j + _ROWS].T
            # Cubes and their sum; ** 3 calls a general power, ten times slower.
            total += float(np.vdot(products * products, products))
    return total
