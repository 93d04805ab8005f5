"""Clusters of data without labels: something to condition on, drawn from the data itself.

Self-conditioning (arXiv 2006.10728): G is asked for a cluster and D judges an image as one of its
cluster, as with classes. Here clusters are those of k-means on the images' leading principal
components, fitted once at the beginning of a run; those of points are of the points themselves.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from ganvas.errors import DataError, UsageError
from ganvas.metrics.cells import features_to_cells, fit_cells

__all__ = ["Clusters", "fit_clusters", "fitting_clusters", "num_compared"]

_MOST_SIDE = 32  # pixels: larger images are averaged down before they are compared
_MOST_FITTED = 20_000
_ROWS = 4_096  # turned into coordinates at a time
_ROWS_AVERAGED = 256  # of large images, which are long in float32
_ROWS_EACH = 50  # at least, of a cluster on the average

FloatArray = npt.NDArray[np.float32]
AnyArray = npt.NDArray[np.uint8] | FloatArray


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Clusters:
    """Tells the cluster of an image or point: the nearest centre to its principal components.

    `mean` float32 (P,) of the P pixel values in [0, 1] of an image (averaged down to a side of at
    most 32), or of a point's P coordinates; `directions` float32 (P, C) its leading principal
    directions, `centres` float32 (K, C) in their coordinates.
    """

    mean: FloatArray
    directions: FloatArray
    centres: FloatArray

    def __post_init__(self) -> None:
        pixels, components = self.directions.shape
        if self.mean.shape != (pixels,) or self.centres.shape[1:] != (components,):
            raise DataError(
                f"clusters do not fit together: mean {self.mean.shape}, directions "
                f"{self.directions.shape}, centres {self.centres.shape}"
            )

    def __len__(self) -> int:
        return len(self.centres)

    def of(self, data: AnyArray) -> npt.NDArray[np.int64]:
        """Return the cluster of each row, int64 (N,), 0..K-1.

        `data` are images, uint8 (N, C, H, W), or points as networks take them, float32 (N, D).

        Raises UsageError for images of another size than those the clusters were fitted on.
        """
        found = [np.zeros(0, np.int64)]
        for start in range(0, len(data), _ROWS):
            pixels = _compared(data[start : start + _ROWS])
            if pixels.shape[1] != len(self.mean):
                raise UsageError(
                    f"the clusters are of images with {len(self.mean)} compared values, and these "
                    f"have {pixels.shape[1]}: give images of the size that was trained on"
                )
            coordinates = (pixels - self.mean) @ self.directions
            found.append(features_to_cells(coordinates, self.centres.astype(np.float64)))
        return np.concatenate(found)

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


def fit_clusters(data: AnyArray, *, count: int, components: int, seed: int) -> Clusters:
    """Return `count` clusters of images uint8 (N, C, H, W), or of points float32 (N, D).

    Of more than 20,000, as many evenly spread ones are looked at. The same data and seed give the
    same bytes: everything is computed on one thread.

    Raises UsageError where there are fewer rows than clusters, DataError where too many are the
    same.
    """
    from threadpoolctl import threadpool_limits

    step = max(1, -(-len(data) // _MOST_FITTED))
    pixels = _compared(data[::step])
    mean = pixels.mean(axis=0, dtype=np.float64).astype(np.float32)
    centred = pixels - mean
    with threadpool_limits(1):
        directions = _leading_directions(centred, min(components, *centred.shape))
        coordinates = centred @ directions
        centres = fit_cells(coordinates, count, seed=seed)
    return Clusters(mean=mean, directions=directions, centres=centres.astype(np.float32))


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
    """Return the values compared, float32 (N, P): a point's, or those of an image in [0, 1]."""
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
