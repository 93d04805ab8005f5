"""Nearest neighbours among feature matrices: exact, in bounded memory, quick enough for 1e9 pairs.

A squared distance is defined as ``sum_d (x_d - y_d)^2`` in float64, as NumPy sums it. Written so,
equal rows are exactly 0 apart, d(x, y) is d(y, x), and nothing depends on which other rows there
are. It is also slow. The matrix product ``|x|^2 + |y|^2 - 2 x.y`` is quick, but rounds by as much
as eps (|x|^2 + |y|^2), differently for every shape, machine and number of threads, which leaves
noise where the distance of duplicates should be 0 and decides ties by chance.

So the product, of centred rows, only sorts out: its error is bounded, and every pair that the
bound leaves undecided is computed as defined. These are few; in degenerate data (thousands of
different images with all but the same features) they are many, which takes time, not memory.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

import numpy as np
import numpy.typing as npt
import torch

from ganvas.errors import DataError, UsageError
from ganvas.metrics.checks import (
    FloatArray,
    checked_features,
    require_count,
    require_same_width,
)

__all__ = ["Balls", "Counts", "Nearest", "count_in_balls", "kth_distances", "nearest"]
__all__ += ["nearest_other"]

IntArray = npt.NDArray[np.int64]
Features = npt.NDArray[np.floating[Any]]

_BLOCK_NUMBERS = 2**22  # float64 numbers of one block of distances: 32 MB
_CHUNK_NUMBERS = 2**19  # ... and of the rows whose differences are taken at a time: 4 MB
_EPS = float(np.finfo(np.float64).eps)
_TINY = float(np.finfo(np.float64).tiny)


class Nearest(NamedTuple):
    """The nearest row, int64 (N,), and the squared distance to it, float64 (N,)."""

    row: IntArray
    squared_distance: FloatArray


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Balls:
    """A ball around every real image, or around every fake one: float64 squared radii.

    `strict` leaves the sphere itself out: inside means ``<`` the radius rather than ``<=``.
    """

    around: Literal["real", "fake"]
    squared_radii: FloatArray
    strict: bool


class Counts(NamedTuple):
    """Of the pairs of a ball's centre and an image inside: how many each image is part of.

    `real` int64 (N,) and `fake` int64 (M,); each sums to the number of such pairs.
    """

    real: IntArray
    fake: IntArray


def kth_distances(features: Features, ks: Sequence[int]) -> FloatArray:
    """Return each row's squared distance to its k-th nearest other row, float64 (len(ks), N).

    `features` is floating point (N, D). A row is left out of its own neighbours once; copies of
    it count as neighbours at distance 0.

    Raises UsageError unless every k is 1..N-1, DataError for features that are not finite.
    """
    points = checked_features(features)
    if not ks or min(ks) < 1:
        raise UsageError(f"k of the k-th nearest neighbour must be 1 or more, got {list(ks)}")
    most = max(ks)
    require_count(f"the neighbour number {most} of each image", "images", len(points), most + 1)
    everyone = np.arange(len(points))
    found = np.empty((len(ks), len(points)))
    for start, closest in _search(_Pairs(points, points), most, left_out=everyone):
        rows = slice(start, start + len(closest.first))
        for place, k in enumerate(ks):
            found[place, rows] = closest.squared_distance[closest.first + k - 1]
    return found


def nearest(*, of: Features, among: Features) -> Nearest:
    """Return for each row of `of`, floating (N, D), the nearest row of `among`, floating (M, D).

    Of several equally near, it is the first.

    Raises UsageError for different widths or an empty `among`, DataError for features that are
    not finite.
    """
    points, others = checked_features(of), checked_features(among)
    require_same_width(others, points)
    require_count("a nearest image", "images to look among", len(others), 1)
    return _nearest(_Pairs(points, others), left_out=None)


def nearest_other(
    features: Features, rows: npt.NDArray[np.integer[Any]] | None = None
) -> FloatArray:
    """Return the squared distance of `rows` to their nearest other row of `features`.

    `features` is floating point (N, D), N of 2 or more; `rows` are row numbers, integers (R,),
    or None for all. The result is float64 (R,). Only the row itself is left out: the distance
    of a row to its copy is 0.

    Raises UsageError for fewer than 2 rows or row numbers outside 0..N-1, DataError for features
    that are not finite.
    """
    points = checked_features(features)
    require_count("the nearest other image", "images", len(points), 2)
    if rows is None:
        chosen = np.arange(len(points))
    else:
        chosen = np.asarray(rows)
        if chosen.ndim != 1 or not np.issubdtype(chosen.dtype, np.integer):
            raise UsageError(
                f"row numbers must be integers of shape (R,), got {chosen.dtype} {chosen.shape}"
            )
        if len(chosen) and (chosen.min() < 0 or chosen.max() >= len(points)):
            raise UsageError(
                f"row numbers must be 0..{len(points) - 1}, got {chosen.min()}..{chosen.max()}"
            )
        chosen = chosen.astype(np.int64)
    return _nearest(_Pairs(points[chosen], points), left_out=chosen).squared_distance


def count_in_balls(*, real: Features, fake: Features, balls: Sequence[Balls]) -> list[Counts]:
    """Return for each of `balls` which real and fake images form a pair of centre and inside.

    `real` is floating point (N, D), `fake` (M, D). Balls around real images look for fake ones
    inside, and the other way round; all are counted in one pass over the N x M distances.

    Raises UsageError for different widths or radii that are not one for each centre, DataError
    for features that are not finite.
    """
    rows, columns = checked_features(real), checked_features(fake)
    require_same_width(rows, columns)
    counts = [
        Counts(np.zeros(len(rows), np.int64), np.zeros(len(columns), np.int64)) for _ in balls
    ]
    for ball in balls:
        centres = {"real": rows, "fake": columns}[ball.around]
        if ball.squared_radii.shape != (len(centres),):
            raise UsageError(
                f"balls around {len(centres)} {ball.around} images need a radius each, "
                f"got {ball.squared_radii.shape}"
            )
    if len(rows) == 0 or len(columns) == 0:
        return counts
    pairs = _Pairs(rows, columns)
    for start, block in pairs.blocks():
        for ball, count in zip(balls, counts, strict=True):
            row, column = _pairs_inside(pairs, start, block, ball)
            count.real[:] += np.bincount(row, minlength=len(rows))
            count.fake[:] += np.bincount(column, minlength=len(columns))
    return counts


class _Pairs:
    """Squared distances of the rows of two matrices: all estimated, and exact where asked."""

    def __init__(self, rows: FloatArray, columns: FloatArray) -> None:
        self._rows, self._columns = rows, columns
        with np.errstate(over="ignore", invalid="ignore"):
            # Distances do not change when both are shifted; norms, and so the rounding, do.
            centre = columns.mean(axis=0)
            centred = [rows - centre, columns - centre]
            norms = [(points**2).sum(axis=1) for points in centred]
            largest = float(norms[0].max(initial=0.0) + norms[1].max(initial=0.0))
        if not np.isfinite(4.0 * largest):
            raise DataError(
                "features are too large for distances in float64 (their squares overflow); "
                "divide them by a constant"
            )
        self._centred = [torch.from_numpy(points) for points in centred]
        self._norms = [torch.from_numpy(norm) for norm in norms]
        # |estimate - exact| <= slack. With n = |x|^2 + |y|^2 (centred) and D columns, sums of
        # D terms in any order are off by D eps/2 of the sum of magnitudes: the product by
        # D eps/2 n, the norms by as much, the definition by twice that (d <= 2 n), and centring,
        # adding up and squaring by less than 9 eps n. That is (2 D + 9) eps n; this is more.
        # The last term covers numbers too small to be rounded relative to their size.
        width = rows.shape[1]
        self.slack = 4.0 * (width + 8) * (_EPS * largest + _TINY)
        # Equal rows get equal labels: their distance is 0 without looking, so that thousands of
        # copies of one image do not take millions of exact distances.
        known: dict[bytes, int] = {}
        self._row_labels, self._column_labels = (
            np.array([known.setdefault(point.tobytes(), len(known)) for point in points], np.int64)
            for points in (rows, columns)
        )

    def blocks(self) -> Iterator[tuple[int, torch.Tensor]]:
        """Yield the first row and the estimates, float64 (rows, columns), of block after block.

        A block may be changed, and is good until the next one is asked for.
        """
        (rows, columns), (row_norms, column_norms) = self._centred, self._norms
        at_once = max(1, _BLOCK_NUMBERS // len(columns))
        space = torch.empty(min(at_once, len(rows)), len(columns), dtype=torch.float64)
        for start in range(0, len(rows), at_once):
            some = rows[start : start + at_once]
            block = space[: len(some)]
            torch.addmm(column_norms, some, columns.T, alpha=-2.0, out=block)
            block += row_norms[start : start + at_once, None]
            yield start, block

    def exact(self, rows: IntArray, columns: IntArray) -> FloatArray:
        """Return the squared distances, float64 (P,), of pairs of row numbers, int64 (P,)."""
        distances = np.zeros(len(rows))
        apart = np.flatnonzero(self._row_labels[rows] != self._column_labels[columns])
        at_once = max(1, _CHUNK_NUMBERS // max(1, self._rows.shape[1]))
        for start in range(0, len(apart), at_once):
            some = apart[start : start + at_once]
            difference = self._rows[rows[some]]
            difference -= self._columns[columns[some]]
            difference *= difference
            distances[some] = difference.sum(axis=1)
        return distances


class _Closest(NamedTuple):
    """Exact distances of the closest columns of some rows, row by row, closest first.

    Row r has its own from place `first[r]` on, as many as were asked for or more.
    """

    first: IntArray
    column: IntArray
    squared_distance: FloatArray


def _search(
    pairs: _Pairs, count: int, *, left_out: IntArray | None
) -> Iterator[tuple[int, _Closest]]:
    """Yield the first row of a block and the `count` columns closest to each of its rows.

    `left_out` is for each row one column that is not looked at.
    """
    for start, block in pairs.blocks():
        own = torch.arange(len(block))
        if left_out is not None:
            block[own, torch.from_numpy(left_out[start : start + len(block)])] = torch.inf
        # `count` exact distances are at most this bound, so no column beyond it is among them.
        if count == 1:  # the same, in a quarter of the time
            bound = block.amin(dim=1)
        else:
            bound = block.topk(count, dim=1, largest=False, sorted=False).values.amax(dim=1)
        bound += 2.0 * pairs.slack
        row, column = _where(block <= bound[:, None])
        distance = pairs.exact(start + row, column)
        order = np.lexsort((distance, row))  # stable, and columns already ascend
        first = np.searchsorted(row, own.numpy())
        yield start, _Closest(first, column[order], distance[order])


def _nearest(pairs: _Pairs, *, left_out: IntArray | None) -> Nearest:
    row, distance = [np.zeros(0, np.int64)], [np.zeros(0)]
    for _, closest in _search(pairs, 1, left_out=left_out):
        row.append(closest.column[closest.first])
        distance.append(closest.squared_distance[closest.first])
    return Nearest(np.concatenate(row), np.concatenate(distance))


def _pairs_inside(
    pairs: _Pairs, start: int, block: torch.Tensor, ball: Balls
) -> tuple[IntArray, IntArray]:
    """Return row and column numbers, over all blocks, of the pairs of `block` inside `ball`."""
    radii = torch.from_numpy(np.array(ball.squared_radii))
    if ball.around == "real":
        radii = radii[start : start + len(block), None]
    row, column = _where(block <= radii + pairs.slack)
    estimate = block.numpy()[row, column]
    row += start
    radius = ball.squared_radii[row if ball.around == "real" else column]
    inside = estimate < radius - pairs.slack
    open_ = np.flatnonzero(~inside)
    exact = pairs.exact(row[open_], column[open_])
    inside[open_] = exact < radius[open_] if ball.strict else exact <= radius[open_]
    return row[inside], column[inside]


def _where(mask: torch.Tensor) -> tuple[IntArray, IntArray]:
    """Return rows and columns, int64, where `mask` holds, in the order of the memory."""
    row, column = np.divmod(np.flatnonzero(mask.numpy()), mask.shape[1])
    return row, column
