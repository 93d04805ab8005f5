"""What a panel is, and what panels share: axes of images, logarithms in plain numbers, thinning."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from ganvas.report.lines import Bands, Series
from ganvas.report.palette import EDGE
from ganvas.report.record import RunRecord

__all__ = ["MOST_POINTS", "Panel", "images_axis", "legend", "line", "logarithmic", "thinned"]
__all__ += ["thinned_bands", "write_title"]

MOST_POINTS = 400
"""Points of a line; of more, means of neighbours are drawn."""
_ROW_LETTERS = 48  # of all names in a legend of one row
_ROW_POINTS = 13  # its height


@dataclass(frozen=True, kw_only=True, slots=True)
class Panel:
    """One pair of axes: `draw(axes, record)` fills it where `is_known(record)`.

    `title` says in a few words what is drawn, `made(record)` from how many images or samples.
    """

    title: str
    is_known: Callable[[RunRecord], bool]
    draw: Callable[[Any, RunRecord], None]
    made: Callable[[RunRecord], str] = lambda record: ""


def images_axis(axes: Any) -> None:
    """Let the axis along be real images drawn, in plain numbers."""
    axes.set_xlabel("real images drawn")
    axes.xaxis.set_major_formatter(_short)
    axes.locator_params(axis="x", nbins=6)
    axes.grid(color=EDGE, lw=0.7)
    axes.set_axisbelow(True)


def logarithmic(axes: Any) -> None:
    """Let the axis upwards be logarithmic, with plain numbers at 1, 2, 5, 10, ..."""
    from matplotlib.ticker import LogLocator, NullFormatter

    axes.set_yscale("log")
    low, high = axes.get_ylim()
    steps = (1.0, 2.0, 5.0) if high < 200 * low else (1.0,)
    axes.yaxis.set_major_locator(LogLocator(subs=steps, numticks=12))
    axes.yaxis.set_major_formatter(lambda value, _: f"{value:.6g}")
    axes.yaxis.set_minor_formatter(NullFormatter())


def line(axes: Any, found: Series, label: str, colour: str, **style: Any) -> bool:
    """Draw a figure against images, with a mark on each point where these are few."""
    if not len(found):
        return False
    drawn = thinned(found)
    mark = {"marker": "o", "ms": 3} if len(drawn) <= 40 else {}
    axes.plot(drawn.images, drawn.values, label=label, color=colour, **(mark | style))
    return True


def legend(axes: Any) -> None:
    """Name the lines above the axes, where they hide nothing; where there are any."""
    columns = _columns(axes)
    if columns:
        place = {"loc": "lower left", "bbox_to_anchor": (0.0, 1.0), "borderaxespad": 0.2}
        axes.legend(fontsize=8, ncols=columns, frameon=False, columnspacing=1.2, **place)


def write_title(axes: Any, words: str) -> None:
    """Write a title above the axes and their legend."""
    columns = 0 if axes.get_legend() is None else _columns(axes)
    rows = math.ceil(len(axes.get_legend_handles_labels()[1]) / columns) if columns else 0
    axes.set_title(words, fontsize=10, loc="left", pad=6 + _ROW_POINTS * rows)


def _columns(axes: Any) -> int:
    names = axes.get_legend_handles_labels()[1]
    return len(names) if sum(map(len, names)) < _ROW_LETTERS else 2


def thinned(found: Series, most: int = MOST_POINTS) -> Series:
    """Return at most `most` points: means of neighbours, each at the last one's place."""
    parts = _parts(len(found), most)
    return Series(
        images=tuple(found.images[stop - 1] for _, stop in parts),
        seconds=tuple(found.seconds[stop - 1] for _, stop in parts),
        values=tuple(math.fsum(found.values[a:b]) / (b - a) for a, b in parts),
    )


def thinned_bands(found: Bands, most: int = MOST_POINTS) -> Bands:
    """Return at most `most` of the points."""
    kept = [stop - 1 for _, stop in _parts(len(found), most)]
    return Bands(
        images=tuple(found.images[i] for i in kept),
        seconds=tuple(found.seconds[i] for i in kept),
        values=tuple(found.values[i] for i in kept),
    )


def _parts(count: int, most: int) -> Sequence[tuple[int, int]]:
    each = max(1, -(-count // most))
    return [(start, min(start + each, count)) for start in range(0, count, each)]


def _short(value: float, _: Any) -> str:
    """Return 1200000 as 1.2M and 30000 as 30k."""
    for unit, word in ((1e6, "M"), (1e3, "k")):
        if abs(value) >= unit:
            return f"{value / unit:,.4g}{word}"
    return f"{value:,.4g}"
