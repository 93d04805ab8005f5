"""`ganvas train` as a user runs it: real MNIST, a few steps, one thread."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch

from ganvas.cli.main import main
from ganvas.data import DataSet
from tests.cli_helpers import FEW, read_status, take_tiny_data
from tests.project_source import ROOT

Captured = pytest.CaptureFixture[str]


@pytest.fixture(scope="module", autouse=True)
def _one_thread() -> Iterator[None]:
    before = torch.get_num_threads()
    yield
    torch.set_num_threads(before)


@pytest.fixture
def tiny(monkeypatch: pytest.MonkeyPatch) -> DataSet:
    return take_tiny_data(monkeypatch)


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str, str]:
    """A run of 256 MNIST images by the program itself: its `runs` folder, stdout and stderr."""
    folder = tmp_path_factory.mktemp("user")
    done = subprocess.run(
        [sys.executable, "-m", "ganvas", "train", "--images", "256", *FEW],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT / "src")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return folder / "runs", done.stdout, done.stderr


def test_a_run_prints_its_directory_and_leaves_it_whole(trained: tuple[Path, str, str]) -> None:
    runs, out, err = trained
    assert out == f"{Path('runs/0001-mnist-swift-s0')}\n"
    run = runs / "0001-mnist-swift-s0"
    for name in ("recipe.json", "env.json", "samples.png", "reals.png", "model/README.md"):
        assert (run / name).is_file(), name
    assert read_status(run)["status"] == "finished"
    command = json.loads((run / "env.json").read_text())["command"]
    assert command == f"ganvas train --images 256 {' '.join(FEW)}"
    assert "100%  256 of 256 images" in err
    assert "finished 256 images" in err
    assert "ganvas resume runs/0001-mnist-swift-s0 --images 512" in err
    assert "\x1b" not in err


def test_json_is_one_object_and_runs_are_numbered(
    tiny: DataSet, tmp_path: Path, capsys: Captured
) -> None:
    out = str(tmp_path / "runs")
    for number in (1, 2):
        code = main(["train", "--images", "64", *FEW, "--out", out, "--json", "--quiet"])
        shown = capsys.readouterr()
        assert (code, shown.err) == (0, "")
        result = json.loads(shown.out)
        assert set(result) == {"run", "status", "images", "seconds", "metrics"}
        assert Path(result["run"]).name == f"{number:04d}-arrays-swift-s0"
        assert (result["status"], result["images"], result["metrics"]) == ("finished", 64, {})


def test_metrics_of_the_json_are_those_of_the_evaluation(
    tiny: DataSet, tmp_path: Path, capsys: Captured, monkeypatch: pytest.MonkeyPatch
) -> None:
    figures = {"fd": {"value": 2.0, "real": 1.0, "higher_is_better": False}}
    evaluation = {
        "data": "arrays",
        "split": "test",
        "judge": {"name": "none", "digest": "sha256:" + 64 * "0"},
        "samples": 300,
        "real_samples": 300,
        "seed": 0,
        "metrics": figures,
        "left_out": {},
    }
    monkeypatch.setattr("ganvas.course.measure_end", lambda *parts: evaluation)
    line = ["train", "--images", "64", "--threads", "1", "--set", "batch_size=32", "--json"]
    assert main([*line, "--out", str(tmp_path)]) == 0
    shown = capsys.readouterr()
    assert json.loads(shown.out)["metrics"] == figures
    assert "2.0 times that" in shown.err


def test_a_dry_run_prints_recipe_and_plan_and_writes_nothing(
    tiny: DataSet, tmp_path: Path, capsys: Captured, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    line = ["train", "--images", "100", *FEW, "--dry-run"]
    assert main(line) == 0
    shown = capsys.readouterr()
    recipe = json.loads(shown.out)
    assert (recipe["batch_size"], recipe["conditioning"]) == (32, "class")
    assert "would draw 128 images" in shown.err
    assert main([*line, "--json"]) == 0
    both = json.loads(capsys.readouterr().out)
    assert both["recipe"] == recipe
    assert both["plan"]["iterations"] == 4
    weights = sum(both["plan"][f"{name}_parameters"] for name in ("generator", "discriminator"))
    assert weights > 2000
    assert both["plan"]["disk_bytes"] > 4 * weights * recipe["checkpoint"]["keep"]
    assert "disk: at most about" in shown.err
    assert list(tmp_path.iterdir()) == []


def test_a_name_is_used_and_never_twice(tiny: DataSet, tmp_path: Path, capsys: Captured) -> None:
    line = ["train", "--steps", "2", *FEW, "--out", str(tmp_path), "--name", "first", "--quiet"]
    assert main(line) == 0
    assert capsys.readouterr().out == f"{tmp_path / 'first'}\n"
    before = read_status(tmp_path / "first")
    assert main(line) == 2
    assert "exists already; choose another --name" in capsys.readouterr().err
    assert read_status(tmp_path / "first") == before


def test_divergence_prints_the_run_and_exits_with_3(
    tiny: DataSet, tmp_path: Path, capsys: Captured
) -> None:
    wild = ["--set", "optimizer.generator.learning_rate=1e30", "--images", "640"]
    assert main(["train", *wild, *FEW, "--out", str(tmp_path), "--quiet"]) == 3
    shown = capsys.readouterr()
    run = tmp_path / "0001-arrays-swift-s0"
    assert shown.out == f"{run}\n"
    assert shown.err.startswith("ganvas: error: training diverged")
    assert shown.err.count("\n") == 1
    assert read_status(run)["status"] == "diverged"
    assert main(["train", *wild, *FEW, "--out", str(tmp_path), "--quiet", "--json"]) == 3
    assert json.loads(capsys.readouterr().out)["status"] == "diverged"


def test_an_out_that_is_a_file_is_one_line(tiny: DataSet, tmp_path: Path, capsys: Captured) -> None:
    (tmp_path / "file").write_text("mine")
    assert main(["train", "--steps", "2", *FEW, "--out", str(tmp_path / "file")]) == 1
    shown = capsys.readouterr()
    assert shown.err.count("\n") == 1
    assert (tmp_path / "file").read_text() == "mine"
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def test_a_batch_larger_than_the_data_is_refused_before_anything_is_written(
    tiny: DataSet, tmp_path: Path, capsys: Captured
) -> None:
    out = tmp_path / "runs"
    assert main(["train", "--set", "batch_size=1000", "--threads", "1", "--out", str(out)]) == 2
    shown = capsys.readouterr()
    assert shown.err.count("\n") == 1
    assert not out.exists()


def test_a_damaged_file_is_named_with_both_digests(tmp_path: Path, capsys: Captured) -> None:
    folder = tmp_path / "data"
    shutil.copytree(ROOT / "src" / "ganvas" / "assets" / "mnist", folder / "mnist")
    damaged = folder / "mnist" / "t10k-labels-idx1-ubyte.gz"
    damaged.write_bytes(damaged.read_bytes()[:-100])
    out = tmp_path / "runs"
    assert main(["train", "--data-dir", str(folder), "--out", str(out)]) == 1
    shown = capsys.readouterr()
    assert shown.err.count("\n") == 1
    assert str(damaged) in shown.err
    assert "expected sha256" in shown.err
    assert not out.exists()
