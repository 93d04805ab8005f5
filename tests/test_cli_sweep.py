"""`ganvas sweep`: what is drawn by Optuna, and what is refused."""

import json
from importlib import util
from pathlib import Path

import pytest

from ganvas.cli.main import main
from ganvas.scale import children, study
from tests.scale_helpers import FakeRunner

Captured = pytest.CaptureFixture[str]

GRID = ["sweep", "--images", "100", "--samples", "2000", "--vary", "batch_size=16,32"]


@pytest.fixture
def runner(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> FakeRunner:
    fake = FakeRunner(lambda arguments: 2.0 + ("batch_size=16" in arguments))
    monkeypatch.setattr(children, "Children", lambda: fake)
    monkeypatch.chdir(tmp_path)
    return fake


def test_the_table_has_the_best_first_and_says_its_settings(
    runner: FakeRunner, capsys: Captured
) -> None:
    assert main(GRID) == 0
    shown = capsys.readouterr()
    rows = [line.split() for line in shown.out.splitlines()[2:4]]
    assert [row[1] for row in rows] == ["32", "16"]
    assert "2 complete; each of 100 images, seed 0" in shown.out
    assert "best: trial 1: --set batch_size=32" in shown.out
    assert main([*GRID, "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["best"]["settings"] == {"batch_size": "32"}
    assert Path("runs/sweep-mnist-swift/trial-0001").is_dir()


def test_without_optuna_it_says_how_to_install_it(
    runner: FakeRunner, capsys: Captured, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        study, "find_spec", lambda name: None if name == "optuna" else util.find_spec(name)
    )
    assert main(GRID) == 2
    assert capsys.readouterr().err.splitlines() == [
        "ganvas: error: a sweep needs Optuna, which is not installed: pip install 'ganvas[sweep]'"
    ]
    assert not Path("runs").exists()


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ([], "nothing to vary"),
        (["--vary", "batch_size"], "--vary takes"),
        (["--vary", "batchsize=3"], "did you mean 'batch_size'"),
        (["--vary", "batch_size=3", "--set", "seed=5"], "--set seed: --seed says it"),
        (["ring", "--vary", "batch_size=64,128"], "`ganvas trials` counts their modes"),
        (["--vary", "batch_size=3", "--set", "evaluation.samples=0"], "leave that setting out"),
        (["--vary", "batch_size=3", "--at", "5"], "--at belongs to --one-at-a-time"),
        (["--vary", "batch_size=3", "-o", "x.png"], "--output belongs to --one-at-a-time"),
        (["--vary", "batch_size=3", "--one-at-a-time", "--images", "5"], "takes no --images"),
        (["--vary", "batch_size=3", "--one-at-a-time", "--trials", "5"], "takes no --trials"),
        (["--vary", "ema.ramp_up=float:0.1:1", "--one-at-a-time"], "values of ema.ramp_up listed"),
        (["--vary", "batch_size=3", "--one-at-a-time", "-o", "x.gif"], "x.gif"),
    ],
)
def test_a_wrong_request_is_one_line_and_trains_nothing(
    runner: FakeRunner, capsys: Captured, options: list[str], words: str
) -> None:
    assert main(["sweep", *options]) == 2
    shown = capsys.readouterr()
    assert shown.out == ""
    assert len(shown.err.splitlines()) == 1
    assert words in shown.err
    assert runner.commands == []
    assert not Path("runs").exists()
