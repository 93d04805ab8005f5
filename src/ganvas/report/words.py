"""Numbers as a person would say them."""

from collections.abc import Sequence

__all__ = ["clock", "count", "listed", "times"]


def count(number: int) -> str:
    """Return 1304256 as 1.30 million and 25440 as 25,440."""
    return f"{number / 1e6:,.3g} million" if number >= 1_000_000 else f"{number:,}"


def times(ratio: float) -> str:
    """Return 1516.77 as 1,517, 23.72 as 24 and 3.666 as 3.7."""
    return f"{ratio:,.0f}" if ratio >= 9.95 else f"{ratio:.2g}"


def listed(words: Sequence[str]) -> str:
    """Return "a", "a and b" or "a, b and c"."""
    *first, last = words
    return f"{', '.join(first)} and {last}" if first else last


def clock(seconds: float) -> str:
    """Return 47 as 47 s, 621 as 10 min 21 s, 7300 as 2 h 2 min."""
    whole = max(0, round(seconds))
    hours, rest = divmod(whole, 3600)
    minutes, left = divmod(rest, 60)
    if hours:
        return f"{hours} h {minutes} min"
    return f"{minutes} min {left} s" if minutes else f"{left} s"
