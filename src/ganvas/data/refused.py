"""Files of a data set that could not be taken, and how they are named to a person."""

from collections.abc import Sequence
from dataclasses import dataclass

from ganvas.words import counted

__all__ = ["Refused", "left_out", "name_some"]

_NAMED = 3  # files that a sentence names


@dataclass(frozen=True, slots=True)
class Refused:
    """A file that could not be taken, and why."""

    name: str
    reason: str


def name_some(refused: Sequence[Refused]) -> str:
    """Return the first files with their reasons, and how many more there are."""
    named = "; ".join(f"'{bad.name}': {bad.reason}" for bad in refused[:_NAMED])
    more = f"; and {len(refused) - _NAMED:,} more" if len(refused) > _NAMED else ""
    return f"{named}{more}"


def left_out(refused: Sequence[Refused]) -> str:
    """Return a sentence about files that a data set does without; "" where there are none."""
    if not refused:
        return ""
    files = counted(len(refused), "picture")
    return f"{files} left out that cannot be read ({name_some(refused)})"
