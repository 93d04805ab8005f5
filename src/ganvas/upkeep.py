"""What a run does beside learning: where it computes, what it saves, logs and measures.

Checkpoints, log lines and figures change nothing of what is learned; `machine` changes rounding.
"""

from dataclasses import dataclass
from typing import Literal

from ganvas.settings import require

__all__ = ["CheckpointSettings", "EvaluationSettings", "LogSettings", "MachineSettings"]


@dataclass(frozen=True, kw_only=True, slots=True)
class MachineSettings:
    """Where and how the arithmetic is done; `auto` is decided once and recorded with the run."""

    device: str = "auto"
    threads: int | None = None
    precision: Literal["auto", "float32", "bfloat16"] = "auto"

    def __post_init__(self) -> None:
        if self.threads is not None:
            require(1 <= self.threads <= 1024, "--threads", "from 1 to 1024", self.threads)


@dataclass(frozen=True, kw_only=True, slots=True)
class CheckpointSettings:
    """How often the whole training state is saved, and how many of the newest are kept."""

    every_images: int = 50_000
    keep: int = 2

    def __post_init__(self) -> None:
        require(self.every_images >= 1, "checkpoint.every_images", "1 or more", self.every_images)
        require(self.keep >= 1, "checkpoint.keep", "1 or more", self.keep)


@dataclass(frozen=True, kw_only=True, slots=True)
class LogSettings:
    """How often a line of metrics and a picture of samples are written, in images."""

    every_images: int = 1_000
    samples_every_images: int = 10_000

    def __post_init__(self) -> None:
        for name in ("every_images", "samples_every_images"):
            require(getattr(self, name) >= 1, f"log.{name}", "1 or more", getattr(self, name))


@dataclass(frozen=True, kw_only=True, slots=True)
class EvaluationSettings:
    """The figures at the end of a run: from how many samples, 0 for none.

    A Fréchet distance needs more samples than its judge has features, which is 128.
    """

    samples: int = 10_000

    def __post_init__(self) -> None:
        enough = self.samples == 0 or self.samples > 128
        require(enough, "evaluation.samples", "0, or more than 128", self.samples)
