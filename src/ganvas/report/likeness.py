"""How much the newest samples differ from each other, by the very pictures that people look at.

The doctor asks the same in a judge's features, of runs that it watched for a while; this is known
of every run that has left pictures, and is about what the reader of its report sees.
"""

from dataclasses import dataclass
from math import gcd

import numpy as np

from ganvas.grid import COLUMNS, enlargement
from ganvas.report.pixels import Pixels, read_pixels
from ganvas.report.record import RunHead

__all__ = ["Likeness", "likeness", "likeness_of"]

_GAP = 2  # pixels between the images of a grid
_ALIKE = 0.25  # of 14 runs of all recipes the collapsed ones have 0.002 and 0.07, others 0.5 to 1.5
_EMPTY = 0.15  # as the doctor's `contrast_nil`


@dataclass(frozen=True, kw_only=True, slots=True)
class Likeness:
    """`spread` and `contrast` of the samples, each over that of the real images beside them.

    The spread is the standard deviation of a pixel over the images of a row, a mean of all pixels;
    the contrast that of all pixels of the images below each other, a mean of all columns.
    """

    spread: float
    contrast: float

    @property
    def is_one_picture(self) -> bool:
        """Whether the samples are nearly the same picture again and again."""
        return self.spread < _ALIKE

    @property
    def is_empty(self) -> bool:
        """Whether there is next to nothing in the samples."""
        return self.contrast < _EMPTY


def likeness(head: RunHead) -> Likeness | None:
    """Return the likeness of a run's newest samples; None without pictures, and of points."""
    if head.text("generator.architecture") == "points":
        return None
    real, fake = read_pixels(head.real_picture), read_pixels(head.newest_picture)
    return None if real is None or fake is None else likeness_of(real=real, fake=fake)


def likeness_of(*, real: Pixels, fake: Pixels) -> Likeness | None:
    """Return the likeness of two grids, uint8 (H, W, C), as a run writes them, `COLUMNS` in a row.

    None where they are no such grids, or all the real images are the same.
    """
    if real.shape[1:] != fake.shape[1:]:
        return None
    factor = gcd(enlargement(real), enlargement(fake))  # one of them alone may be all black
    measured = [_spread_and_contrast(grid[::factor, ::factor]) for grid in (real, fake)]
    if None in measured:
        return None
    (real_spread, real_contrast), (spread, contrast) = (pair for pair in measured if pair)
    if not real_spread or not real_contrast:
        return None
    return Likeness(spread=spread / real_spread, contrast=contrast / real_contrast)


def _spread_and_contrast(grid: Pixels) -> tuple[float, float] | None:
    """Return both, from the images side by side: how high each is need not be known."""
    _, width, channels = grid.shape
    pitch, rest = divmod(width - _GAP, COLUMNS)
    if rest or pitch <= _GAP:
        return None
    rows = grid[:, _GAP:].reshape(len(grid), COLUMNS, pitch, channels)[:, :, : pitch - _GAP]
    inside = rows[(rows < 255).any(axis=(1, 2, 3))].astype(np.float64)  # no gap between rows
    if not inside.size:
        return None
    return float(inside.std(axis=1).mean()), float(inside.std(axis=(0, 2)).mean())
