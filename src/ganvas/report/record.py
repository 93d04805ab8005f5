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
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ganvas.errors import GanvasError
from ganvas.files import inside, parse_json, read_bytes
from ganvas.lock import is_at_work
from ganvas.report.findings import Finding, parse_findings
from ganvas.report.lines import Line, Metrics, parse_metrics, plain_figures
from ganvas.run import find_run

__all__ = ["STATES", "RunHead", "RunRecord", "Sample", "list_samples", "read_head", "read_run"]

STATES = ("running", "finished", "stopped", "diverged", "failed", "interrupted", "unknown")
"""How a run can stand. `interrupted`: its files say running, and no process is at work there."""

_MOST_JSON = 1 << 20
_MOST_LINES = 1 << 28
_TAIL = 1 << 14  # bytes at the end of metrics.jsonl, which hold its last lines; read often
_SAMPLE = re.compile(r"(\d{1,15})\.png", re.ASCII)


@dataclass(frozen=True, kw_only=True, slots=True)
class RunHead:
    """What the small files say, and the last line.

    `images` and `seconds` are as far as the files know; `target_images` what the run is to come
    to, None where its budget is not in images. `recipe`, `environment` and `evaluation` (as
    `ganvas eval --json` prints it) are plain JSON, {} where there is none; `best` has the images
    and figures of the model in `best/`. `reason` is why it failed or diverged, `last` the last
    line of the log in sight. `real_picture` and `newest_picture` are paths of PNG files.
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
    metrics = parse_metrics(_content(path, "metrics.jsonl", _MOST_LINES, problems) or b"")
    if metrics.damaged:
        problems.append(f"metrics.jsonl: lines damaged and passed over: {metrics.damaged:,}")
    findings, damaged = parse_findings(_content(path, "findings.jsonl", _MOST_LINES, problems))
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


def _read_head(path: Path) -> tuple[RunHead, list[str]]:
    problems: list[str] = []
    at_work = is_at_work(path)  # before the status: a run that ends meanwhile was not interrupted
    status = _json(path, "status.json", problems)
    recipe = _json(path, "recipe.json", problems)
    last = parse_metrics(_content(path, "metrics.jsonl", _TAIL, problems, _tail) or b"")
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
        environment=_json(path, "env.json", problems),
        evaluation=_evaluation(status, problems),
        best=_best(path, problems),
        last=last.log[-1] if last.log else None,
        real_picture=_picture(path, "reals.png"),
        newest_picture=_picture(path, "samples.png"),
        has_model=_is_file(path, "model/config.json"),
        problems=tuple(problems),
    )
    return head, problems


def list_samples(path: Path) -> tuple[Sample, ...]:
    """Return the pictures of a run in the order of their images; () where there are none."""
    return _samples(path, [])


def _json(path: Path, name: str, problems: list[str]) -> dict[str, Any]:
    """Return the JSON object in a file; {} where there is none, a problem where it is odd."""
    content = _content(path, name, _MOST_JSON, problems)
    if content is None:
        return {}
    try:
        values = parse_json(path / name, content)
    except GanvasError:
        values = None
    if not isinstance(values, dict):
        problems.append(f"{name} is no JSON object")
        return {}
    return values


def _whole(file: Path, most: int) -> bytes:
    return read_bytes(file, max_bytes=most)


def _tail(file: Path, most: int) -> bytes:
    """Return the whole lines at the end of a file, of `most` bytes at most."""
    with file.open("rb") as stream:
        length = stream.seek(0, os.SEEK_END)
        stream.seek(max(0, length - most))
        content = stream.read(most)
    return content if length <= most else content.partition(b"\n")[2]


def _content(
    path: Path,
    name: str,
    most: int,
    problems: list[str],
    read: Callable[[Path, int], bytes] = _whole,
) -> bytes | None:
    """Return the bytes of a file of the run; None where there is none or it cannot be read."""
    try:
        file = inside(path, name)
        if not os.path.lexists(file):
            return None
        if not file.is_file():
            problems.append(f"{name} is no file")
            return None
        return read(file, most)
    except GanvasError as error:
        problems.append(str(error))
    except OSError as error:
        problems.append(f"{name}: {error.strerror or error}")
    return None


def _evaluation(status: Mapping[str, Any], problems: list[str]) -> dict[str, Any]:
    """Return the evaluation with those of its figures that are numbers; {} where it has none."""
    found = status.get("evaluation")
    if found is None:
        return {}
    try:
        metrics = {
            name: {
                "value": plain["value"],
                "real": plain.get("real"),
                "higher_is_better": figure.get("higher_is_better") is True,
                **{key: plain[key] for key in ("different",) if key in plain},
            }
            for name, figure in found["metrics"].items()
            if isinstance((plain := plain_figures(figure)).get("value"), int | float)
            and isinstance(plain.get("real", 0), int | float)
        }
        judge = {key: str(found["judge"][key]) for key in ("name", "digest")}
        whole = {key: int(found[key]) for key in ("samples", "real_samples", "seed")}
        return {
            **whole,
            "data": str(found["data"]),
            "split": str(found["split"]),
            "judge": judge | {"kind": str(found["judge"].get("kind", ""))},
            "metrics": metrics,
        }
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError):
        problems.append("status.json: its evaluation is damaged")
        return {}


def _best(path: Path, problems: list[str]) -> dict[str, Any]:
    if not _is_file(path, "best/config.json"):
        return {}
    figures = plain_figures(_json(path, "best.json", problems))
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
    return path / name if _is_file(path, name) else None


def _is_file(path: Path, name: str) -> bool:
    """Whether there is such a file, by no link out of the run."""
    try:
        file = inside(path, name)
        within = file.resolve().is_relative_to(path.resolve())
        return within and file.is_file()
    except (GanvasError, OSError, RuntimeError):
        return False
