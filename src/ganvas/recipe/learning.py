"""How weights change: optimisers, the learning rate's course, the running average of G."""

from dataclasses import dataclass, field
from typing import Literal

from ganvas.settings import require

__all__ = ["EmaSettings", "OptimizerSettings", "Optimizers", "ScheduleSettings"]


@dataclass(frozen=True, kw_only=True, slots=True)
class OptimizerSettings:
    """One optimiser; g is a weight's gradient, t counts this optimiser's updates from 1.

    adam, adamw  moments m and v kept by beta1 and beta2. `bias_correction` says where the start is
                 made up for. `moments`: rate * m' / (sqrt(v') + epsilon), m' = m / (1 - beta1^t)
                 and v' = v / (1 - beta2^t) (arXiv 1412.6980, algorithm 1; PyTorch). `rate`:
                 rate' * m / (sqrt(v) + epsilon) with rate' = rate sqrt(1 - beta2^t) / (1 - beta1^t)
                 (its section 2; Keras, TensorFlow): epsilon weighs more in a young run
    rmsprop      rate * g / (sqrt(v) + epsilon), v kept by beta2 (Keras' rho); momentum beta1
    sgd          momentum beta1

    `decay` d makes update t's rate `learning_rate` / (1 + d (t - 1)). Before each update every
    gradient is cut at +-`clip_value`, then all of them are scaled down so that their common norm
    is at most `clip_norm`; 0 for neither.
    """

    name: Literal["adam", "adamw", "rmsprop", "sgd"] = "adam"
    learning_rate: float = 1e-3
    beta1: float = 0.0
    beta2: float = 0.99
    epsilon: float = 1e-8
    bias_correction: Literal["moments", "rate"] = "moments"
    weight_decay: float = 0.0
    decay: float = 0.0
    clip_value: float = 0.0
    clip_norm: float = 0.0

    def __post_init__(self) -> None:
        require(0 <= self.beta1 < 1, "beta1", "at least 0, below 1", self.beta1)
        require(0 <= self.beta2 < 1, "beta2", "at least 0, below 1", self.beta2)
        require(self.epsilon > 0, "epsilon", "more than 0", self.epsilon)
        for name in ("learning_rate", "weight_decay", "decay", "clip_value", "clip_norm"):
            require(getattr(self, name) >= 0, name, "0 or more", getattr(self, name))
        require(
            self.bias_correction == "moments" or self.name in ("adam", "adamw"),
            "bias_correction",
            f"moments: {self.name} corrects nothing",
            self.bias_correction,
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class Optimizers:
    """The named optimisers of a recipe; a procedure says which one each update uses.

    `discriminator_states`: where D learns from real and from fake images in updates of their own,
    one optimiser makes both, or `two` of the same settings (`discriminator_real` and
    `discriminator_fake`), each with moments of its own.
    """

    generator: OptimizerSettings = field(default_factory=OptimizerSettings)
    discriminator: OptimizerSettings = field(default_factory=OptimizerSettings)
    discriminator_states: Literal["one", "two"] = "one"


@dataclass(frozen=True, kw_only=True, slots=True)
class ScheduleSettings:
    """The learning rate's course, in images: a linear warm-up, a plateau, a decay to `final`.

    `decay_from` is the fraction of the run's images where the decay starts; 1 means none.
    `gap_aware`: D's rate also follows how far its loss is from the ideal, down to a tenth where it
    wins too easily, up to twice where it is fooled (arXiv 2302.00089).
    """

    warmup_images: int = 0
    decay_from: float = 1.0
    shape: Literal["linear", "cosine"] = "linear"
    final: float = 0.0
    gap_aware: bool = False

    def __post_init__(self) -> None:
        require(self.warmup_images >= 0, "schedule.warmup_images", "0 or more", self.warmup_images)
        require(0 <= self.decay_from <= 1, "schedule.decay_from", "from 0 to 1", self.decay_from)
        require(0 <= self.final <= 1, "schedule.final", "from 0 to 1", self.final)
        for name, default in (("shape", "linear"), ("final", 0)):
            value = getattr(self, name)
            rule = f"left at {default} unless schedule.decay_from is below 1"
            require(self.decay_from < 1 or value == default, f"schedule.{name}", rule, value)


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
        require(
            self.half_life_images > 0 or self.ramp_up == 0.05,
            "ema.ramp_up",
            "left at 0.05 unless ema.half_life_images is above 0",
            self.ramp_up,
        )
