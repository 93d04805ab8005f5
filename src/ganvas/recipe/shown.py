"""What D is shown: augmentation, instance noise."""

from dataclasses import dataclass
from typing import Literal

from ganvas.settings import require

__all__ = ["AugmentSettings", "InstanceNoiseSettings"]

_OPERATIONS = {
    "colour": ("brightness", "saturation", "contrast"),
    "translation": ("translation",),
    "cutout": ("cutout",),
}


@dataclass(frozen=True, kw_only=True, slots=True)
class AugmentSettings:
    """Differentiable augmentation of all that D sees (DiffAugment, arXiv 2006.10738).

    `policy`: which changes. `flip` mirrors every second image: right for faces and cars, wrong for
    digits. Each change comes to each image with `probability`. With `adaptive` that is steered,
    from 0, so that D calls `target` more of the real images real than fake; it takes
    `speed_images` from 0 to 1, and never passes `most` (ADA, arXiv 2006.06676).
    """

    policy: tuple[Literal["colour", "translation", "cutout"], ...] = ()
    flip: bool = False
    probability: float = 1.0
    adaptive: bool = False
    target: float = 0.6
    speed_images: int = 500_000
    most: float = 0.8

    def __post_init__(self) -> None:
        require(0 <= self.probability <= 1, "augment.probability", "from 0 to 1", self.probability)
        require(-1 < self.target < 1, "augment.target", "between -1 and 1", self.target)
        require(
            self.speed_images >= 1, "augment.speed_images", "1 or more images", self.speed_images
        )
        require(0 < self.most <= 1, "augment.most", "above 0, at most 1", self.most)
        for name, default in (("target", 0.6), ("speed_images", 500_000), ("most", 0.8)):
            value = getattr(self, name)
            require(
                self.adaptive or value == default,
                f"augment.{name}",
                f"left at {default} unless augment.adaptive is true",
                value,
            )
        require(
            not self.adaptive or self.probability == 1,
            "augment.probability",
            "left at 1 where augment.adaptive steers it",
            self.probability,
        )
        require(
            bool(self.operations) or (self.probability == 1 and not self.adaptive),
            "augment.policy",
            "one or more of colour, translation and cutout, or augment.flip true",
            ",".join(self.policy),
        )

    @property
    def operations(self) -> frozenset[str]:
        """The names of all changes in `ganvas.augment.OPERATIONS`."""
        names = {name for part in self.policy for name in _OPERATIONS[part]}
        return frozenset(names | {"flip"} if self.flip else names)


@dataclass(frozen=True, kw_only=True, slots=True)
class InstanceNoiseSettings:
    """Gaussian noise on all that D sees (arXiv 1610.04490, section 2.4; 1701.04862, section 3).

    `deviation` at the start, of signals in [-1, 1]; it falls linearly to 0 at the fraction `until`
    of the run, or stays with `until` 0.
    """

    deviation: float = 0.0
    until: float = 1.0

    def __post_init__(self) -> None:
        require(
            0 <= self.deviation <= 10, "instance_noise.deviation", "from 0 to 10", self.deviation
        )
        require(0 <= self.until <= 1, "instance_noise.until", "from 0 to 1", self.until)
        require(
            self.deviation > 0 or self.until == 1,
            "instance_noise.until",
            "left at 1 unless instance_noise.deviation is above 0",
            self.until,
        )
