"""How one figure grows with another: a power law or a straight line, by least squares."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import StatisticsError

__all__ = ["Line", "Power", "fit_line", "fit_power", "furthest"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Line:
    """y = start + slope * x."""

    start: float
    slope: float

    def at(self, x: float) -> float:
        """Return the line's y at x."""
        return self.start + self.slope * x


@dataclass(frozen=True, kw_only=True, slots=True)
class Power:
    """y = factor * x^exponent, for positive x."""

    factor: float
    exponent: float

    def at(self, x: float) -> float:
        """Return the law's y at x."""
        return self.factor * math.exp(self.exponent * math.log(x))


def fit_line(xs: Sequence[float], ys: Sequence[float], *, relative: bool = False) -> Line:
    """Return the straight line nearest to points: least squares of y.

    `relative`: of (line - y) / y, so that small y count as much as large ones; y must not be 0.
    Raises StatisticsError unless there are two different x.
    """
    weights = [1 / y**2 if relative else 1.0 for y in ys]
    points = list(zip(weights, xs, ys, strict=True))
    total = sum(weights)
    if len(set(xs)) < 2:
        raise StatisticsError("a law needs points at two different places")
    mean_x = sum(w * x for w, x, _ in points) / total
    mean_y = sum(w * y for w, _, y in points) / total
    spread = sum(w * (x - mean_x) ** 2 for w, x, _ in points)
    slope = sum(w * (x - mean_x) * (y - mean_y) for w, x, y in points) / spread
    return Line(start=mean_y - slope * mean_x, slope=slope)


def fit_power(xs: Sequence[float], ys: Sequence[float]) -> Power:
    """Return the power law nearest to positive points: least squares of log y on log x.

    Raises as `fit_line`.
    """
    line = fit_line([math.log(x) for x in xs], [math.log(y) for y in ys])
    return Power(factor=math.exp(line.start), exponent=line.slope)


def furthest(law: Line | Power, xs: Sequence[float], ys: Sequence[float]) -> float:
    """Return the largest |law - y| / y of positive points."""
    return max(abs(law.at(x) / y - 1) for x, y in zip(xs, ys, strict=True))
