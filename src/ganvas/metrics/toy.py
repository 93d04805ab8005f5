"""Modes found in the two-dimensional toy laws: a ring of 8 Gaussians and a grid of 25."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from ganvas.errors import UsageError
from ganvas.metrics.cells import features_to_cells
from ganvas.metrics.checks import FloatArray, checked_features, require_count

__all__ = [
    "GRID_SIGMA",
    "RING_SIGMA",
    "ToyModes",
    "grid_centres",
    "ring_centres",
    "toy_modes",
]

RING_SIGMA = 0.01
"""Standard deviation, in each direction, of the ring's Gaussians."""

GRID_SIGMA = 0.05
"""Standard deviation, in each direction, of the grid's Gaussians."""

_RADIUS_IN_SIGMAS = 3.0


@dataclass(frozen=True, kw_only=True, slots=True)
class ToyModes:
    """`found` of `modes` modes have a high-quality sample; `high_quality` is their share, 0..1."""

    found: int
    modes: int
    high_quality: float


def ring_centres() -> FloatArray:
    """Return the ring's centres (cos(2 pi i/8), sin(2 pi i/8)), i = 0..7: float64 (8, 2)."""
    angles = 2.0 * np.pi * np.arange(8) / 8.0
    return np.stack([np.cos(angles), np.sin(angles)], axis=1)


def grid_centres() -> FloatArray:
    """Return the grid's centres, {-4, -2, 0, 2, 4} squared: float64 (25, 2)."""
    steps = np.arange(-4.0, 5.0, 2.0)
    return np.stack(np.meshgrid(steps, steps, indexing="ij"), axis=-1).reshape(-1, 2)


def toy_modes(
    *, centres: FloatArray, sigma: float, fake: npt.NDArray[np.floating[Any]]
) -> ToyModes:
    """Return how many modes `fake`, points of floating type (N, D), has found, and how well.

    A point is of high quality when it is nearer than 3 `sigma` to the nearest of the `centres`,
    float64 (K, D); a mode is found when at least one such point is nearest to its centre (Lin
    et al., PacGAN, arXiv 1712.04086, where D = 2). Higher is better. Draws of the law itself
    give the share ``1 - exp(-9/2) = 0.9889`` for D = 2, so more is no better.

    Raises UsageError for fewer points than modes, a sigma that is not positive, or shapes that
    do not fit; DataError for points that are not finite.
    """
    if not 0.0 < sigma < np.inf:
        raise UsageError(f"sigma must be positive and finite, got {sigma}")
    points = checked_features(fake, "points")
    nearest = features_to_cells(points, centres)
    require_count("a count of modes", "points", len(points), len(centres))
    distances = np.linalg.norm(points - centres[nearest], axis=1)
    good = distances < _RADIUS_IN_SIGMAS * sigma
    return ToyModes(
        found=len(np.unique(nearest[good])),
        modes=len(centres),
        high_quality=float(np.count_nonzero(good)) / len(points),
    )
