"""`ganvas sweep --one-at-a-time`: one setting at a time, side by side."""

import json
from pathlib import Path

import pytest
from PIL import Image

from ganvas.cli.main import main
from ganvas.scale import children
from tests.scale_helpers import FakeRunner, Painter

Captured = pytest.CaptureFixture[str]


@pytest.fixture
def runner(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> FakeRunner:
    fake = Painter(lambda arguments: 2.0)
    monkeypatch.setattr(children, "Children", lambda: fake)
    monkeypatch.chdir(tmp_path)
    return fake


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


def test_it_goes_on_with_another_number_of_jobs(runner: FakeRunner, capsys: Captured) -> None:
    arguments = ["sweep", "--one-at-a-time", "--at", "10", "--vary", "batch_size=16"]
    assert main(arguments) == 0
    done = len(runner.commands)
    assert main([*arguments, "--jobs", "2"]) == 0
    assert len(runner.commands) == done
    assert len(runner.threads) == 1  # as the series was begun
    assert main([*arguments, "--threads", str(max(runner.threads) + 1)]) == 2
    assert "threads was" in capsys.readouterr().err
