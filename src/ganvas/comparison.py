"""Runs side by side: their figures as rows, and the course of their quality. Reads their files."""

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ganvas.errors import DataError, GanvasError
from ganvas.run import find_run
from ganvas.runlog import RunDirectory

__all__ = ["Course", "Row", "compare", "read_course", "unlike"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Row:
    """One run: what it is, how far it came, and its figures at the end.

    `metrics` is as `ganvas eval --json` prints it; `evaluation` what surrounds it there (data,
    split, judge, samples, seed). Both are empty where the run was not measured.
    """

    run: str
    recipe: str
    data: str
    status: str
    images: int
    seconds: float | None
    metrics: dict[str, Any]
    evaluation: dict[str, Any]


@dataclass(frozen=True, kw_only=True, slots=True)
class Course:
    """Quality on the way: at so many images and seconds, the probe's Fréchet distance.

    `real` is that of as many training images; `judge` and `samples` say how it was made.
    """

    images: tuple[int, ...]
    seconds: tuple[float, ...]
    fd: tuple[float, ...]
    real: float | None
    samples: int
    judge: str


def compare(runs: Sequence[str | Path]) -> list[Row]:
    """Return a row for each run directory, in the order given.

    Raises UsageError for what is no run directory, GanvasError for one whose files cannot be read.
    """
    return [_row(find_run(run)) for run in runs]


def unlike(rows: Sequence[Row]) -> list[str]:
    """Return why figures of these rows must not be set side by side; [] when they may.

    Figures compare only where data, split, judge and number of samples are the same.
    """
    reasons = []
    measured = [row.evaluation for row in rows if row.evaluation]
    for name, say in (
        ("data", str),
        ("split", str),
        ("judge", lambda judge: f"{judge['name']} {judge['digest'][7:15]}"),
        ("samples", lambda count: f"{count:,}"),
    ):
        found = sorted({say(evaluation[name]) for evaluation in measured})
        if len(found) > 1:
            reasons.append(f"different {name}: {', '.join(found)}")
    return reasons


def read_course(run: str | Path) -> Course | None:
    """Return the probes of a run in metrics.jsonl; None where it was never probed.

    Raises UsageError for what is no run directory, DataError for a line that is damaged.
    """
    path = find_run(run).path / "metrics.jsonl"
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except FileNotFoundError:
        return None
    except (OSError, UnicodeDecodeError) as error:
        raise GanvasError(f"cannot read {path}: {error}") from None
    probes = []
    for number, line in enumerate(lines, start=1):
        try:
            entry = json.loads(line)
            if "probe" in entry:
                probe = entry["probe"]
                probes.append((int(entry["images"]), float(entry["seconds"]), probe))
                fd = float(probe["fd"])
                if not math.isfinite(fd):
                    raise ValueError("fd is not finite")
        except (ValueError, KeyError, TypeError) as error:
            if number == len(lines):  # a run that is being written right now
                break
            raise DataError(f"{path}, line {number}: {error}") from None
    if not probes:
        return None
    last = probes[-1][2]
    return Course(
        images=tuple(images for images, _, _ in probes),
        seconds=tuple(seconds for _, seconds, _ in probes),
        fd=tuple(float(probe["fd"]) for _, _, probe in probes),
        real=last.get("real_fd"),
        samples=int(last["samples"]),
        judge=str(last["judge"]),
    )


def _row(directory: RunDirectory) -> Row:
    recipe, status = directory.read_recipe(), directory.read_status()
    evaluation = dict(status.get("evaluation") or {})
    return Row(
        run=str(directory.path),
        recipe=recipe.name,
        data=recipe.data.name,
        status=str(status["status"]),
        images=int(status["images"]),
        seconds=status.get("seconds"),
        metrics=evaluation.pop("metrics", {}),
        evaluation=evaluation,
    )
