"""Commands and the parser: errors in one line with the nearest name, no abbreviations."""

import argparse

import pytest

from ganvas.cli.command import Command, Parser, add_commands, refuse_unknown
from ganvas.cli.main import COMMANDS


def number(options: argparse.Namespace) -> int:
    return int(options.number)


def parser() -> Parser:
    made = Parser(prog="tool")
    command = Command(
        name="count",
        summary="counts",
        description="Counts things.",
        examples=(("tool count --number 3", "three"),),
        add_options=lambda below: below.add_argument(  # type: ignore[arg-type]
            "--number", choices=("1", "2", "30"), required=True
        ),
        run=number,
    )
    add_commands(made, [command])
    return made


def refusal(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> str:
    with pytest.raises(SystemExit) as stop:
        parser().parse_args(arguments)
    assert stop.value.code == 2
    err = capsys.readouterr().err
    assert err.count("\n") == 1
    return err


def test_the_chosen_command_brings_its_run_and_its_parser() -> None:
    options = parser().parse_args(["count", "--number", "30"])
    assert options.run(options) == 30
    assert options.parser.prog == "tool count"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["cuont"], "unknown command 'cuont'; did you mean 'count'?"),
        (["count"], "missing --number; see 'tool count --help'"),
        (["count", "--number", "3"], "unknown value of --number '3'; did you mean '30'?"),
        (["count", "--numb", "1"], "missing --number"),
    ],
)
def test_what_is_wrong_is_one_line(
    arguments: list[str], words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert words in refusal(arguments, capsys)


@pytest.mark.parametrize(
    ("rest", "words"),
    [
        (["--nubmer"], "unknown option '--nubmer'; did you mean '--number'?"),
        (["--zzz=1"], "unknown option '--zzz'; see 'tool count --help'"),
        (["more"], "unexpected argument 'more'; see 'tool count --help'"),
    ],
)
def test_what_a_command_does_not_know_is_named(
    rest: list[str], words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    options = parser().parse_args(["count", "--number", "1"])
    with pytest.raises(SystemExit):
        refuse_unknown(options.parser, rest)
    assert words in capsys.readouterr().err


def test_help_shows_the_examples(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        parser().parse_args(["count", "--help"])
    assert "  tool count --number 3  three" in capsys.readouterr().out


WIDTHS = (72, 80, 100, 140)


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command.name)
def test_help_keeps_to_the_terminal(
    command: Command,
    width: int,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("COLUMNS", str(width))
    made = Parser(prog="ganvas")
    add_commands(made, [command])
    with pytest.raises(SystemExit):
        made.parse_args([command.name, "--help"])
    lines = capsys.readouterr().out.splitlines()
    # Only a command that is to be copied may be longer.
    longer = [line for line in lines if len(line) > width and not line.startswith("  ganvas ")]
    assert longer == []
    text = " ".join(" ".join(lines).split())
    assert " ".join(command.description.split()) in text
    for line, word in command.examples:
        assert f"  {line}" in "\n".join(lines)
        assert word in text


def test_words_stand_beside_examples_or_below_them(monkeypatch: pytest.MonkeyPatch) -> None:
    for width, words in ((80, "tool count --number 3  three"), (20, "number 3\n      three")):
        monkeypatch.setenv("COLUMNS", str(width))
        (chooser,) = parser()._subparsers._group_actions  # type: ignore[union-attr]
        assert words in chooser.choices["count"].epilog  # type: ignore[index]
