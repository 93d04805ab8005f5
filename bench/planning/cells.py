"""Figures as cells of a table, and tables as lines of a page."""

from collections.abc import Iterable, Sequence

from bench.planning.laws import Power
from bench.planning.point import DEFAULT, Point
from bench.planning.results import Results

__all__ = ["MISSING", "law_in_words", "mib", "quotient", "table", "times", "times_of"]

MISSING = "-"


def table(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    """Return a table's lines; the first column is text, the others are numbers."""
    marks = ["---", *["---:"] * (len(columns) - 1)]
    return [f"| {' | '.join(cells)} |" for cells in (columns, marks, *rows)]


def times(ratio: float) -> str:
    """Return a ratio to three digits, at most two behind the point: "0.98", "20.1", "153"."""
    return f"{ratio:.2f}" if ratio < 9.995 else f"{ratio:.1f}" if ratio < 99.95 else f"{ratio:.0f}"


def times_of(results: Results, point: Point) -> str:
    """Return a point's time and its range over the turns, or why there is none."""
    found = results.get(point)
    if found is None:
        return results.why_not(point.name)
    lowest, highest = min(found["ratios"]), max(found["ratios"])
    return f"{times(found['ratio'])} ({times(lowest)} to {times(highest)})"


def quotient(results: Results, point: Point, beside: Point) -> str:
    """Return how many times as long an image of a point takes as one of another."""
    found, other = results.get(point), results.get(beside)
    if found is None or other is None:
        return MISSING
    # The default's time is 1; what it measured beside itself is noise.
    return times(found["ratio"] / (1.0 if beside == DEFAULT else other["ratio"]))


def mib(amount: float) -> str:
    """Return MiB, whole."""
    return f"{amount:,.0f}"


def law_in_words(what: str, of: str, law: Power, off: float) -> str:
    """Return a power law as a phrase; its furthest point is off by a part of `off`."""
    return f"{what} as {of}^{law.exponent:.2f} (to {100 * off:.0f}%)"
