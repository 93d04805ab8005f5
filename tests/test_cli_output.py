"""Results go to standard output, words to standard error; JSON is JSON."""

import json
import math
import os
import sys
from contextlib import suppress

import pytest

from ganvas.cli.output import note, note_if_heard, print_facts, print_json, print_table

Captured = pytest.CaptureFixture[str]


def test_json_is_read_back(capsys: Captured) -> None:
    value = {"a": [1, 2.5, None], "words": "Fréchet"}
    print_json(value)
    assert json.loads(capsys.readouterr().out) == value
    print_json(value, one_line=True)
    assert capsys.readouterr().out.count("\n") == 1


@pytest.mark.parametrize("value", [math.nan, math.inf])
def test_what_json_has_no_word_for_is_refused(value: float) -> None:
    with pytest.raises(ValueError, match="not JSON compliant"):
        print_json({"fd": value})


def test_no_cell_is_folded_or_read_as_markup_in_a_pipe(capsys: Captured) -> None:
    long = "[bold]" + "x" * 200
    print_table(("name", "images"), [(long, "9"), ("b", "10,000")], right=1)
    heading, _, *rows = capsys.readouterr().out.splitlines()
    assert rows[0].startswith(long)
    assert [row.rstrip()[-1] for row in (heading, *rows)] == ["s", "9", "0"]
    assert len({len(row.rstrip()) for row in (heading, *rows)}) == 1  # set to the right


def test_facts_stand_in_a_line_each(capsys: Captured) -> None:
    print_facts([("name", "mnist"), ("exact copies", "0")])
    assert capsys.readouterr().out == "name          mnist\nexact copies  0\n"


def test_a_note_is_no_result(capsys: Captured) -> None:
    note("left out")
    assert capsys.readouterr() == ("", "left out\n")


def test_what_takes_hours_goes_on_where_nobody_listens_any_more(
    capsys: Captured, monkeypatch: pytest.MonkeyPatch
) -> None:
    note_if_heard("seed 3 finished")
    assert capsys.readouterr() == ("", "seed 3 finished\n")
    read, write = os.pipe()
    os.close(read)
    with os.fdopen(write, "w", buffering=1) as nobody:
        monkeypatch.setattr(sys, "stderr", nobody)
        with pytest.raises(BrokenPipeError):
            note("seed 4 finished")
        note_if_heard("seed 4 finished")
        with suppress(BrokenPipeError):  # what it holds still is nobody's, either
            nobody.close()
    note_if_heard("seed 5 finished")  # closed altogether
