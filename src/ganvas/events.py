"""What a training run tells whoever watches it: plain values, one class per kind of news."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

__all__ = [
    "Event",
    "Finished",
    "Found",
    "Noted",
    "Probed",
    "Sampled",
    "Started",
    "Ticked",
    "Validated",
    "Watcher",
    "unwatched",
]


@dataclass(frozen=True, kw_only=True, slots=True)
class Started:
    """Training begins (or goes on): where, how much, on what."""

    directory: Path
    recipe: str
    data: str
    images: int
    total_images: int
    machine: str
    seed: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Ticked:
    """One line of `metrics.jsonl`: means since the line before, and how fast it goes."""

    images: int
    total_images: int
    seconds: float
    images_per_second: float
    values: dict[str, float] = field(default_factory=dict)

    @property
    def seconds_left(self) -> float:
        """Seconds that the images left take at the present speed."""
        return (self.total_images - self.images) / max(self.images_per_second, 1e-9)


@dataclass(frozen=True, kw_only=True, slots=True)
class Sampled:
    """A picture of samples was written: `grid` is uint8 (H, W) or (H, W, C); `rows` x `columns`."""

    images: int
    path: Path
    grid: np.ndarray
    rows: int
    columns: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Probed:
    """Quality was looked at: the figures of a few samples beside held-out images."""

    images: int
    figures: dict[str, Any]
    is_best: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class Validated:
    """D was asked about training, held-out and fake images: see `ganvas.validation`.

    `logits`: what it said, float (N,) for each of train, held_out (where there are) and fake.
    """

    images: int
    figures: dict[str, Any]
    logits: dict[str, np.ndarray] = field(default_factory=dict, compare=False)


@dataclass(frozen=True, kw_only=True, slots=True)
class Found:
    """The doctor found something, or something is over: `sentence` says it in a line."""

    images: int
    name: str
    severity: str
    sentence: str
    resolved: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Noted:
    """A plain sentence worth a line: a checkpoint, a decision, a phase of the run."""

    text: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Finished:
    """The run ended: `status` is finished, stopped or diverged.

    `reason`: why one that is finished came to fewer images than planned.
    """

    directory: Path
    status: str
    images: int
    seconds: float
    evaluation: dict[str, Any] | None = None
    reason: str | None = None


Event = Started | Ticked | Sampled | Probed | Validated | Found | Noted | Finished
Watcher = Callable[[Event], None]


def unwatched(event: Event) -> None:
    """Watch nothing: the watcher where nobody asked for one."""
