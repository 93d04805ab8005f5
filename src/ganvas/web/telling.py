"""What pages are told of runs: plain values for JSON, and curves thinned to what a screen shows."""

import shlex
from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

from ganvas.report.commands import reproducing_command, resuming_command, slower_command
from ganvas.report.findings import Finding
from ganvas.report.lines import Line, Metrics, Series, series
from ganvas.report.record import RunHead, Sample
from ganvas.report.story import ending, short_reason
from ganvas.web.folder import Row, RunsFolder
from ganvas.web.follower import Followed

__all__ = ["MOST_POINTS", "thinned", "to_listing", "to_row", "to_run", "to_standing", "to_tail"]

MOST_POINTS = 400
"""Points of a curve on a page; more lines than that are told as means with their extremes."""

_CURVES: Mapping[str, tuple[str, ...]] = {
    "log": ("d_loss", "g_loss", "images_per_second", "d_accuracy_real", "d_accuracy_fake"),
    "validation": (
        "d_accuracy_train",
        "d_accuracy_held_out",
        "fooling_rate",
        "d_loss_train",
        "d_loss_held_out",
        "overfitting",
    ),
    "quality": ("fd", "label_accuracy"),
    "signals": ("g_gradient_norm", "d_gradient_norm"),
}
_IDEAL_OF_A_HALF = 0.5
_SAID = ("diverged", "failed", "interrupted", "unknown")  # ends that need a sentence


def to_listing(folder: RunsFolder, *, total: int, gone: list[str]) -> dict[str, Any]:
    """Return how many runs there are, which went, and the command that brings one here.

    Where the page is about one run alone, `only` is its name, and the command shows all of them.
    """
    place = shlex.quote(str(folder.path))
    return {
        "folder": str(folder.path),
        "total": total,
        "gone": gone,
        "only": folder.only,
        "command": f"ganvas watch {place}" if folder.only else f"ganvas train --out {place}",
    }


def to_row(row: Row) -> dict[str, Any]:
    """Return a run as the list of runs shows it."""
    head = row.head
    return {
        **to_standing(head),
        "recipe": head.text("name"),
        "data": head.text("data.name"),
        "seed": head.setting("seed"),
        "changed": row.changed,
        "picture": _version(head.newest_picture),
        "quality": _quality(head),
    }


def to_standing(head: RunHead) -> dict[str, Any]:
    """Return how far a run is: what changes with every line of its log."""
    last = head.last.figures if head.last is not None else {}
    return {
        "name": head.name,
        "state": head.state,
        "images": head.images,
        "target_images": head.target_images,
        "seconds": head.seconds,
        "images_per_second": last.get("images_per_second"),
        "reason": None if head.reason is None else short_reason(head.reason),
    }


def to_run(followed: Followed) -> dict[str, Any]:
    """Return all that a run's page shows at first."""
    head, metrics = followed.head, followed.metrics
    return {
        **to_standing(head),
        "recipe": head.text("name"),
        "data": head.text("data.name"),
        "kind": "points" if head.setting("generator.architecture") == "points" else "images",
        "conditional": head.setting("conditioning") == "class",
        "loss": {"name": head.text("loss.name"), **_ideals(head, metrics)},
        "facts": _facts(head),
        "quality": _quality(head),
        "evaluation": head.evaluation or None,
        "real_fd": _last(metrics.quality, "real_fd"),
        "accuracy_of": _last(metrics.validation, "accuracy_of") or "images",
        "probe_samples": _last(metrics.quality, "samples"),
        "validation_count": _last(metrics.validation, "count"),
        "curves": {
            name: thinned(series(getattr(metrics, kind), name))
            for kind, names in _CURVES.items()
            for name in names
        },
        "reals": _version(head.real_picture),
        "samples": _pictures(followed.samples),
        "findings": [_finding(finding) for finding in followed.findings],
        "ending": ending(head) if head.state in _SAID or _ended_early(head) else None,
        "problems": list(head.problems),
        "commands": {
            "reproduce": reproducing_command(head.environment, head.recipe),
            "slower": slower_command(head) if head.state == "diverged" else None,
            "resume": resuming_command(
                Path(head.path).absolute(), state=head.state, images=head.images
            ),
        },
    }


def _ended_early(head: RunHead) -> bool:
    return head.state == "finished" and head.reason is not None


def to_tail(before: Followed, now: Followed) -> dict[str, Any]:
    """Return what a page that was told `before` lacks of `now`, of the same generation."""
    added = {
        name: _plain(series(getattr(now.metrics, kind)[len(getattr(before.metrics, kind)) :], name))
        for kind, names in _CURVES.items()
        for name in names
    }
    head = now.head
    tail: dict[str, Any] = {
        **to_standing(head),
        "quality": _quality(head),
        "evaluation": head.evaluation or None,
        "real_fd": _last(now.metrics.quality, "real_fd"),
        "accuracy_of": _last(now.metrics.validation, "accuracy_of") or "images",
        "probe_samples": _last(now.metrics.quality, "samples"),
        "validation_count": _last(now.metrics.validation, "count"),
        "loss": {"name": head.text("loss.name"), **_ideals(head, now.metrics)},
        "added": {name: curve for name, curve in added.items() if curve["images"]},
    }
    if now.samples is not before.samples:
        tail["samples"] = _pictures(now.samples)
    if now.findings != before.findings:
        tail["findings"] = [_finding(finding) for finding in now.findings]
    return tail


def thinned(line: Series) -> dict[str, Any]:
    """Return a curve of at most MOST_POINTS: means of neighbours, with their least and largest.

    A mean stands at the last of its neighbours, so that a curve ends where its run does.
    """
    if len(line) <= MOST_POINTS:
        return _plain(line)
    ends = [round(i * len(line) / MOST_POINTS) for i in range(MOST_POINTS + 1)]
    parts = [slice(first, last) for first, last in pairwise(ends)]
    return {
        "images": [line.images[part.stop - 1] for part in parts],
        "seconds": [line.seconds[part.stop - 1] for part in parts],
        "values": [_mean(line.values[part]) for part in parts],
        "low": [min(line.values[part]) for part in parts],
        "high": [max(line.values[part]) for part in parts],
    }


def _plain(line: Series) -> dict[str, Any]:
    return {
        "images": list(line.images),
        "seconds": list(line.seconds),
        "values": list(line.values),
    }


def _mean(values: Sequence[float]) -> float:
    return float(f"{sum(values) / len(values):.6g}")


def _ideals(head: RunHead, metrics: Metrics) -> dict[str, Any]:
    """Return D's loss when D cannot tell real from fake: as it is validated, and as it is logged.

    The log's is half of the other where the loss is one mean over both kinds. With targets other
    than 1 and 0 it is another, and not told.
    """
    ideal = _last(metrics.validation, "d_loss_ideal")
    logged = ideal
    if isinstance(ideal, int | float) and head.setting("loss.mean_over") == "batch":
        logged = ideal * _IDEAL_OF_A_HALF
    targets = [head.setting(f"targets.{name}") for name in ("real", "fake", "flip")]
    if targets not in ([1.0, 0.0, 0.0], [None, None, None]):
        logged = None
    return {"ideal": ideal, "logged_ideal": logged}


def _last(lines: Iterable[Line], name: str) -> Any:
    found = [line.figures[name] for line in lines if name in line.figures]
    return found[-1] if found else None


def _quality(head: RunHead) -> dict[str, Any] | None:
    """Return the Fréchet distance that stands for a run: the final one, else its best so far."""
    final = head.evaluation.get("metrics", {}) if head.evaluation else {}
    if "fd" in final:
        accuracy = final.get("label_accuracy", {})
        return {
            "fd": final["fd"]["value"],
            "real_fd": final["fd"]["real"],
            "label_accuracy": accuracy.get("value"),
            "is_final": True,
        }
    if isinstance(head.best.get("fd"), int | float):
        return {
            "fd": head.best["fd"],
            "real_fd": head.best.get("real_fd"),
            "label_accuracy": head.best.get("label_accuracy"),
            "is_final": False,
        }
    return None


def _facts(head: RunHead) -> list[tuple[str, str]]:
    """Return what somebody asks of a run first, in the words of the recipe."""
    environment = head.environment
    threads = environment.get("threads")
    versions = environment.get("versions")
    found = [
        ("seed", head.setting("seed")),
        ("batch size", head.setting("batch_size")),
        ("loss", head.setting("loss.name")),
        ("generator", head.setting("generator.architecture")),
        ("discriminator", head.setting("discriminator.architecture")),
        ("classes", head.setting("conditioning")),
        ("machine", environment.get("device")),
        ("threads", threads),
        ("precision", environment.get("precision")),
        ("ganvas", versions.get("ganvas") if isinstance(versions, Mapping) else None),
    ]
    return [(name, str(value)) for name, value in found if isinstance(value, str | int | float)]


def _finding(finding: Finding) -> dict[str, Any]:
    return {
        "name": finding.name,
        "title": finding.title,
        "severity": finding.severity,
        "since_images": finding.since_images,
        "images": finding.images,
        "resolved_images": finding.resolved_images,
        "explanation": finding.explanation,
        "remedies": list(finding.remedies),
    }


def _pictures(samples: Iterable[Sample]) -> list[tuple[int, str]]:
    return [(sample.images, _version(sample.path) or "0") for sample in samples]


def _version(path: Path | None) -> str | None:
    """Return what changes when a picture does: part of its address, so that it may be kept."""
    if path is None:
        return None
    try:
        found = path.lstat()
    except OSError:
        return None
    return f"{found.st_mtime_ns:x}-{found.st_size:x}"
