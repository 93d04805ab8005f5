"""A run directory as a plain frozen record, in whatever state it is; imports no torch.

    head = read_head("runs/0001-mnist-swift-s0")   # small files only: for lists of many runs
    record = read_run("runs/0001-mnist-swift-s0")  # ... with all lines, findings and pictures
    losses = series(record.metrics.log, "d_loss")  # ganvas.report.lines

A run may still be going, may have failed, or lie there half deleted or damaged, and what wrote it
may be a stranger: nothing here raises for that. What cannot be read is missing in the record and
named in its `problems`; links out of the directory are not followed; texts are as they stand in
the files, to be escaped by whoever shows them. Only a path that is no run directory is an error.
"""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from ganvas.lock import is_at_work
from ganvas.report.findings import Finding, parse_findings
from ganvas.report.gentle import content_of, evaluation_of, is_file, json_object, tail_of
from ganvas.report.lines import Line, Metrics, parse_metrics, parse_newest, plain_figures
from ganvas.run import find_run

__all__ = [
    "STATES",
    "RunHead",
    "RunRecord",
    "Sample",
    "list_samples",
    "over",
    "read_head",
    "read_run",
]

STATES = ("running", "finished", "stopped", "diverged", "failed", "interrupted", "unknown")
"""How a run can stand. `interrupted`: its files say running, and no process is at work there."""

_MOST_LINES = 1 << 28
_TAIL = 1 << 14  # bytes at the end of metrics.jsonl, which hold its last lines; read often
_SAMPLE = re.compile(r"(\d{1,15})\.png", re.ASCII)


@dataclass(frozen=True, kw_only=True, slots=True)
class RunHead:
    """What the small files say, and the last line.

    `images` and `seconds` are as far as the files know; `target_images` what the run is to come
    to, None where its budget is not in images. `recipe`, `environment` and `evaluation` (as
    `ganvas eval --json` prints it) are plain JSON, {} where there is none; `best` has the images
    and figures of the model in `best/`. `reason` is why it failed, diverged or finished early,
    `last` the last line of the log in sight. `real_picture` and `newest_picture` are paths of PNG
    files.
    """

    path: Path
    name: str
    state: str
    images: int
    target_images: int | None
    seconds: float | None
    reason: str | None
    recipe: Mapping[str, Any]
    environment: Mapping[str, Any]
    evaluation: Mapping[str, Any]
    best: Mapping[str, Any]
    last: Line | None
    real_picture: Path | None
    newest_picture: Path | None
    has_model: bool
    problems: tuple[str, ...]

    def setting(self, dotted: str, default: Any = None) -> Any:
        """Return a setting of the recipe by its dotted name; `default` where it has none."""
        value: Any = self.recipe
        for part in dotted.split("."):
            if not isinstance(value, Mapping) or part not in value:
                return default
            value = value[part]
        return value

    def text(self, dotted: str, default: str = "unknown") -> str:
        """Return a setting of the recipe that is a text; `default` where it is none."""
        value = self.setting(dotted)
        return value if isinstance(value, str) else default


@dataclass(frozen=True, kw_only=True, slots=True)
class Sample:
    """A picture of the fixed latents after so many images."""

    images: int
    path: Path


@dataclass(frozen=True, kw_only=True, slots=True)
class RunRecord:
    """All that a run left: its head, its lines, its findings, its pictures in their order."""

    head: RunHead
    metrics: Metrics
    findings: tuple[Finding, ...]
    samples: tuple[Sample, ...]
    problems: tuple[str, ...]


def read_run(directory: str | Path) -> RunRecord:
    """Return all of a run. Raises UsageError for what is no run directory."""
    path = find_run(directory).path
    head, problems = _read_head(path)
    metrics = parse_metrics(content_of(path, "metrics.jsonl", _MOST_LINES, problems) or b"")
    if metrics.damaged:
        problems.append(f"metrics.jsonl: lines damaged and passed over: {metrics.damaged:,}")
    findings, damaged = parse_findings(content_of(path, "findings.jsonl", _MOST_LINES, problems))
    if damaged:
        problems.append(f"findings.jsonl: lines damaged and passed over: {damaged:,}")
    return RunRecord(
        head=head,
        metrics=metrics,
        findings=findings,
        samples=_samples(path, problems),
        problems=tuple(dict.fromkeys(problems)),  # the head looks at the end of some files, too
    )


def read_head(directory: str | Path) -> RunHead:
    """Return a run's head: a few small reads. Raises UsageError for what is no run directory."""
    head, _ = _read_head(find_run(directory).path)
    return head


def over(
    record: RunRecord,
    *,
    status: str,
    images: int,
    seconds: float,
    evaluation: Mapping[str, Any] | None,
    reason: str | None = None,
) -> RunRecord:
    """Return the record as it will be once status.json says this of a run that just ended."""
    problems = list(record.problems)
    told = {} if evaluation is None else evaluation_of({"evaluation": evaluation}, problems)
    head = replace(record.head, state=status, images=images, seconds=seconds, evaluation=told)
    return replace(record, head=replace(head, reason=reason), problems=tuple(problems))


def _read_head(path: Path) -> tuple[RunHead, list[str]]:
    problems: list[str] = []
    at_work = is_at_work(path)  # before the status: a run that ends meanwhile was not interrupted
    status = json_object(path, "status.json", problems)
    recipe = json_object(path, "recipe.json", problems)
    last = parse_newest(content_of(path, "metrics.jsonl", _TAIL, problems, tail_of) or b"")
    known = plain_figures(status)
    images, seconds = known.get("images"), known.get("seconds")
    if not isinstance(images, int):
        images = 0
    if not isinstance(seconds, int | float):
        seconds = None
    if last.last is not None and last.last.images >= images:
        images = last.last.images
        seconds = last.last.seconds if seconds is None else seconds
    state = status.get("status")
    if state not in STATES:
        state = "unknown"
    if state == "running" and not at_work:
        state = "interrupted"
    reason = status.get("reason")
    head = RunHead(
        path=path,
        name=path.name or path.resolve().name,
        state=state,
        images=images,
        target_images=_target(recipe),
        seconds=seconds,
        reason=reason if isinstance(reason, str) else None,
        recipe=recipe,
        environment=json_object(path, "env.json", problems),
        evaluation=evaluation_of(status, problems),
        best=_best(path, problems),
        last=last.log[-1] if last.log else None,
        real_picture=_picture(path, "reals.png"),
        newest_picture=_picture(path, "samples.png"),
        has_model=is_file(path, "model/config.json"),
        problems=tuple(problems),
    )
    return head, problems


def list_samples(path: Path) -> tuple[Sample, ...]:
    """Return the pictures of a run in the order of their images; () where there are none."""
    return _samples(path, [])


def _best(path: Path, problems: list[str]) -> dict[str, Any]:
    if not is_file(path, "best/config.json"):
        return {}
    figures = plain_figures(json_object(path, "best.json", problems))
    return figures if isinstance(figures.get("images"), int) else {}


def _target(recipe: Mapping[str, Any]) -> int | None:
    budget = recipe.get("budget")
    plain = plain_figures(budget) if isinstance(budget, dict) else {}
    amount = plain.get("amount")
    if plain.get("unit") != "images" or not isinstance(amount, int | float):
        return None
    return max(1, round(amount))


def _samples(path: Path, problems: list[str]) -> tuple[Sample, ...]:
    folder = path / "samples"
    if folder.is_symlink() or not folder.is_dir():
        return ()
    try:
        with os.scandir(folder) as entries:
            found = [
                Sample(images=int(match[1]), path=Path(entry.path))
                for entry in entries
                if (match := _SAMPLE.fullmatch(entry.name)) and entry.is_file(follow_symlinks=False)
            ]
    except OSError as error:
        problems.append(f"samples: {error.strerror or error}")
        return ()
    return tuple(sorted(found, key=lambda sample: (sample.images, sample.path.name)))


def _picture(path: Path, name: str) -> Path | None:
    return path / name if is_file(path, name) else None
