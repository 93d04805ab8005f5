"""What the players play for: the adversarial loss and the penalties on D's slope."""

from dataclasses import dataclass
from typing import Literal

from ganvas.settings import require

__all__ = ["LossSettings", "PenaltySettings"]


@dataclass(frozen=True, kw_only=True, slots=True)
class LossSettings:
    """The adversarial game; see `ganvas.losses` for each formula.

    `class_weight`: how much it counts for a conditional D to tell a real image's class from the
    wrong ones.
    """

    name: Literal["non_saturating", "hinge", "least_squares", "wasserstein", "relativistic"] = (
        "non_saturating"
    )
    class_weight: float = 0.0

    def __post_init__(self) -> None:
        require(self.class_weight >= 0, "loss.class_weight", "0 or more", self.class_weight)


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
