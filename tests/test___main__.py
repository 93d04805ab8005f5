"""`python -m ganvas` is the program `ganvas`: the same answers, the same exit codes."""

import runpy
import sys

import pytest

from ganvas.cli.main import main


@pytest.mark.parametrize("arguments", [["--version"], ["no-such-command"], ["recipes", "swfit"]])
def test_the_module_answers_as_the_program_does(
    arguments: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    expected = main(arguments), capsys.readouterr()
    monkeypatch.setattr(sys, "argv", ["ganvas", *arguments])
    with pytest.raises(SystemExit) as stop:
        runpy.run_module("ganvas", run_name="__main__")
    assert (stop.value.code, capsys.readouterr()) == expected
