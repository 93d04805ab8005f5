"""`ganvas resume` as a user runs it: after a Ctrl-C, to a larger total, and what is refused."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from ganvas.cli.main import main
from ganvas.data import DataSet
from tests.cli_helpers import FEW, read_status, take_tiny_data
from tests.project_source import ROOT

Captured = pytest.CaptureFixture[str]


@pytest.fixture
def tiny(monkeypatch: pytest.MonkeyPatch) -> DataSet:
    return take_tiny_data(monkeypatch)


def test_ctrl_c_in_a_real_process_and_resume_to_the_end(tmp_path: Path, capsys: Captured) -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "ganvas", "train", "--images", "100000", *FEW],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT / "src")},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stderr is not None
    with process:
        assert "recipe swift, seed 0" in process.stderr.readline()  # training begins now
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=120)
    assert process.returncode == 130, err
    assert "stopped by Ctrl-C" in err
    assert "Traceback" not in err
    run = tmp_path / out.strip()
    status = read_status(run)
    assert (status["status"], status["signal"]) == ("stopped", signal.SIGINT)
    assert (run / "model" / "model.safetensors").is_file()
    total = status["images"] + 64
    assert main(["resume", str(run), "--images", str(total), "--json", "--quiet"]) == 0
    result = json.loads(capsys.readouterr().out)
    assert (result["status"], result["images"]) == ("finished", total)


def test_resuming_a_finished_run_asks_for_a_larger_total(
    tiny: DataSet, tmp_path: Path, capsys: Captured
) -> None:
    assert main(["train", "--steps", "2", *FEW, "--out", str(tmp_path), "--quiet"]) == 0
    run = capsys.readouterr().out.strip()
    assert main(["resume", run]) == 2
    shown = capsys.readouterr()
    assert shown.err.count("\n") == 1
    assert "give a larger --images to go on" in shown.err


def test_a_run_on_arrays_that_were_not_kept_is_resumed_from_python(
    tiny: DataSet, tmp_path: Path, capsys: Captured, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ganvas.data.store.keep.MAX_KEPT_BYTES", 0)
    assert main(["train", "--steps", "2", *FEW, "--out", str(tmp_path), "--quiet"]) == 0
    run = capsys.readouterr().out.strip()
    assert main(["resume", run, "--images", "640"]) == 2
    assert "ganvas.resume(run, data=(images, labels))" in capsys.readouterr().err
