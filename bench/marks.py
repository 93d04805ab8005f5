"""Tables that a measurement writes into a page written by hand, between two marks."""

from collections.abc import Sequence

__all__ = ["between_marks"]


def between_marks(page: str, begin: str, end: str, lines: Sequence[str]) -> str:
    """Return the page with `lines` in place of what stood between the marks, which stay.

    Raises ValueError unless each mark is there once, `begin` first.
    """
    if page.count(begin) != 1 or page.count(end) != 1 or page.index(begin) > page.index(end):
        raise ValueError(f"the page must have {begin} and then {end}, each of them once")
    before, rest = page.split(begin)
    _, after = rest.split(end)
    return "\n".join([before + begin, "", *lines, "", end + after])
