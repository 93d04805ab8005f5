"""What a command says that a signal stopped, and how it ends."""

import shlex
import signal
import sys

from ganvas.cli.output import note_if_heard

__all__ = ["exit_code_of", "say_stopped"]


def exit_code_of(stop: KeyboardInterrupt) -> int:
    """Return 128 + the number of the signal that the interrupt is of: Ctrl-C where it says none."""
    return 128 + int(stop.args[0] if stop.args else signal.SIGINT)


def say_stopped(stop: KeyboardInterrupt) -> int:
    """Say that the same command goes on, if anybody hears, and return the exit code."""
    note_if_heard(f"stopped; the same command goes on: ganvas {shlex.join(sys.argv[1:])}")
    return exit_code_of(stop)
