"""One setting that no table has: estimated from the tables, then measured by a real run of it."""

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from bench.planning.material import environment, source_of
from bench.planning.point import EXAMPLE, Point
from bench.planning.turns import Talker, measure

__all__ = ["EXAMPLE_NAME", "measure_example"]

EXAMPLE_NAME = f"example {EXAMPLE.name}"

BUDGET = 200_000
"""Images of the run that is estimated."""

_SHORT = 2_048
"""Images of the run that is made."""


def measure_example(default: Talker, folder: Path, *, seconds: float) -> dict[str, Any]:
    """Return the point's own result, and under `run` what a short `ganvas train` of it took.

    A run says what no loop of updates does: the end, the pictures, the files. `failed` where it
    ended with an error.
    """
    found = measure(EXAMPLE, default, folder, seconds=seconds)
    if "ratio" not in found:
        return found
    source = source_of(EXAMPLE, folder)
    plans = {str(n): _plan(source, folder, n)["disk_bytes"] for n in (_SHORT, BUDGET)}
    with tempfile.TemporaryDirectory(dir=folder) as place:
        command = [*_command(source, _SHORT), "--quiet", "--out", place, "--name", "example"]
        started = time.perf_counter()
        process = subprocess.Popen(command, env=environment(folder), stdout=subprocess.DEVNULL)
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        whole = time.perf_counter() - started
        if process.returncode:
            return found | {"failed": f"ganvas train ended with exit code {process.returncode}"}
        run = Path(place) / "example"
        told = json.loads((run / "status.json").read_text(encoding="utf-8"))
        files = sum(file.stat().st_size for file in run.rglob("*") if file.is_file())
    return found | {
        "run": {
            "images": told["images"],
            "training_seconds": told["seconds"],
            "seconds": whole,
            "peak": usage.ru_maxrss / 1024,
            "disk_bytes": files,
            "planned_disk_bytes": plans,
        }
    }


def _command(source: str, images: int) -> list[str]:
    settings = [f"{name}={value}" for name, value in widths(EXAMPLE).items()]
    command = [sys.executable, "-m", "ganvas", "train", source, "--threads", str(EXAMPLE.threads)]
    return [*command, "--images", str(images), *(w for s in settings for w in ("--set", s))]


def widths(point: Point) -> dict[str, int]:
    """Return a point of swift's widths as settings."""
    own = {"generator.width": 64, "discriminator.width": 32}
    factors = point.generator, point.discriminator
    return {name: round(w * f) for (name, w), f in zip(own.items(), factors, strict=True)}


def _plan(source: str, folder: Path, images: int) -> dict[str, Any]:
    """Return what `ganvas train --dry-run` says of the example."""
    done = subprocess.run(
        [*_command(source, images), "--dry-run", "--json"],
        env=environment(folder),
        capture_output=True,
        text=True,
        check=True,
    )
    facts: dict[str, Any] = json.loads(done.stdout)["plan"]
    return facts
