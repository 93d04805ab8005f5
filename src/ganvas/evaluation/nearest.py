"""A picture of the fake images that lie nearest to training images, each above the latter."""

from pathlib import Path

import numpy as np
import numpy.typing as npt

from ganvas.evaluation.compute import Case
from ganvas.files import write_png
from ganvas.grid import images_to_grid, upscale
from ganvas.metrics.memorisation import closest_pairs

__all__ = ["write_nearest"]

_COLUMNS, _PAIR_ROWS = 10, 3
_SIDE = 900  # pixels


def write_nearest(path: Path, images: npt.NDArray[np.uint8], case: Case) -> None:
    """Write the 30 nearest pairs as PNG, the nearest first: a row of `images`, theirs below it.

    `images`, uint8 (N, C, H, W), are those that `case` scores. Near is meant in the judge's
    feature space. Raises GanvasError when the file cannot be written.
    """
    reference = case.reference
    count = min(_COLUMNS * _PAIR_ROWS, len(images))
    pairs = closest_pairs(train=reference.train_features, fake=case.scored.features, count=count)
    train = reference.dataset.train.images
    rows = []
    for start in range(0, count, _COLUMNS):
        row = slice(start, start + _COLUMNS)
        for part in (images[pairs.fake[row]], train[pairs.train[row]]):
            blank = np.full((_COLUMNS - len(part), *part.shape[1:]), 255, np.uint8)
            rows.append(np.concatenate([part, blank]))
    grid = images_to_grid(np.concatenate(rows), _COLUMNS)
    write_png(path, upscale(grid, max(1, round(_SIDE / grid.shape[1]))))
