"""What the players play for: the adversarial loss, its targets, the penalties on D's slope."""

from dataclasses import dataclass
from typing import Literal

from ganvas.settings import require

__all__ = ["LossSettings", "PenaltySettings", "TargetSettings"]


@dataclass(frozen=True, kw_only=True, slots=True)
class LossSettings:
    """The adversarial game; see `ganvas.losses` for each formula.

    `class_weight`: how much it counts for a conditional D to tell a real image's class from the
    wrong ones. `mean_over`: D's loss is the mean over its real images plus the mean over its fakes
    (`sides`), or one mean over all images of the update (`batch`), which is half as much.
    `auxiliary_discriminator` and `auxiliary_generator`: how much it counts for each player that an
    auxiliary D (`discriminator.classes`) sees the right class in real and fake, or in fake images.
    """

    name: Literal["non_saturating", "hinge", "least_squares", "wasserstein", "relativistic"] = (
        "non_saturating"
    )
    class_weight: float = 0.0
    auxiliary_discriminator: float = 1.0
    auxiliary_generator: float = 1.0
    mean_over: Literal["sides", "batch"] = "sides"

    def __post_init__(self) -> None:
        require(self.class_weight >= 0, "loss.class_weight", "0 or more", self.class_weight)
        for name in ("auxiliary_discriminator", "auxiliary_generator"):
            require(getattr(self, name) >= 0, f"loss.{name}", "0 or more", getattr(self, name))


@dataclass(frozen=True, kw_only=True, slots=True)
class TargetSettings:
    """The answers that D is taught: 1 means real, 0 fake. G always wants to be told 1.

    `real` below 1 is one-sided label smoothing (arXiv 1606.03498, section 3.4). With the
    probability `flip` an image, real or fake, is taught the other kind's answer (label noise).
    """

    real: float = 1.0
    fake: float = 0.0
    flip: float = 0.0

    def __post_init__(self) -> None:
        ordered = 0 <= self.fake < self.real <= 1
        require(ordered, "targets", "such that 0 <= fake < real <= 1", self.in_words)
        require(0 <= self.flip < 0.5, "targets.flip", "at least 0, below 0.5", self.flip)

    @property
    def are_plain(self) -> bool:
        """Whether D is taught 1 for every real image and 0 for every fake."""
        return (self.real, self.fake, self.flip) == (1.0, 0.0, 0.0)

    @property
    def in_words(self) -> str:
        """The three of them, for a message."""
        return f"real {self.real:g}, fake {self.fake:g}, flip {self.flip:g}"


@dataclass(frozen=True, kw_only=True, slots=True)
class PenaltySettings:
    """Gradient penalties of D: R1 on real, R2 on fake images (arXiv 1801.04406), and WGAN-GP's.

    With `every` > 1 a penalty is taken in every such D update and scaled up by `every`, so its
    mean strength stays the same (lazy regularisation, arXiv 1912.04958).
    """

    r1: float = 0.0
    r2: float = 0.0
    gradient_penalty: float = 0.0
    every: int = 1

    def __post_init__(self) -> None:
        for name in ("r1", "r2", "gradient_penalty"):
            require(getattr(self, name) >= 0, f"penalty.{name}", "0 or more", getattr(self, name))
        require(self.every >= 1, "penalty.every", "1 or more updates", self.every)
