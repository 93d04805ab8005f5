"""Figures of samples beside those of real images: pixels and features in, plain numbers out."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

__all__ = [
    "PROBE_QUANTILES",
    "Floats",
    "copying",
    "feature_figures",
    "near_copies",
    "nearest",
    "pixel_figures",
    "quantiles",
]

PROBE_QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)
"""Which quantiles of D's logits a probe notes."""

_TWIN = 0.1  # of the median distance of a real image to the next: nearer ones are the same picture
_SAME = 0.01  # of the mean distance of all: nearer ones are copies, to rounding
_EDGE = 2  # brightness steps from black or white that count as such

Floats = npt.NDArray[np.floating[Any]]


def quantiles(values: Floats, at: Sequence[float] = PROBE_QUANTILES) -> list[float]:
    """Return the quantiles of values (N,), ascending."""
    return [float(value) for value in np.quantile(np.asarray(values, np.float64), at)]


def pixel_figures(images: npt.NDArray[np.uint8]) -> dict[str, float]:
    """Return figures of images uint8 (N, C, H, W), all in [0, 1].

    contrast             mean over images of their pixels' standard deviation
    saturation           share of pixels at most 2 steps from black or from white
    pixel_low, _high     the 1% and 99% quantiles of all pixels
    roughness            mean step between neighbouring pixels; noise is rough, a drawing is not
    """
    scaled = images.astype(np.float32) / 255
    steps = [np.abs(np.diff(scaled, axis=axis)).mean() for axis in (2, 3)]
    return {
        "contrast": float(scaled.reshape(len(scaled), -1).std(axis=1).mean()),
        "saturation": float(((images <= _EDGE) | (images >= 255 - _EDGE)).mean()),
        "pixel_low": float(np.quantile(scaled, 0.01)),
        "pixel_high": float(np.quantile(scaled, 0.99)),
        "roughness": float(np.mean(steps)),
    }


def feature_figures(*, real: Floats, fake: Floats) -> dict[str, float]:
    """Return how different the fakes are from one another, from features (N, D) and (M, D).

    feature_diversity    mean distance of two fakes over that of two real images: 1 as varied,
                         0 all the same
    duplicates           share of fakes with a twin: another fake nearer than a tenth of the median
                         distance of a real image to its nearest
    """
    among_real, among_fake = _distances(real, real), _distances(fake, fake)
    np.fill_diagonal(among_real, np.inf)
    np.fill_diagonal(among_fake, np.inf)
    usual = float(np.median(among_real.min(axis=1)))
    return {
        "feature_diversity": _mean_apart(among_fake) / max(_mean_apart(among_real), 1e-12),
        "duplicates": float((among_fake.min(axis=1) < _TWIN * usual).mean()),
    }


def copying(*, train: Floats, held_out: Floats, fake: Floats) -> float:
    """Return how near fakes lie to training images: 1 as near as held-out images do, 0 copies.

    The median distance of a fake to its nearest training image, over that of a held-out image;
    features (N, D), (K, D) and (M, D).
    """
    unseen = float(np.median(_distances(held_out, train).min(axis=1)))
    return float(np.median(_distances(fake, train).min(axis=1))) / max(unseen, 1e-12)


def nearest(features: Floats) -> npt.NDArray[np.float64]:
    """Return each row's distance to the nearest other: (N,) of (N, D)."""
    distances = _distances(features, features)
    np.fill_diagonal(distances, np.inf)
    return np.asarray(distances.min(axis=1), np.float64)


def near_copies(features: Floats) -> float:
    """Return the share of rows (N, D) nearer to another than a tenth of the usual distance.

    The usual one is the median of the distances to the nearest, those of copies left out: however
    many rows are copies, it is that of different pictures. 0 for fewer than two rows.
    """
    if len(features) < 2:
        return 0.0
    distances = nearest(features)
    different = distances > _SAME * _mean_apart(_distances(features, features))
    usual = np.median(distances[different]) if different.any() else np.inf
    return float((distances < _TWIN * usual).mean())


def _mean_apart(distances: Floats) -> float:
    return float(distances[np.isfinite(distances)].mean())


def _distances(one: Floats, other: Floats) -> npt.NDArray[np.float64]:
    """Return the Euclidean distance of each row of `one` to each of `other`: (N, M)."""
    a, b = one.astype(np.float64), other.astype(np.float64)
    squared = (a * a).sum(1)[:, None] + (b * b).sum(1)[None, :] - 2 * a @ b.T
    return np.asarray(np.sqrt(np.maximum(squared, 0)), np.float64)
