"""What a run does beside learning: where it computes, what it saves, logs and measures.

Checkpoints, log lines and figures change nothing of what is learned; `machine` changes rounding.
"""

from dataclasses import dataclass
from typing import Literal

from ganvas.settings import require

__all__ = [
    "CheckpointSettings",
    "DoctorSettings",
    "EvaluationSettings",
    "LogSettings",
    "MachineSettings",
]

_JUDGE_FEATURES = 128


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
    """How often the whole training state is saved, how many of the newest are kept, and what a
    run does when it cannot go on as it is.

    `on_full_disk`: `pause` trains on and saves again once there is room, `stop` ends the run.
    `on_divergence`: `stop` ends the run, `roll_back` goes back to the last good checkpoint and on
    from there with halved learning rates, at most three times.
    """

    every_images: int = 50_000
    keep: int = 2
    on_full_disk: Literal["pause", "stop"] = "pause"
    on_divergence: Literal["stop", "roll_back"] = "stop"

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
    """The figures at the end of a run and on its way: from how many samples at most, 0 for none.

    At the end, `samples` are measured, or as many as fit a tenth of the training, at least
    2,000. Every `probe_every_images`, `probe_samples` are compared with the held-out images, or
    fewer, or less often, so that it costs at most 3% of the training. Every
    `validation_every_images`, D is asked about `validation_images` training images, as many
    held-out images and fakes, or fewer, or less often, for at most 1%. All of it follows from the
    arithmetic of the networks, not from a clock.
    """

    samples: int = 10_000
    probe_every_images: int = 10_000
    probe_samples: int = 2_000
    validation_every_images: int = 5_000
    validation_images: int = 500

    def __post_init__(self) -> None:
        for name in ("samples", "probe_samples"):
            count = getattr(self, name)
            # A Fréchet distance needs more samples than its judge has features.
            enough = count == 0 or count > _JUDGE_FEATURES
            require(enough, f"evaluation.{name}", f"0, or more than {_JUDGE_FEATURES}", count)
        for name in ("probe_every_images", "validation_every_images"):
            require(
                getattr(self, name) >= 1, f"evaluation.{name}", "1 or more", getattr(self, name)
            )
        count = self.validation_images
        require(count == 0 or count >= 2, "evaluation.validation_images", "0, or 2 or more", count)


@dataclass(frozen=True, kw_only=True, slots=True)
class DoctorSettings:
    """Whether a run is watched for trouble, and what is done about it; see docs/doctor.md.

    `takes_signals`: right after each validation the networks and some samples are looked at.
    `remedy`: `off` says nothing of what is found, `suggest` says it and what would help, `apply`
    changes the training where a remedy is known, a few times in a run at most.
    """

    takes_signals: bool = True
    remedy: Literal["off", "suggest", "apply"] = "suggest"
