"""`ganvas eval`: the table, the JSON, and what is refused before anything is measured."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from ganvas.cli.main import main
from ganvas.pictures import write_pictures
from tests.judge_helpers import some_data

Captured = pytest.CaptureFixture[str]

FOUND: dict[str, Any] = {
    "data": "mnist",
    "split": "test",
    "judge": {"name": "mnist", "digest": "sha256:" + 64 * "a", "kind": "judge"},
    "samples": 2000,
    "real_samples": 2000,
    "seed": 3,
    "metrics": {
        "fd": {"value": 0.5, "real": 0.25, "higher_is_better": False},
        "label_accuracy": {"value": 0.975, "real": None, "higher_is_better": True},
    },
    "left_out": {"ct": "ct needs 21 images or more, got 20; use more", "kid": "no reason"},
}


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """What `ganvas eval` asked for; the answer is FOUND."""
    seen: dict[str, Any] = {}

    def evaluate(*arguments: Any, **options: Any) -> dict[str, Any]:
        seen.update(options, arguments=arguments)
        return FOUND

    monkeypatch.setattr("ganvas.measure.evaluate", evaluate)
    return seen


def test_eval_prints_a_table_and_how_it_was_made(asked: dict[str, Any], capsys: Captured) -> None:
    assert main(["eval", "mnist", "--samples", "2000", "--seed", "3"]) == 0
    assert asked["arguments"] == ("mnist", None, 2000, 3)
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].split() == ["metric", "value", "real", "(test)", "better", "is"]
    assert lines[2].split() == ["fd", "0.5000", "0.2500", "lower"]
    assert lines[3].split() == ["label_accuracy", "0.9750", "0.9950", "higher"]
    assert "2,000 samples" in lines[-1]
    assert "test images of mnist, judge mnist" in lines[-1]
    assert "seed 3" in lines[-1]


def test_eval_gives_its_json_to_scripts_and_files(
    asked: dict[str, Any], here: Path, capsys: Captured
) -> None:
    line = ["eval", "m", "--data", "mnist", "--metrics", "fd, label_accuracy", "--json"]
    assert main([*line, "-o", "figures.json"]) == 0
    shown = capsys.readouterr()
    assert json.loads(shown.out) == FOUND
    assert shown.err == ""
    assert json.loads((here / "figures.json").read_text()) == FOUND
    assert asked["arguments"] == ("m", "mnist", 10_000, 0)
    assert asked["metrics"] == ["fd", "label_accuracy"]


def test_eval_refuses_an_unwritable_file_before_measuring(
    asked: dict[str, Any], capsys: Captured
) -> None:
    assert main(["eval", "m", "-o", "no/such/figures.json"]) == 1
    assert "cannot write" in capsys.readouterr().err
    assert asked == {}
