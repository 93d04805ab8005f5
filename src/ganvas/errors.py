"""The errors a user can meet, each with the exit code that the command line gives it.

Every message is one line: what is wrong, where, and how to mend it. Anything else
that escapes (an AssertionError, a TypeError) is a bug of ours, not the user's.
"""

from collections.abc import Iterable
from difflib import get_close_matches

__all__ = [
    "AbandonedError",
    "DataError",
    "DiskFullError",
    "DivergedError",
    "GanvasError",
    "LostError",
    "NotFiniteError",
    "UnknownSettingError",
    "UsageError",
    "did_you_mean",
    "in_a_line",
]


class GanvasError(Exception):
    """Something outside the program's control failed: no space, an unreadable file."""

    exit_code = 1

    def __str__(self) -> str:
        """Return the message as one printable line: names and paths may hold anything."""
        return "".join(
            letter if letter.isprintable() else ascii(letter)[1:-1] for letter in super().__str__()
        )


class DataError(GanvasError):
    """Data that is missing, damaged, or not what it says it is."""


class DiskFullError(GanvasError):
    """No room to write: the disk is full, or the user's share of it, or the file too large."""


class LostError(GanvasError):
    """Another process of the run has gone, or does not answer."""


class AbandonedError(GanvasError):
    """Another process of the run failed or stopped, and says why; this one ends in silence."""

    def __init__(self, exit_code: int) -> None:
        super().__init__("another process of this run ended; it says why")
        self.exit_code = exit_code


class NotFiniteError(GanvasError):
    """A model made numbers that are not finite."""


class UsageError(GanvasError, ValueError):
    """A wrong request: an unknown name, a value outside its rule, options that conflict."""

    exit_code = 2


class UnknownSettingError(UsageError):
    """A setting that this version does not have: mistyped, or written by another version."""


class DivergedError(GanvasError):
    """Training produced numbers that are not finite; the last good state is kept."""

    exit_code = 3


def did_you_mean(name: str, choices: Iterable[str], *, otherwise: str | None = None) -> str:
    """Return a sentence that helps after an unknown `name`, naming the nearest of `choices`.

    The result starts with a separator, so it can be appended to any message:
    ``"; did you mean 'mnist'?"`` when one is near, else ``"; choose from a, b, c"``, or
    `otherwise` where all choices would be too many to name.
    """
    names = sorted(set(choices))
    near = get_close_matches(name, names, n=1, cutoff=0.6)
    if near:
        return f"; did you mean '{near[0]}'?"
    if otherwise is not None:
        return otherwise
    return f"; choose from {', '.join(names)}" if names else ""


def in_a_line(error: BaseException) -> str:
    """Return what an error that is not ours says, in one line; its kind where it says nothing."""
    return " ".join(str(error).split()) or type(error).__name__
