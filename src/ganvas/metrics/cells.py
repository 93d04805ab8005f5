"""Cells of a feature space: k-means on training features, and which cell each picture is in."""

import warnings
from typing import Any

import numpy as np
import numpy.typing as npt

from ganvas.errors import DataError, UsageError
from ganvas.metrics.checks import FloatArray, checked_features, require_count

__all__ = ["features_to_cells", "fit_cells"]

_MAX_ITERATIONS = 100
_ROWS = 8192  # features compared with all centres at a time


def fit_cells(
    features: npt.NDArray[np.floating[Any]], num_cells: int, *, seed: int = 0
) -> FloatArray:
    """Return the centres, float64 (num_cells, D), of k-means on `features`, floating (N, D).

    One k-means++ start drawn from `seed` and at most 100 of Lloyd's iterations, as Elkan
    shortens them (the same centres in less time). It runs on one thread: with more, scikit-learn
    adds in the order in which threads finish, and the same seed would not give the same bytes.

    Raises UsageError where there are fewer images than cells, DataError for features that are
    not finite or have fewer different rows than cells.
    """
    from sklearn.cluster import KMeans
    from sklearn.exceptions import ConvergenceWarning
    from threadpoolctl import threadpool_limits

    points = checked_features(features)
    if num_cells < 1:
        raise UsageError(f"the number of cells must be 1 or more, got {num_cells}")
    require_count("a division into cells", "images", len(points), num_cells)
    kmeans = KMeans(
        num_cells,
        n_init=1,
        random_state=seed,
        max_iter=_MAX_ITERATIONS,
        algorithm="elkan" if num_cells > 1 else "lloyd",  # with one cell there is no short cut
    )
    with threadpool_limits(1), warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # told below, as an error
        centres: FloatArray = kmeans.fit(points).cluster_centers_
    different = len(np.unique(centres, axis=0))
    if different < num_cells:
        raise DataError(
            f"the features of {len(points)} images gave {different} different cells, not the "
            f"{num_cells} asked for: too many are the same; use fewer cells or other images"
        )
    return centres


def features_to_cells(
    features: npt.NDArray[np.floating[Any]], centres: FloatArray
) -> npt.NDArray[np.int64]:
    """Return the nearest centre of each row of `features`, int64 (N,), 0..num_cells-1.

    `features` are floating (N, D), `centres` float64 (num_cells, D); the distance is Euclidean.
    Between centres that are equally near, rounding decides.

    Raises UsageError where `features` are not as wide as `centres` or there is no centre,
    DataError for values that are not finite.
    """
    points = checked_features(features)
    centres = checked_features(centres, "the cells' centres")
    if len(centres) == 0 or points.shape[1] != centres.shape[1]:
        raise UsageError(
            f"features are {points.shape[1]} wide, the {len(centres)} cells' centres "
            f"{centres.shape[1]}; use one judge for both, and at least one cell"
        )
    # |x - c|^2 without |x|^2, which is the same for every centre; seen from the middle of the
    # centres, so that features far from zero lose no digits.
    middle = centres.mean(axis=0)
    around = centres - middle
    lengths = (around**2).sum(axis=1)
    cells = np.empty(len(points), np.int64)
    for start in range(0, len(points), _ROWS):
        rows = slice(start, start + _ROWS)
        cells[rows] = (lengths - 2.0 * ((points[rows] - middle) @ around.T)).argmin(axis=1)
    return cells
