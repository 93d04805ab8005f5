"""Clusters of data without labels: something to condition on, drawn from the data itself.

Self-conditioning (arXiv 2006.10728): G is asked for a cluster and D judges an image as one of its
cluster, as with classes. Here clusters are those of k-means on the images' leading principal
components, fitted once at the beginning of a run; those of points are of the points themselves.

Where the channels of images have nothing to do with each other, each has clusters of its own, and
an image is of one cluster in each: K clusters of each of P channels tell K^P kinds of images apart.
"""

import itertools
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from ganvas.errors import DataError, UsageError
from ganvas.metrics.cells import features_to_cells, fit_cells

__all__ = ["Clusters", "channels_agree", "fit_clusters", "fitting_clusters", "num_compared"]

_MOST_SIDE = 32  # pixels: larger images are averaged down before they are compared
_MOST_FITTED = 20_000
_ROWS = 4_096  # turned into coordinates at a time
_ROWS_AVERAGED = 256  # of large images, which are long in float32
_ROWS_EACH = 50  # at least, of a cluster on the average
_MOST_COMPARED = 1_000  # images whose channels are held against each other

FloatArray = npt.NDArray[np.float32]
AnyArray = npt.NDArray[np.uint8] | FloatArray


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Clusters:
    """Tells the cluster of an image or point: the nearest centre to its principal components.

    `mean` float32 (V,) of the V pixel values in [0, 1] of an image (averaged down to a side of at
    most 32), or of a point's V coordinates; `directions` float32 (V, C) its leading principal
    directions, `centres` float32 (K, C) in their coordinates. Where each of P channels has its own
    clusters, `directions` are (P, V / P, C) and `centres` (P, K, C).
    """

    mean: FloatArray
    directions: FloatArray
    centres: FloatArray

    def __post_init__(self) -> None:
        *parts, pixels, components = self.directions.shape
        fits = self.mean.shape == (math.prod(parts) * pixels,) and len(parts) <= 1
        if not fits or self.centres.shape != (*parts, self.centres.shape[-2], components):
            raise DataError(
                f"clusters do not fit together: mean {self.mean.shape}, directions "
                f"{self.directions.shape}, centres {self.centres.shape}"
            )

    def __len__(self) -> int:
        """How many there are, those of all parts together."""
        return math.prod(self.centres.shape[:-1])

    @property
    def num_parts(self) -> int:
        """How many clusters each row is of."""
        return math.prod(self.centres.shape[:-2])

    def of(self, data: AnyArray) -> npt.NDArray[np.int64]:
        """Return the cluster of each row, int64 (N,), 0..K-1.

        Of P channels with clusters of their own int64 (N, P), those of channel p from p K on.

        `data` are images, uint8 (N, C, H, W), or points as networks take them, float32 (N, D).

        Raises UsageError for images of another size than those the clusters were fitted on.
        """
        found = [np.zeros((0, *self.centres.shape[:-2]), np.int64)]
        for start in range(0, len(data), _ROWS):
            pixels = _compared(data[start : start + _ROWS])
            if pixels.shape[1] != len(self.mean):
                raise UsageError(
                    f"the clusters are of images with {len(self.mean)} compared values, and these "
                    f"have {pixels.shape[1]}: give images of the size that was trained on"
                )
            found.append(self._of_compared(pixels - self.mean))
        return np.concatenate(found)

    def _of_compared(self, centred: FloatArray) -> npt.NDArray[np.int64]:
        if self.centres.ndim == 2:
            return features_to_cells(centred @ self.directions, self.centres.astype(np.float64))
        parts, count, _ = self.centres.shape
        cells = [
            features_to_cells(of_part @ directions, centres.astype(np.float64)) + part * count
            for part, (of_part, directions, centres) in enumerate(
                zip(np.split(centred, parts, 1), self.directions, self.centres, strict=True)
            )
        ]
        return np.stack(cells, 1)

    def to_tensors(self) -> dict[str, Tensor]:
        """Return the arrays by name, for a checkpoint or a weights file."""
        return {
            "mean": torch.from_numpy(self.mean),
            "directions": torch.from_numpy(self.directions),
            "centres": torch.from_numpy(self.centres),
        }

    @classmethod
    def from_tensors(cls, tensors: Mapping[str, Any]) -> Self:
        """Return what `to_tensors` gave. Raises DataError for arrays that do not fit together."""
        return cls(**{name: tensors[name].numpy() for name in ("mean", "directions", "centres")})


def fitting_clusters(asked: int, num_rows: int) -> int:
    """Return how many clusters to fit: as asked, but of 50 rows each on the average; 0: none."""
    count = min(asked, num_rows // _ROWS_EACH)
    return count if count >= 2 else 0


def num_compared(*sizes: int) -> int:
    """Return how many values are compared of an image of `sizes` (C, H, W), or a point of (D,)."""
    if len(sizes) == 1:
        return sizes[0]
    channels, height, width = sizes
    factor = -(-max(height, width) // _MOST_SIDE)
    return channels * (height // factor) * (width // factor)


def channels_agree(images: npt.NDArray[np.uint8]) -> float:
    """Return how much the channels of images uint8 (N, C, H, W) say of each other, 0 to 1.

    ``max over pairs sqrt(sum_v cov(a_v, b_v)^2 / sum_v var(a_v) var(b_v))``, v the places of an
    image averaged down to a side of at most 32: a root mean square correlation, over at most 1,000
    evenly spread images. N images of independent channels are at about 1 / sqrt(N) by chance. 1 for
    a single channel, for one in which fewer than half of those images differ, which has too little
    for clusters of its own, and for fewer than two images.
    """
    count, channels = images.shape[:2]
    if channels == 1 or count < 2:
        return 1.0
    compared = _compared(images[:: -(-count // _MOST_COMPARED)])
    by_channel = compared.reshape(len(compared), channels, -1).astype(np.float64)
    by_channel -= by_channel.mean(axis=0)
    variances = (by_channel**2).mean(axis=0)
    different = [len({row.tobytes() for row in by_channel[:, c]}) for c in range(channels)]
    if min(different) < len(compared) / 2:
        return 1.0
    found = []
    for a, b in itertools.combinations(range(channels), 2):
        common = (by_channel[:, a] * by_channel[:, b]).mean(axis=0)
        most = (variances[a] * variances[b]).sum()
        found.append(math.sqrt((common**2).sum() / most) if most else 1.0)
    return max(found)


def fit_clusters(
    data: AnyArray, *, count: int, components: int, seed: int, parts: int = 1
) -> Clusters:
    """Return `count` clusters of images uint8 (N, C, H, W), or of points float32 (N, D).

    With more than one of `parts`, which are then the images' channels, so many of each.

    Of more than 20,000, as many evenly spread ones are looked at. The same data and seed give the
    same bytes: everything is computed on one thread.

    Raises UsageError where there are fewer rows than clusters, DataError where too many are the
    same.
    """
    from threadpoolctl import threadpool_limits

    step = max(1, -(-len(data) // _MOST_FITTED))
    pixels = _compared(data[::step])
    mean = pixels.mean(axis=0, dtype=np.float64).astype(np.float32)
    with threadpool_limits(1):
        fitted = [
            _fit_part(part, count=count, components=components, seed=seed)
            for part in np.split(pixels - mean, parts, 1)
        ]
    directions, centres = (np.stack(found) for found in zip(*fitted, strict=True))
    if parts == 1:
        directions, centres = directions[0], centres[0]
    return Clusters(mean=mean, directions=directions, centres=centres)


def _fit_part(
    centred: FloatArray, *, count: int, components: int, seed: int
) -> tuple[FloatArray, FloatArray]:
    """Return directions float32 (V, C) and centres float32 (count, C) of values (N, V)."""
    directions = _leading_directions(centred, min(components, *centred.shape))
    try:
        centres = fit_cells(centred @ directions, count, seed=seed)
    except DataError as error:
        raise DataError(f"{error}: set clusters.count to fewer, or conditioning to none") from None
    return directions, centres.astype(np.float32)


def _leading_directions(centred: FloatArray, components: int) -> FloatArray:
    """Return the leading eigenvectors of the covariance, a column each, the largest first.

    The sign of each is such that its largest entry is positive.
    """
    covariance = (centred.T @ centred).astype(np.float64) / len(centred)
    _, vectors = np.linalg.eigh(covariance)
    leading = vectors[:, ::-1][:, :components]
    largest = np.take_along_axis(leading, np.abs(leading).argmax(axis=0)[None], axis=0)
    return np.ascontiguousarray(leading * np.where(largest < 0, -1.0, 1.0), dtype=np.float32)


def _compared(data: AnyArray) -> FloatArray:
    """Return the values compared, float32 (N, V): a point's, or those of an image in [0, 1]."""
    if data.ndim == 2:
        return data.astype(np.float32)
    count, channels, height, width = data.shape
    factor = -(-max(height, width) // _MOST_SIDE)
    if factor > 1:  # whole blocks; what is left over at the bottom and right is not looked at
        rows, columns = height // factor, width // factor
        means = np.empty((count, channels, rows, columns), np.float32)
        for start in range(0, count, _ROWS_AVERAGED):
            part = slice(start, start + _ROWS_AVERAGED)
            cut = data[part, :, : rows * factor, : columns * factor].astype(np.float32)
            blocks = cut.reshape(-1, channels, rows, factor, columns, factor)
            blocks.mean(axis=(3, 5), out=means[part])
        means /= np.float32(255)
        return means.reshape(count, -1)
    return data.reshape(count, -1).astype(np.float32) / np.float32(255)
