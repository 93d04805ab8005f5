"""What the documents say leads somewhere: links, and command lines that the parser takes."""

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest

from ganvas.cli.command import Command
from ganvas.cli.main import COMMANDS, make_parser
from tests.project_source import ROOT

PAGES = [*sorted(ROOT.glob("*.md")), *sorted((ROOT / "docs").rglob("*.md"))]
_LINK = re.compile(r"\]\(([^)#\s]*)(?:#[^)\s]*)?\)")
_BLOCK = re.compile(r"^```sh\n(.*?)^```", re.MULTILINE | re.DOTALL)


def links_of(page: Path) -> Iterator[str]:
    for target in _LINK.findall(page.read_text(encoding="utf-8")):
        if target and "://" not in target:
            yield target


def command_lines(text: str) -> Iterator[str]:
    for block in _BLOCK.findall(text):
        yield from (line for line in block.splitlines() if line.startswith("ganvas "))


def examples() -> Iterator[str]:
    """The examples of every command's help, and of the commands below `data` and `judge`."""
    from ganvas.cli import data, judge

    listed: tuple[Command, ...] = (*COMMANDS, *data._COMMANDS, *judge._COMMANDS)
    for command in listed:
        yield from (line for line, _ in command.examples)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_every_link_leads_to_a_file(page: Path) -> None:
    missing = [target for target in links_of(page) if not (page.parent / target).exists()]
    assert missing == []


def test_the_index_lists_every_document() -> None:
    index = ROOT / "docs" / "index.md"
    pages = {page.name for page in index.parent.glob("*.md")} - {index.name}
    assert pages <= set(links_of(index))
    assert "docs/index.md" in set(links_of(ROOT / "README.md"))


def test_the_parser_takes_every_command_line_shown() -> None:
    lines = [line for page in PAGES for line in command_lines(page.read_text(encoding="utf-8"))]
    shown = [*lines, *examples()]
    assert len(lines) >= 10
    assert len(shown) >= 40
    for line in shown:
        program, *words = shlex.split(line, comments=True)
        assert program == "ganvas"
        _, rest = make_parser().parse_known_args(words)
        assert rest == [], line


def test_every_command_is_in_the_readmes_table() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    missing = [command.name for command in COMMANDS if f"| `ganvas {command.name}" not in readme]
    assert missing == []
