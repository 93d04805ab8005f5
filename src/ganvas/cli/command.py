"""What a command is, and an argparse that says each error in one line."""

import argparse
import re
import textwrap
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from shutil import get_terminal_size
from typing import Any, NoReturn

from ganvas.errors import did_you_mean

__all__ = ["Command", "Parser", "add_commands", "refuse_unknown"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Command:
    """One command: `add_options` declares what it takes, `run` does it and returns the exit code.

    `summary` is its line in the list of commands; `examples` are pairs of a command line and a
    word about it. A command that only holds other commands has no `run`.
    """

    name: str
    summary: str
    description: str
    examples: tuple[tuple[str, str], ...] = ()
    add_options: Callable[[argparse.ArgumentParser], None]
    run: Callable[[argparse.Namespace], int] | None = None


class _Help(argparse.RawDescriptionHelpFormatter):
    """Keeps a description's lines where the terminal has room for them, and else wraps them."""

    def _fill_text(self, text: str, width: int, indent: str) -> str:
        lines = text.splitlines()
        is_list = any(line.startswith(" ") for line in lines)
        if is_list or max(map(len, lines)) <= width:
            return super()._fill_text(text, width, indent)
        return textwrap.fill(" ".join(lines), width, initial_indent=indent)


class Parser(argparse.ArgumentParser):
    """argparse with errors in one line, the nearest name after a mistyped one, no abbreviations."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        options.setdefault("allow_abbrev", False)
        options.setdefault("formatter_class", _Help)
        super().__init__(*arguments, **options)

    def error(self, message: str) -> NoReturn:
        """Say what is wrong in one line of standard error, and exit with 2."""
        line = " ".join(message.split())
        line = re.sub(r"(?:^|\b)argument (?=-)", "", line).removeprefix("argument ")
        missing = line.removeprefix("the following arguments are required: ")
        if missing != line:
            line = f"missing {missing}; see '{self.prog} --help'"
        self.exit(2, f"ganvas: error: {line}\n")

    def _check_value(self, action: argparse.Action, value: Any) -> None:
        if action.choices is not None and value not in action.choices:
            what = str(action.metavar or action.dest).lower()
            if action.option_strings:
                what = f"value of {action.option_strings[-1]}"
            near = did_you_mean(str(value), map(str, action.choices))
            raise argparse.ArgumentError(None, f"unknown {what} '{value}'{near}")


def add_commands(parser: argparse.ArgumentParser, commands: Sequence[Command]) -> None:
    """Let `parser` take one of `commands`; the chosen one's `run` and parser join the result."""
    chooser = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    for command in commands:
        below = chooser.add_parser(
            command.name,
            help=command.summary,
            description=command.description,
            epilog=_examples(command.examples),
        )
        below.add_argument(
            "--debug",
            action="store_true",
            default=argparse.SUPPRESS,
            help="after an error, show the traceback",
        )
        below.set_defaults(run=command.run, parser=below)
        command.add_options(below)


def refuse_unknown(parser: argparse.ArgumentParser, rest: Sequence[str]) -> NoReturn:
    """End with a usage error about the first of the arguments that `parser` did not know."""
    unknown = next((text for text in rest if text.startswith("-")), rest[0])
    if not unknown.startswith("-"):
        parser.error(f"unexpected argument '{unknown}'; see '{parser.prog} --help'")
    name = unknown.partition("=")[0]
    known = [option for action in parser._actions for option in action.option_strings]
    near = did_you_mean(name, known)
    if "did you mean" not in near:
        near = f"; see '{parser.prog} --help'"
    parser.error(f"unknown option '{name}'{near}")


def _examples(examples: Sequence[tuple[str, str]]) -> str | None:
    if not examples:
        return None
    wide = max(len(line) for line, _ in examples)
    lines = [f"  {line:{wide}}  {word}".rstrip() for line, word in examples]
    if max(map(len, lines)) > get_terminal_size().columns:  # the words below, not beside
        lines = [f"  {line}" + (f"\n      {word}" if word else "") for line, word in examples]
    return "\n".join(["examples:", *lines])
