"""What every feature metric refuses: wrong shapes, different widths, NaN, too few images."""

from typing import Any

import numpy as np
import numpy.typing as npt

from ganvas.errors import DataError, UsageError

__all__ = ["FloatArray", "checked_features", "require_count", "require_same_width"]

FloatArray = npt.NDArray[np.float64]


def checked_features(features: npt.NDArray[np.floating[Any]], what: str = "features") -> FloatArray:
    """Return `features`, floating point (N, D), as float64.

    Raises UsageError for another shape or type, DataError for values that are not finite,
    naming how many images have them and the first.
    """
    if features.ndim != 2 or not np.issubdtype(features.dtype, np.floating):
        raise UsageError(
            f"{what} must be floating point of shape (N, D), got {features.dtype} {features.shape}"
        )
    if not np.isfinite(features).all():
        bad = np.flatnonzero(~np.isfinite(features).all(axis=1))
        raise DataError(
            f"{what} of {len(bad)} of {len(features)} images are not finite (NaN or infinite), "
            f"first of image {bad[0]}; look for such values in the images or in the judge"
        )
    return features.astype(np.float64, copy=False)


def require_same_width(real: FloatArray, fake: FloatArray) -> None:
    """Raise UsageError where real and fake features, both (N, D), differ in D."""
    if real.shape[1] != fake.shape[1]:
        raise UsageError(
            f"real and fake features must have the same width, got {real.shape[1]} and "
            f"{fake.shape[1]}; use one judge for both"
        )


def require_count(metric: str, what: str, count: int, least: int) -> None:
    """Raise UsageError where `metric` is given fewer than `least` of `what`."""
    if count < least:
        raise UsageError(f"{metric} needs at least {least} {what}, got {count}; use more images")
