"""Whole runs, `ganvas train` from its start to its end: what no loop of updates shows.

Pictures, looks at quality, the judge, the figures at the end, and the files.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

from bench.planning.material import environment, source_of
from bench.planning.point import DEFAULT, EXAMPLE, Point
from ganvas.recipes import get_recipe

__all__ = ["BUDGET", "RUNS", "measure_run", "widths"]

BUDGET = 200_000
"""Images of the run that the worked example estimates."""

_SHORT = 2_048
"""Images of the runs that are made."""

_POINTS = (
    DEFAULT,
    replace(DEFAULT, images=60_000),
    replace(DEFAULT, size=64),
    replace(DEFAULT, size=128),
    EXAMPLE,
)
RUNS = {f"run of {point.name}": point for point in _POINTS}
"""The points of which a whole run is made, by the names of these results."""


def measure_run(point: Point, folder: Path) -> dict[str, Any]:
    """Return what a short run of a point of swift took; `failed` where it ended with an error.

    `peak` is in MiB, `planned_disk_bytes` what `--dry-run` says of this run and of BUDGET images.
    """
    source = source_of(point, folder)
    try:
        plans = {str(n): _plan(point, source, folder, n)["disk_bytes"] for n in (_SHORT, BUDGET)}
        with tempfile.TemporaryDirectory(dir=folder) as place:
            seconds, peak = _train(point, source, folder, Path(place))
            run = Path(place) / "run"
            told = json.loads((run / "status.json").read_text(encoding="utf-8"))
            files = sum(file.stat().st_size for file in run.rglob("*") if file.is_file())
    except subprocess.CalledProcessError as error:
        return {"point": point.to_json(), "failed": f"ganvas train: {error}"}
    return {
        "point": point.to_json(),
        "images": told["images"],
        "training_seconds": told["seconds"],
        "seconds": seconds,
        "peak": peak,
        "disk_bytes": files,
        "planned_disk_bytes": plans,
    }


def widths(point: Point) -> dict[str, int]:
    """Return the widths of a point's networks as settings."""
    recipe = get_recipe(point.recipe)
    return {
        "generator.width": round(recipe.generator.width * point.generator),
        "discriminator.width": round(recipe.discriminator.width * point.discriminator),
    }


def _train(point: Point, source: str, folder: Path, place: Path) -> tuple[float, float]:
    """Train, and return the seconds and the peak in MiB. Raises CalledProcessError."""
    command = [*_command(point, source, _SHORT), "--quiet", "--out", str(place), "--name", "run"]
    started = time.perf_counter()
    process = subprocess.Popen(command, env=environment(folder), stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, command)
    return time.perf_counter() - started, usage.ru_maxrss / 1024


def _plan(point: Point, source: str, folder: Path, images: int) -> dict[str, Any]:
    """Return what `ganvas train --dry-run` says. Raises CalledProcessError."""
    done = subprocess.run(
        [*_command(point, source, images), "--dry-run", "--json"],
        env=environment(folder),
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    facts: dict[str, Any] = json.loads(done.stdout)["plan"]
    return facts


def _command(point: Point, source: str, images: int) -> list[str]:
    settings = [f"{name}={value}" for name, value in widths(point).items()]
    command = [sys.executable, "-m", "ganvas", "train", source, "--threads", str(point.threads)]
    return [*command, "--images", str(images), *(w for s in settings for w in ("--set", s))]
