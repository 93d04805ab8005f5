"""What a run of a series came to, read from its directory."""

from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ganvas.errors import GanvasError
from ganvas.files import read_json
from ganvas.journal import Journal
from ganvas.runlog import RunDirectory

__all__ = ["Outcome", "open_findings", "read_outcome", "status_of"]

_MOST_LOG = 1 << 24  # bytes


@dataclass(frozen=True, kw_only=True, slots=True)
class Outcome:
    """One run: its end, its figures as `ganvas eval --json` prints them, what went wrong.

    `status` is that of the run, or `missing` where there is none. `findings` are those that
    still held at its end, as in findings.jsonl; `reason` is a line about a run that is not
    finished, "" for others.
    """

    seed: int
    run: str
    status: str
    images: int = 0
    seconds: float | None = None
    metrics: dict[str, Any] = field(default_factory=dict)
    findings: tuple[dict[str, Any], ...] = ()
    reason: str = ""


def status_of(run: Path) -> dict[str, Any]:
    """Return what a run says of itself; its status is `missing` where nothing can be read."""
    with suppress(GanvasError):
        return RunDirectory(run).read_status()
    return {"status": "missing", "images": 0}


def read_outcome(run: Path, *, seed: int, figures: Path, reason: str = "") -> Outcome:
    """Return what the run in `run` came to.

    figures  the file of `ganvas eval -o`, which goes before what the run itself measured
    reason   why its last command failed, if it did
    """
    status = status_of(run)
    evaluation: Any = status.get("evaluation") or {}
    if figures.is_file():
        with suppress(GanvasError):
            evaluation = read_json(figures)
    ended = str(status["status"])
    words = "" if ended == "finished" else str(status.get("reason") or reason or _last_line(run))
    return Outcome(
        seed=seed,
        run=str(run),
        status=ended,
        images=status["images"],
        seconds=status.get("seconds"),
        metrics=evaluation.get("metrics", {}),
        findings=tuple(open_findings(run)),
        reason=reason or words,
    )


def open_findings(run: Path) -> list[dict[str, Any]]:
    """Return the findings of a run that nothing has resolved, the newest of each name."""
    found: dict[str, dict[str, Any]] = {}
    with suppress(GanvasError):
        for line in Journal(run / "findings.jsonl").read("name", dict):
            found.pop(str(line["name"]), None)
            if not line.get("resolved"):
                found[str(line["name"])] = line
    return list(found.values())


def _last_line(run: Path) -> str:
    """Return the last sentence of the run's log without its time; "" for none."""
    try:
        text = (run / "log.txt").read_text(encoding="utf-8", errors="backslashreplace")
    except OSError:
        return ""
    lines = text[-_MOST_LOG:].splitlines()
    return lines[-1].partition("  ")[2] if lines else ""
