"""How one figure grows with another: a power law or a straight line, by least squares."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import linear_regression

__all__ = ["Line", "Power", "fit_line", "fit_power"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Power:
    """y = factor * x^exponent; no point is further from it than by a factor of `worst` >= 1."""

    factor: float
    exponent: float
    worst: float

    def at(self, x: float) -> float:
        """Return the law's y at x."""
        return self.factor * math.exp(self.exponent * math.log(x))


@dataclass(frozen=True, kw_only=True, slots=True)
class Line:
    """y = start + slope * x; no point is further from it than by `worst` >= 0."""

    start: float
    slope: float
    worst: float

    def at(self, x: float) -> float:
        """Return the line's y at x."""
        return self.start + self.slope * x


def fit_power(xs: Sequence[float], ys: Sequence[float]) -> Power:
    """Return the power law nearest to positive points: least squares of log y on log x.

    Raises statistics.StatisticsError for fewer than two points, or one x alone.
    """
    slope, start = linear_regression([math.log(x) for x in xs], [math.log(y) for y in ys])
    law = Power(factor=math.exp(start), exponent=slope, worst=1.0)
    worst = max(max(y / law.at(x), law.at(x) / y) for x, y in zip(xs, ys, strict=True))
    return Power(factor=law.factor, exponent=law.exponent, worst=max(1.0, worst))


def fit_line(xs: Sequence[float], ys: Sequence[float]) -> Line:
    """Return the straight line nearest to points. Raises as `fit_power`."""
    slope, start = linear_regression(xs, ys)
    line = Line(start=start, slope=slope, worst=0.0)
    worst = max(abs(y - line.at(x)) for x, y in zip(xs, ys, strict=True))
    return Line(start=start, slope=slope, worst=worst)
