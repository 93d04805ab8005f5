"""Whole runs of two processes: the same twice, stopped, killed, left alone, refused."""

import json
import signal
import sys
from pathlib import Path
from subprocess import run

import numpy as np
import pytest
import torch

import ganvas
from ganvas.weights import read_tensors
from tests.distributed_helpers import ROOT, environment_of, finish, start
from tests.distributed_treated import BACK_AT, BEST_AT, ENDS_AT, FALLS_AT

SETTINGS = {
    "batch_size": 8,
    "generator.width": 8,
    "discriminator.width": 8,
    "latent.size": 4,
    "machine.precision": "float32",
    "evaluation.samples": 0,
    "evaluation.probe_samples": 0,
    "evaluation.validation_images": 0,
    "log.every_images": 40,
    "checkpoint.every_images": 80,
}

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("data") / "tiny.npz"
    rng = np.random.default_rng(0)
    images = rng.integers(0, 256, (80, 8, 8, 1), dtype=np.uint8)
    np.savez(path, images=images, labels=np.arange(80) % 4)
    return path


def command(data: Path, out: Path, *more: str) -> list[str]:
    """`ganvas train` of a tiny run named "run"."""
    changes = [f"--set={name}={value}" for name, value in SETTINGS.items()]
    options = ["--images=240", f"--out={out}", "--name=run", "--quiet"]
    return ["train", str(data), *options, *changes, *more]


def weights(run: Path) -> dict[str, torch.Tensor]:
    return {
        f"{name}/{key}": value
        for name in ("model", "discriminator")
        for key, value in read_tensors(run / "model" / f"{name}.safetensors", None).items()
    }


def files(run: Path) -> list[bytes]:
    """What a run must have to the last byte, however it came there."""
    lines = [json.loads(line) for line in (run / "metrics.jsonl").read_text().splitlines()]
    timeless = [
        {key: line[key] for key in line if key not in ("seconds", "images_per_second")}
        for line in lines
    ]
    names = ("model/model.safetensors", "model/discriminator.safetensors", "samples.png")
    return [json.dumps(timeless).encode(), *((run / name).read_bytes() for name in names)]


@pytest.fixture(scope="module")
def whole(data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run of two processes that nothing happened to."""
    out = tmp_path_factory.mktemp("whole")
    found = finish(start(["ganvas", *command(data, out)]))
    assert [code for code, _, _ in found] == [0, 0], found
    assert found[0][1].splitlines() == [str(out / "run")]
    assert found[1][1:] == ("", "")
    return out / "run"


def test_two_processes_end_near_to_where_one_ends(whole: Path, data: Path, tmp_path: Path) -> None:
    alone = ganvas.train(
        str(data), images=240, out=tmp_path, settings={**SETTINGS, "machine.threads": 1}
    )
    noted = json.loads((whole / "env.json").read_text())
    assert (noted["processes"], noted["threads"]) == (2, 1)
    for name, value in weights(alone.directory).items():
        far = (weights(whole)[name].float() - value.float()).norm()
        assert far <= 2e-3 * value.float().norm() + 1e-5, name


def test_a_process_that_is_killed_comes_again_and_the_run_goes_on(
    whole: Path, data: Path, tmp_path: Path
) -> None:
    torchrun = [sys.executable, "-m", "torch.distributed.run"]
    options = ["--standalone", "--nproc-per-node=2", "--max-restarts=2"]
    hit = ["tests.distributed_run", "1", "17", "SIGKILL"]
    environment = environment_of(0, 2, 0)
    for name in ("RANK", "WORLD_SIZE", "LOCAL_RANK", "LOCAL_WORLD_SIZE", "MASTER_ADDR"):
        del environment[name]
    done = run(
        [*torchrun, *options, "-m", *hit, *command(data, tmp_path)],
        env=environment,
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == [str(tmp_path / "run")]
    assert "from 80 images" in (tmp_path / "run" / "log.txt").read_text()
    assert files(tmp_path / "run") == files(whole)


def test_a_signal_to_one_stops_all_after_the_same_update(
    whole: Path, data: Path, tmp_path: Path
) -> None:
    hit = ["tests.distributed_run", "1", "13", "SIGTERM"]
    found = finish(start([*hit, *command(data, tmp_path)]))
    assert [code for code, _, _ in found] == [143, 143], found
    status = json.loads((tmp_path / "run" / "status.json").read_text())
    assert (status["status"], status["signal"]) == ("stopped", signal.SIGTERM)
    assert status["images"] == 13 * 8
    found = finish(start(["ganvas", "resume", str(tmp_path / "run"), "--quiet"]))
    assert [code for code, _, _ in found] == [0, 0], found
    assert files(tmp_path / "run") == files(whole)


@pytest.mark.parametrize("how", ["SIGSTOP", "SIGKILL"])
def test_a_process_that_does_not_answer_ends_the_others_in_one_line(
    how: str, data: Path, tmp_path: Path
) -> None:
    patience = {"GANVAS_PATIENCE_SECONDS": "20"}
    hit = ["tests.distributed_run", "1", "13", how]
    left, gone = start([*hit, *command(data, tmp_path)], more=patience)
    _, error = left.communicate(timeout=300)
    gone.kill()
    gone.communicate()
    ours = [line for line in error.splitlines() if line.startswith("ganvas:")]
    assert left.returncode == 1
    assert len(ours) == 1
    assert "cannot reach another" in ours[0]
    assert "ganvas resume" in ours[0]


def test_a_batch_that_cannot_be_shared_is_refused_once(data: Path, tmp_path: Path) -> None:
    found = finish(start(["ganvas", *command(data, tmp_path, "--set=batch_size=9")]))
    assert [code for code, _, _ in found] == [2, 2]
    assert found[0][2].splitlines()[-1].startswith("ganvas: error: batch_size must be such that 2")
    assert found[1][1:] == ("", "")
    assert list(tmp_path.iterdir()) == []


def test_two_processes_go_back_and_end_together_where_the_doctor_says(
    data: Path, tmp_path: Path
) -> None:
    more = ["--remedy=apply", "--set=checkpoint.every_images=40", "--set=schedule.decay_from=1"]
    two = finish(start(["tests.distributed_treated", *command(data, tmp_path, *more)]))
    assert [code for code, _, _ in two] == [0, 0], two
    together = tmp_path / "run"
    status = json.loads((together / "status.json").read_text())
    assert (status["status"], status["images"]) == ("finished", ENDS_AT + 8)
    log = (together / "log.txt").read_text()
    assert [f"treated at {n}" in log for n in (FALLS_AT, BACK_AT, ENDS_AT)] == [True] * 3
    assert f"those of {BEST_AT} images" in log
    alone = tmp_path / "alone"
    one = finish(start(["tests.distributed_treated", *command(data, alone, *more)], size=1))
    assert one[0][0] == 0, one
    for name, value in weights(alone / "run").items():
        far = (weights(together)[name].float() - value.float()).norm()
        assert far <= 2e-3 * value.float().norm() + 1e-5, name


def test_two_processes_go_on_with_a_run_whose_settings_a_remedy_changed(
    data: Path, tmp_path: Path
) -> None:
    patience = {"GANVAS_PATIENCE_SECONDS": "60"}
    more = ["--remedy=apply", "--images=96", "--set=schedule.decay_from=1"]
    begun = finish(start(["tests.distributed_treated", *command(data, tmp_path, *more)]))
    assert [code for code, _, _ in begun] == [0, 0], begun
    run = tmp_path / "run"
    assert f"treated at {FALLS_AT}" in (run / "log.txt").read_text()
    again = ["ganvas", "resume", str(run), "--images=104", "--quiet"]
    found = finish(start(again, more=patience))
    assert [code for code, _, _ in found] == [0, 0], found
    status = json.loads((run / "status.json").read_text())
    assert (status["status"], status["images"]) == ("finished", 104)
