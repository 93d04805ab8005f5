"""Runs side by side: their figures as rows, and the course of their quality. Reads their files."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ganvas.errors import DataError, GanvasError, UsageError
from ganvas.measured import samples_counted
from ganvas.run import find_run
from ganvas.runlog import ForeignRecipeError, RunDirectory

__all__ = ["Course", "Row", "compare", "read_course", "readable", "unlike", "unlike_courses"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Row:
    """One run: what it is, how far it came, and its figures at the end.

    `held_out` is the number of images set aside, which the reference lacks. `metrics` is as
    `ganvas eval --json` prints it; `evaluation` what surrounds it there (data, split, judge,
    samples, seed). Both are empty where the run was not measured.
    """

    run: str
    recipe: str
    data: str
    data_digest: str
    held_out: int
    status: str
    images: int
    seconds: float | None
    metrics: dict[str, Any]
    evaluation: dict[str, Any]


@dataclass(frozen=True, kw_only=True, slots=True)
class Course:
    """Quality on the way: at so many images and seconds, the probe's Fréchet distance.

    `real` is that of as many training images; `data` (name and digest), `held_out`, `judge` and
    `samples` say how it was made.
    """

    images: tuple[int, ...]
    seconds: tuple[float, ...]
    fd: tuple[float, ...]
    real: float | None
    samples: int
    judge: str
    data: str
    held_out: int


@dataclass(frozen=True, kw_only=True, slots=True)
class _Point:
    images: int
    seconds: float
    fd: float
    real: float | None
    samples: int
    judge: str


def compare(runs: Sequence[str | Path]) -> list[Row]:
    """Return a row for each run directory, in the order given.

    Raises UsageError for what is no run directory, GanvasError for one whose files cannot be read.
    """
    return [_row(find_run(run)) for run in runs]


def readable(runs: Sequence[str | Path]) -> tuple[list[str | Path], list[str]]:
    """Return the runs that can be compared, and a sentence on each other one.

    Left out are what is no run directory (among `runs/*` there are folders of trials), a run that
    has not begun, and one whose recipe this version does not know. Raises the first one's error,
    UsageError or ForeignRecipeError, when there is no run besides.
    """
    known: list[str | Path] = []
    left_out: list[GanvasError] = []
    for run in runs:
        try:
            directory = find_run(run)
            directory.read_recipe()
            if not (directory.path / "status.json").exists():
                raise UsageError(f"{run} has no status.json: its training has not begun")
        except (ForeignRecipeError, UsageError) as error:
            left_out.append(error)
        except GanvasError:
            known.append(run)  # what reads all of it says what is wrong
        else:
            known.append(run)
    if left_out and not known:
        raise left_out[0]
    return known, [str(error) for error in left_out]


def unlike(rows: Sequence[Row]) -> list[str]:
    """Return why figures of these rows must not be set side by side; [] when they may.

    Figures compare only where data, the images set aside, split, judge and number of samples are
    the same.
    """
    measured = [row for row in rows if row.evaluation]
    judges = [row.evaluation["judge"] for row in measured]
    return _differences(
        {
            "data": _by_digest([_data(row.data, row.data_digest) for row in measured]),
            "held-out images": [f"{row.held_out:,}" for row in measured],
            "split": [str(row.evaluation["split"]) for row in measured],
            "judge": [f"{judge['name']} {judge['digest'][7:15]}" for judge in judges],
            "samples": [_samples(row) for row in measured],
        }
    )


def _samples(row: Row) -> str:
    """Return how many samples a row's figures are of; its distance may be of fewer."""
    whole = int(row.evaluation["samples"])
    counted = samples_counted({**row.evaluation, "metrics": row.metrics})
    return f"{whole:,}" if counted == whole else f"{whole:,} ({counted:,} for the distance)"


def unlike_courses(courses: Sequence[Course]) -> list[str]:
    """Return why these courses must not be set side by side; [] when they may."""
    return _differences(
        {
            "data of the probes": _by_digest([course.data for course in courses]),
            "held-out images of the probes": [f"{course.held_out:,}" for course in courses],
            "judge of the probes": [course.judge[7:15] for course in courses],
            "samples of the probes": [f"{course.samples:,}" for course in courses],
        }
    )


def read_course(run: str | Path) -> Course | None:
    """Return the probes of a run in metrics.jsonl; None where it was never probed.

    Of a run that was resumed with another judge, only the probes like its last. A last line
    without its end is being written right now, or was when the run was killed: it is passed over.

    Raises UsageError for what is no run directory, DataError for a line that is damaged.
    """
    directory = find_run(run)
    points = [point for point in directory.read_metrics("probe", _point) if point is not None]
    if not points:
        return None
    last = points[-1]
    points = [p for p in points if (p.judge, p.samples) == (last.judge, last.samples)]
    recipe, digest = directory.read_recipe(), directory.read_environment()["data_digest"]
    return Course(
        images=tuple(point.images for point in points),
        seconds=tuple(point.seconds for point in points),
        fd=tuple(point.fd for point in points),
        real=last.real,
        samples=last.samples,
        judge=last.judge,
        data=_data(recipe.data.name, digest),
        held_out=recipe.data.held_out,
    )


def _point(entry: dict[str, Any]) -> _Point | None:
    probe = entry["probe"]
    if "real_logits" in probe:  # the doctor's signals
        return None
    point = _Point(
        images=int(entry["images"]),
        seconds=float(entry["seconds"]),
        fd=float(probe["fd"]),
        real=None if probe.get("real_fd") is None else float(probe["real_fd"]),
        samples=int(probe["samples"]),
        judge=str(probe["judge"]),
    )
    if not all(map(math.isfinite, (point.seconds, point.fd, point.real or 0.0))):
        raise ValueError("a figure is not finite")
    return point


def _row(directory: RunDirectory) -> Row:
    recipe, status = directory.read_recipe(), directory.read_status()
    evaluation = _evaluation(directory, status)
    return Row(
        run=str(directory.path),
        recipe=recipe.name,
        data=recipe.data.name,
        data_digest=directory.read_environment()["data_digest"],
        held_out=recipe.data.held_out,
        status=str(status["status"]),
        images=int(status["images"]),
        seconds=status.get("seconds"),
        metrics=evaluation.pop("metrics", {}),
        evaluation=evaluation,
    )


def _evaluation(directory: RunDirectory, status: dict[str, Any]) -> dict[str, Any]:
    """Return a copy of the evaluation in status.json, {} for none, after a look at its parts."""
    found = status.get("evaluation")
    if found is None:
        return {}
    try:
        evaluation = dict(found)
        judge, figures = evaluation["judge"], evaluation["metrics"].values()
        _ = [float(part) for f in figures for part in (f["value"], f["real"] or 0.0)]
        _ = [int(f.get("samples", 0)) for f in figures]
        _ = [judge["name"], judge["digest"][7:], evaluation["split"], int(evaluation["samples"])]
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        reason = " ".join(f"{type(error).__name__}: {error}".split())
        raise DataError(
            f"{directory.path / 'status.json'}: its evaluation is damaged ({reason})"
        ) from None
    return evaluation


def _data(name: str, digest: str) -> str:
    return f"{name} {digest[7:15]}"


def _by_digest(data: Sequence[str]) -> list[str]:
    """Return what `_data` says of each, alike where only names differ: moved data is the same."""
    first: dict[str, str] = {}
    return [first.setdefault(text.rpartition(" ")[2], text) for text in data]


def _differences(named: dict[str, list[str]]) -> list[str]:
    """Return a reason for each of the names under which not all values are the same."""
    different = {name: list(dict.fromkeys(values)) for name, values in named.items()}
    return [
        f"different {name}: {', '.join(values)}"
        for name, values in different.items()
        if len(values) > 1
    ]
