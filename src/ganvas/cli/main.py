"""`ganvas`: parses, runs one command, and turns what goes wrong into one line and an exit code."""

import argparse
import os
import signal
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ganvas.cli import (
    animate,
    bench,
    compare,
    data,
    doctor,
    evaluate,
    info,
    interpolate,
    judge,
    play,
    plot,
    recipes,
    report,
    resume,
    sample,
    score,
    sweep,
    train,
    trials,
    watch,
)
from ganvas.cli.command import Command, Parser, add_commands, refuse_unknown
from ganvas.cli.output import mute, note_if_heard
from ganvas.errors import AbandonedError, GanvasError

__all__ = ["COMMANDS", "main", "make_parser"]

COMMANDS: tuple[Command, ...] = (
    train.COMMAND,
    resume.COMMAND,
    sample.COMMAND,
    play.COMMAND,
    score.COMMAND,
    evaluate.COMMAND,
    compare.COMMAND,
    plot.COMMAND,
    report.COMMAND,
    doctor.COMMAND,
    trials.COMMAND,
    sweep.COMMAND,
    bench.COMMAND,
    interpolate.COMMAND,
    animate.COMMAND,
    recipes.COMMAND,
    data.COMMAND,
    judge.COMMAND,
    watch.COMMAND,
    info.COMMAND,
)

_DESCRIPTION = """\
Trains GANs on small images on a plain PC. Two networks learn from each other: the
generator makes pictures, the discriminator tells them from real ones."""

_EPILOG = """\
to begin:
  ganvas train             handwritten digits in about a minute
  ganvas COMMAND --help    what a command takes, with examples

exit codes: 0 done, 1 failed, 2 wrong usage, 3 training diverged,
130 or 143 stopped by a signal (`ganvas resume` goes on)"""


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line `argv` (default: the process's own) and return the exit code."""
    _open_streams()
    return _settled(_run(argv))


def _open_streams() -> None:
    """See to it that whatever is printed can be, where anybody reads it or not."""
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if stream is None:  # closed before we began, as `>&-` does
            nowhere = Path(os.devnull).open("w", encoding="utf-8")  # noqa: SIM115 - to the end
            setattr(sys, name, nowhere)
        elif hasattr(stream, "reconfigure"):
            # A name that the terminal's encoding lacks must not end a run of an hour.
            stream.reconfigure(errors="backslashreplace")


def _run(argv: Sequence[str] | None) -> int:
    debug = False
    try:
        parser = make_parser()
        options, rest = parser.parse_known_args(argv)
        debug = options.debug
        if rest:
            refuse_unknown(options.parser, rest)
        code: int = options.run(options)
        if not code:
            sys.stdout.flush()  # so that a full disk under a result is told of
        return code
    except SystemExit as stop:  # argparse: help, version, a usage error
        return stop.code if isinstance(stop.code, int) else 0
    except BrokenPipeError:
        return 1
    except AbandonedError as error:  # whoever failed says so
        return error.exit_code
    except KeyboardInterrupt:
        return 128 + signal.SIGINT
    except Exception as error:
        if debug:
            import traceback

            traceback.print_exc()
        line, code = _explain(error)
        note_if_heard(f"ganvas: {' '.join(line.split())}")
        return code


def make_parser() -> Parser:
    """Return the parser of the whole command line."""
    parser = Parser(prog="ganvas", description=_DESCRIPTION, epilog=_EPILOG)
    parser.add_argument("--version", action=_Version, nargs=0, help="print the version and exit")
    parser.add_argument("--debug", action="store_true", help="after an error, show the traceback")
    parser.set_defaults(parser=parser)
    add_commands(parser, COMMANDS)
    return parser


class _Version(argparse.Action):
    """Prints the version; looked up only when asked for, as that takes a while."""

    def __call__(self, parser: argparse.ArgumentParser, *unused: Any) -> None:
        from ganvas import __version__

        print(f"ganvas {__version__}")
        parser.exit()


def _explain(error: Exception) -> tuple[str, int]:
    """Return one line about an error, and the exit code."""
    if isinstance(error, GanvasError):
        return f"error: {error}", error.exit_code
    if isinstance(error, MemoryError) or "can't allocate memory" in str(error):
        return "error: out of memory; a smaller --set batch_size or fewer samples need less", 1
    if isinstance(error, OSError):
        where = f"{error.filename}: " if error.filename else ""
        return f"error: {where}{error.strerror or error}", 1
    kind = type(error).__name__
    return f"internal error: {kind}: {error}; run again with --debug for the traceback", 1


def _settled(code: int) -> int:
    """Return the exit code: 1 for a result that did not arrive, all else being well."""
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except OSError:
            mute(stream)
            if stream is sys.stdout:
                code = code or 1
    return code
