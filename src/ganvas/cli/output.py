"""Results to standard output, as tables for people or JSON for scripts; the rest to stderr."""

import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any, TextIO

__all__ = ["if_heard", "mute", "note", "note_if_heard", "print_facts", "print_json", "print_table"]

_PIPE_WIDTH = 400


def print_json(value: Any, *, one_line: bool = False) -> None:
    """Print JSON; refuses NaN and infinities, which JSON has no word for."""
    import json

    print(json.dumps(value, indent=None if one_line else 2, allow_nan=False))


def print_table(columns: Sequence[str], rows: Sequence[Sequence[str]], *, right: int = 99) -> None:
    """Print rows under headings; columns from number `right` on are set to the right."""
    from rich import box
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False)
    for number, name in enumerate(columns):
        table.add_column(name, justify="right" if number >= right else "left", overflow="fold")
    for row in rows:
        table.add_row(*(Text(cell) for cell in row))
    # A pipe has no width: there, no cell is ever folded.
    Console(highlight=False, width=None if sys.stdout.isatty() else _PIPE_WIDTH).print(table)


def print_facts(facts: Sequence[tuple[str, str]]) -> None:
    """Print a line for each (name, value)."""
    wide = max(len(name) for name, _ in facts)
    for name, value in facts:
        print(f"{name:{wide}}  {value}")


def note(line: str) -> None:
    """Print a line to standard error."""
    print(line, file=sys.stderr)


def note_if_heard(line: str) -> None:
    """Print a line to standard error, if anybody listens still: what takes hours goes on then."""
    with if_heard():
        note(line)


@contextmanager
def if_heard() -> Iterator[None]:
    """Pass over that what is printed finds nobody, as of a terminal that has been closed."""
    with suppress(OSError, ValueError):  # ValueError: the stream was closed
        yield


def mute(stream: TextIO) -> None:
    """Let nothing more be written where nobody reads (at exit, Python flushes once more)."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
