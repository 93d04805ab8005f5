"""What a run is made of: how long it trains, on which images, from what noise."""

from dataclasses import dataclass
from typing import Literal

from ganvas.recipe.networks import MAX_WIDTH
from ganvas.settings import require

__all__ = ["MAX_IMAGES", "Budget", "ClusterSettings", "DataSettings", "LatentSettings"]

MAX_IMAGES = 10**15
"""Of one run: an age of training, and still a whole number in every format that we write."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Budget:
    """How long to train. `minutes` is turned into images once, at the start of the run.

    A step is an iteration of the procedure: one turn of both players, or a whole round.
    """

    amount: float = 100_000
    unit: Literal["images", "epochs", "steps", "minutes"] = "images"

    def __post_init__(self) -> None:
        rule = f"more than 0, at most {MAX_IMAGES:,}"
        require(0 < self.amount <= MAX_IMAGES, "budget.amount", rule, self.amount)


@dataclass(frozen=True, kw_only=True, slots=True)
class DataSettings:
    """What is trained on. `held_out` training images are set aside, 0 trains on all."""

    name: str = "mnist"
    held_out: int = 5000
    order: Literal["shuffled", "sequential", "with_replacement"] = "shuffled"

    def __post_init__(self) -> None:
        require(self.held_out >= 0, "data.held_out", "0 or more images", self.held_out)


@dataclass(frozen=True, kw_only=True, slots=True)
class ClusterSettings:
    """Clusters of the training images, where a run is conditioned on those (arXiv 2006.10728).

    `count` clusters of k-means, at most one for every 50 training images, in the coordinates of
    `components` principal components; 0: none. `channels` says whether an image is of one cluster
    (`together`), or each of its channels of one of the channel's own (`apart`); `auto` tells by
    whether channels have anything to do with each other.
    """

    count: int = 0
    components: int = 40
    channels: Literal["auto", "together", "apart"] = "auto"

    def parts_of(self, channels: int) -> int:
        """Return how many clusters an image of so many channels is of; `auto` is not decided: 1."""
        return channels if self.channels == "apart" else 1

    def __post_init__(self) -> None:
        rule = "0 (none), or 2 to 10,000"
        require(self.count != 1 and 0 <= self.count <= 10_000, "clusters.count", rule, self.count)
        rule = "1 to 1,000"
        require(1 <= self.components <= 1_000, "clusters.components", rule, self.components)


@dataclass(frozen=True, kw_only=True, slots=True)
class LatentSettings:
    """The generator's noise: `size` numbers from N(0, 1), N(0, 1) cut at 2, or U(-1, 1)."""

    size: int = 64
    distribution: Literal["normal", "truncated", "uniform"] = "normal"

    def __post_init__(self) -> None:
        require(1 <= self.size <= MAX_WIDTH, "latent.size", f"1 to {MAX_WIDTH}", self.size)
