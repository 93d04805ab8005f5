"""`ganvas sweep`: what is drawn by Optuna, and one setting at a time."""

import json
from collections.abc import Callable, Sequence
from importlib import util
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from ganvas.cli.main import main
from ganvas.runlog import RunDirectory
from ganvas.scale import children, study
from ganvas.scale.children import Ended
from tests.scale_helpers import FakeRunner, option

Captured = pytest.CaptureFixture[str]

GRID = ["sweep", "--images", "100", "--samples", "2000", "--vary", "batch_size=16,32"]


@pytest.fixture
def runner(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> FakeRunner:
    fake = Painter(lambda arguments: 2.0 + ("batch_size=16" in arguments))
    monkeypatch.setattr(children, "Children", lambda: fake)
    monkeypatch.chdir(tmp_path)
    return fake


class Painter(FakeRunner):
    """Leaves samples and losses after each hundred images, too."""

    def _train(self, arguments: Sequence[str], watch: Callable[[], bool] | None) -> Ended:
        ended = super()._train(arguments, watch)
        files = RunDirectory(Path(option(arguments, "--out"), option(arguments, "--name")))
        for images in range(100, 2_001, 100):
            line = {"images": images, "seconds": 1.0, "images_per_second": 9.0}
            files.append_metrics({**line, "d_loss": images / 1000, "g_loss": 0.5})
            picture = np.full((1, 1, 8, 8), images % 250, np.uint8)
            files.write_grid(f"samples/{images:09d}.png", picture, 1)
        return ended


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


def test_one_at_a_time_sets_samples_and_losses_side_by_side(
    runner: FakeRunner, capsys: Captured
) -> None:
    vary = ["--vary", "batch_size=16,32,50", "loss.name=hinge", "--set", "batch_size=50"]
    arguments = ["sweep", "--one-at-a-time", "--at", "10,20", "--samples", "2000", *vary]
    assert main([*arguments, "--out", "o", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    names = [variant["variant"] for variant in found["variants"]]
    assert names == ["base", "batch_size=16", "batch_size=32", "loss.name=hinge"]
    base, small = found["variants"][0]["looks"], found["variants"][1]["looks"]
    assert [look["images"] for look in base] == [500, 1000]
    assert [look["d_loss"] for look in base] == [0.5, 1.0]
    assert all(Path(look["picture"]).is_file() for look in base)
    assert [look["images"] for look in small] == [160, 320]
    assert [look["d_loss"] for look in small] == [None, None]  # nothing is passed off as another
    for command in runner.commands:
        assert "budget.amount=20" in command
        assert "--images" not in command
    assert "log.samples_every_images=500" in runner.commands[0]
    with Image.open("o/side-by-side.png") as picture:
        assert picture.height > picture.width
    done = len(runner.commands)
    assert main([*arguments, "--out", "o"]) == 0
    assert len(runner.commands) == done
    table = capsys.readouterr().out
    assert "D loss 10" in table
    assert "0.5" in table


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ([], "nothing to vary"),
        (["--vary", "batch_size"], "--vary takes"),
        (["--vary", "batchsize=3"], "did you mean 'batch_size'"),
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
