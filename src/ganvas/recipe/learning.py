"""How weights change: optimisers, the learning rate's course, the running average of G."""

from dataclasses import dataclass, field
from typing import Literal

from ganvas.settings import require

__all__ = ["EmaSettings", "OptimizerSettings", "Optimizers", "ScheduleSettings"]


@dataclass(frozen=True, kw_only=True, slots=True)
class OptimizerSettings:
    """One optimiser. Adam takes beta1 and beta2; SGD takes beta1 as its momentum."""

    name: Literal["adam", "adamw", "sgd"] = "adam"
    learning_rate: float = 1e-3
    beta1: float = 0.0
    beta2: float = 0.99
    epsilon: float = 1e-8
    weight_decay: float = 0.0

    def __post_init__(self) -> None:
        require(self.learning_rate >= 0, "learning_rate", "0 or more", self.learning_rate)
        require(0 <= self.beta1 < 1, "beta1", "at least 0, below 1", self.beta1)
        require(0 <= self.beta2 < 1, "beta2", "at least 0, below 1", self.beta2)
        require(self.epsilon > 0, "epsilon", "more than 0", self.epsilon)
        require(self.weight_decay >= 0, "weight_decay", "0 or more", self.weight_decay)


@dataclass(frozen=True, kw_only=True, slots=True)
class Optimizers:
    """The named optimisers of a recipe; a procedure says which one each update uses."""

    generator: OptimizerSettings = field(default_factory=OptimizerSettings)
    discriminator: OptimizerSettings = field(default_factory=OptimizerSettings)


@dataclass(frozen=True, kw_only=True, slots=True)
class ScheduleSettings:
    """The learning rate's course, in images: a linear warm-up, a plateau, a decay to `final`.

    `decay_from` is the fraction of the run's images where the decay starts; 1 means none.
    """

    warmup_images: int = 0
    decay_from: float = 1.0
    shape: Literal["linear", "cosine"] = "linear"
    final: float = 0.0

    def __post_init__(self) -> None:
        require(self.warmup_images >= 0, "schedule.warmup_images", "0 or more", self.warmup_images)
        require(0 <= self.decay_from <= 1, "schedule.decay_from", "from 0 to 1", self.decay_from)
        require(0 <= self.final <= 1, "schedule.final", "from 0 to 1", self.final)


@dataclass(frozen=True, kw_only=True, slots=True)
class EmaSettings:
    """The running average of G that is sampled from: a half-life in images, 0 for none.

    While training is young the half-life is at most `ramp_up` times the images seen.
    """

    half_life_images: float = 0.0
    ramp_up: float = 0.05

    def __post_init__(self) -> None:
        require(
            self.half_life_images >= 0, "ema.half_life_images", "0 or more", self.half_life_images
        )
        require(self.ramp_up > 0, "ema.ramp_up", "more than 0", self.ramp_up)
