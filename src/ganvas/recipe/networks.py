"""The two networks: which architecture, how wide, and what follows its layers."""

from dataclasses import dataclass
from typing import Literal

from ganvas.settings import require

__all__ = [
    "MAX_WIDTH",
    "POINT_ARCHITECTURES",
    "DiscriminatorSettings",
    "GeneratorSettings",
    "LayerOrder",
    "NormKind",
]

MAX_WIDTH = 4096  # far above what a PC trains; keeps a stranger's config from asking for the moon
MAX_PACK = 16  # images that D sees at once

POINT_ARCHITECTURES = frozenset({"points"})
"""The architectures for points; all others are for images."""

LayerOrder = Literal[
    "norm_activation_dropout",
    "activation_norm_dropout",
    "dropout_norm_activation",
    "activation_dropout_norm",
]
"""What follows a layer that is normalised, first to last; see `ganvas.nets.blocks.Finish`."""

NormKind = Literal["batch", "layer"]
"""What a map's mean and variance are taken over; see `ganvas.nets.modulated`."""


@dataclass(frozen=True, kw_only=True, slots=True)
class GeneratorSettings:
    """The generator's network: which architecture, and how many channels it works in.

    `dropout` is the share that is dropped, where the architecture says; `order` is what comes
    first after each normalised layer; `norm` takes a map's mean and variance over the batch, for
    each channel, or (`layer`) over the channels, at each position. An architecture without one of
    them refuses its setting.
    """

    architecture: str = "swift"
    width: int = 64
    dropout: float = 0.0
    order: LayerOrder = "norm_activation_dropout"
    norm: NormKind = "batch"

    def __post_init__(self) -> None:
        require(1 <= self.width <= MAX_WIDTH, "generator.width", f"1 to {MAX_WIDTH}", self.width)
        require(0 <= self.dropout < 1, "generator.dropout", "at least 0, below 1", self.dropout)


@dataclass(frozen=True, kw_only=True, slots=True)
class DiscriminatorSettings:
    """The discriminator's network; `spectral_norm` divides each weight by its largest
    singular value (arXiv 1802.05957); `dropout` and `order` as in `GeneratorSettings`.

    `classes`: how a conditional D learns them. By `projection` it judges an image as one of its
    class (arXiv 1802.05637); an `auxiliary` D judges it without, and says beside it which class it
    shows (AC-GAN, arXiv 1610.09585). `pack`: how many images it sees at once, stacked along the
    channels, all real or all fake, to give them one answer (arXiv 1712.04086).
    """

    architecture: str = "swift"
    width: int = 32
    spectral_norm: bool = False
    dropout: float = 0.0
    order: LayerOrder = "norm_activation_dropout"
    classes: Literal["projection", "auxiliary"] = "projection"
    pack: int = 1

    def __post_init__(self) -> None:
        require(
            1 <= self.width <= MAX_WIDTH, "discriminator.width", f"1 to {MAX_WIDTH}", self.width
        )
        require(0 <= self.dropout < 1, "discriminator.dropout", "at least 0, below 1", self.dropout)
        require(1 <= self.pack <= MAX_PACK, "discriminator.pack", f"1 to {MAX_PACK}", self.pack)
