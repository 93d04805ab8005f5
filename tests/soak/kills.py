"""kill -9 at random moments of real runs: each is resumed, and must end as if never killed."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from tests.project_source import ROOT
from tests.soak.record import Record

_CLOCKS = ("seconds", "images_per_second")
_STARTED = "recipe "  # in the line that a run begins with


@dataclass(frozen=True, kw_only=True, slots=True)
class Kind:
    """A kind of run: what is asked of `ganvas train`.

    `asks`: a checkpoint is asked for by SIGUSR1 some time before the kill, so that the run goes
    on from the middle of a round.
    """

    name: str
    options: str
    asks: bool = False


_COMMON = "--threads 1 --set evaluation.samples=200 --set evaluation.probe_samples=0"
KINDS = {
    kind.name: kind
    for kind in (
        Kind(
            name="swift",
            options="--images 6000 --set checkpoint.every_images=500 --set log.every_images=200 "
            "--set log.samples_every_images=1000",
        ),
        # The other two as published, networks, rounds and all; only the budget is small.
        Kind(
            name="dropout-cnn",
            options="--recipe dropout-cnn --images 512",
            asks=True,
        ),
        Kind(
            name="smooth-ez",
            options="--recipe smooth-ez --images 2000 --set checkpoint.every_images=250 "
            "--set log.every_images=100 --set log.samples_every_images=500",
        ),
    )
}


def soak_kills(record: Record, kind: Kind, *, trials: int, seed: int) -> None:
    """Kill and resume until `trials` runs of this kind were compared."""
    part = f"kill -9, {kind.name}"
    reference, seconds = _reference(record, kind)
    while (number := record.done(part)) < trials:
        run = record.folder / f"killed-{kind.name}"
        shutil.rmtree(run, ignore_errors=True)
        rng = np.random.default_rng([seed, number])
        killed_at = _killed(_train(kind, run), rng.uniform(0, seconds), kind.asks, rng)
        if killed_at is None or _is_finished(run):  # the machine was quicker: once more
            seconds *= 0.95
            continue
        images = _position(run)
        resumed = subprocess.run(
            _ganvas("resume", str(run)), capture_output=True, text=True, env=_env(), check=False
        )
        if resumed.returncode:
            wrong = [f"resume exits with {resumed.returncode}: {resumed.stderr.strip()}"]
        else:
            wrong = different(reference, run)
        where = f"trial {number}, killed after {killed_at:.2f} s, checkpoint {images}"
        outcome = "not as if never killed" if wrong else "byte-identical"
        record.count(part, {outcome: 1}, [f"{where}: {'; '.join(wrong)}"] if wrong else [])
        print(f"{part}: {where}: {outcome}", flush=True)
        if wrong:
            shutil.move(run, record.folder / f"failed-{kind.name}-{number}")


def different(first: Path, second: Path) -> list[str]:
    """What differs between two finished runs, clocks aside; nothing is what it should be."""
    wrong = [
        str(files[1].relative_to(second))
        for files in zip(_results(first), _results(second), strict=True)
        if not files[1].is_file() or files[0].read_bytes() != files[1].read_bytes()
    ]
    if _lines(first) != _lines(second):
        wrong.append("metrics.jsonl")
    hidden = [path.name for path in second.rglob(".*")]
    return wrong + [f"left {name}" for name in hidden]


def _results(run: Path) -> list[Path]:
    """What a run must have to the last byte; its last checkpoint may have any name.

    A checkpoint that was asked for in the middle of an iteration counts the same images as that at
    its end, and the second to come is told apart by a number.
    """
    names = ("model/model.safetensors", "model/discriminator.safetensors", "samples.png")
    state = f"checkpoints/{_position(run)}/state.safetensors"
    return [run / name for name in (*names, state)]


def _reference(record: Record, kind: Kind) -> tuple[Path, float]:
    """The run that nobody disturbs, and how long it trains."""
    run = record.folder / f"reference-{kind.name}"
    if not _is_finished(run):
        shutil.rmtree(run, ignore_errors=True)
        process = _train(kind, run)
        started = time.perf_counter()
        _, error = process.communicate()
        assert process.returncode == 0, error
        (run / "took").write_text(f"{time.perf_counter() - started}")
    return run, float((run / "took").read_text())


def _train(kind: Kind, run: Path) -> "subprocess.Popen[str]":
    """Start a run, and return once it trains."""
    command = _ganvas("train", "mnist", *kind.options.split(), *_COMMON.split())
    command += ["--out", str(run.parent), "--name", run.name]
    process = subprocess.Popen(
        command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, env=_env()
    )
    assert process.stderr is not None
    seen = []
    for line in process.stderr:
        seen.append(line)
        if _STARTED in line:
            return process
    raise AssertionError("".join(seen))


def _killed(
    process: "subprocess.Popen[str]", after: float, asks: bool, rng: np.random.Generator
) -> float | None:
    """Kill the process so many seconds from now; None if it ended before."""
    started = time.perf_counter()
    try:
        if asks:
            with suppress(subprocess.TimeoutExpired):
                process.communicate(timeout=rng.uniform(0, after))
            process.send_signal(signal.SIGUSR1)
        process.communicate(timeout=max(0.0, after - (time.perf_counter() - started)))
    except subprocess.TimeoutExpired:
        process.send_signal(signal.SIGKILL)
        process.communicate()
        return time.perf_counter() - started
    return None


def _is_finished(run: Path) -> bool:
    status = run / "status.json"
    return status.is_file() and '"finished"' in status.read_text()


def _position(run: Path) -> str:
    try:
        return (run / "checkpoints" / "last").read_text().strip()
    except OSError:
        return "none"


def _lines(run: Path) -> list[dict[str, Any]]:
    lines = [json.loads(line) for line in (run / "metrics.jsonl").read_text().splitlines()]
    return [{k: v for k, v in line.items() if k not in _CLOCKS} for line in lines]


def _ganvas(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "ganvas", *arguments]


def _env() -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(ROOT / "src"), "OMP_NUM_THREADS": "1"}
