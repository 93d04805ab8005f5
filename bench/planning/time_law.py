"""How long an image takes by its arithmetic, the default's time being 1.

    time = start + slope * million operations

`start` is what an update does beside convolutions and matrix products, shared by its images; so
the law is for the recipe's own batch.
"""

from dataclasses import dataclass

from bench.planning.laws import Line, fit_line, furthest
from bench.planning.point import AXES
from bench.planning.results import Results

__all__ = ["TimeLaw", "fit_time"]


@dataclass(frozen=True, kw_only=True, slots=True)
class TimeLaw:
    """The law of one recipe from `count` points; none is off by more than a part of `worst`."""

    line: Line
    worst: float
    count: int

    def at(self, operations: float) -> float:
        """Return the time of an image of so many operations."""
        return self.line.at(operations / 1e6)


def fit_time(results: Results, recipe: str) -> TimeLaw | None:
    """Return the law of a recipe from its measured sizes, colours and widths.

    None where fewer than three are there.
    """
    points = {point for axis in ("size", "colour", "width") for point in AXES[axis]}
    measured = [
        (found["operations"] / 1e6, float(found["ratio"]))
        for point in sorted(points, key=lambda point: point.name)
        if point.recipe == recipe and (found := results.get(point)) is not None
    ]
    if len(measured) < 3:
        return None
    xs, ys = zip(*measured, strict=True)
    line = fit_line(xs, ys, relative=True)
    return TimeLaw(line=line, worst=furthest(line, xs, ys), count=len(measured))
