"""Points of the plane to a picture."""

import numpy as np

__all__ = ["SHOWN_POINTS", "points_to_picture"]

SHOWN_POINTS = 2_500
"""Points in a run's pictures."""
_MARGIN = 1.2


def points_to_picture(points: np.ndarray, scale: float, *, side: int = 300) -> np.ndarray:
    """Return points, floating (N, 2), as a picture uint8 (side, side), darker where there are more.

    It shows the square from -1.2 to 1.2 times `scale`, the second coordinate upwards; points beyond
    lie on its edge. Grey goes by the logarithm of the count; a point alone is at least half dark.
    """
    reach = _MARGIN * scale
    places = np.clip((points / reach + 1) * (side / 2), 0, side - 1).astype(np.int64)
    counts = np.zeros((side, side))
    np.add.at(counts, (side - 1 - places[:, 1], places[:, 0]), 1)
    shades = np.log1p(counts) / np.log1p(max(counts.max(), 1.0))
    dark = np.where(counts > 0, 0.5 + 0.5 * shades, 0.0)
    picture: np.ndarray = (255 - np.rint(255 * dark)).astype(np.uint8)
    return picture
