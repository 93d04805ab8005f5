"""The published recipes as one would write them in PyTorch: the yardsticks for ganvas' own step.

float32, contiguous, no ganvas code: what a newcomer's notebook does. Each module has one class
with both networks, their optimisers and `step(images)`: one iteration of the recipe on uint8
images (N, C, H, W), as many as `batch`. Paddings are PyTorch's, whose maps have the same sizes and
cost the same as Keras'.
"""

from typing import Protocol

from torch import Tensor

from bench.plain.cifar_cars import PlainCifarCars
from bench.plain.dcgan_rmsprop import PlainDcganRmsprop
from bench.plain.dcgan_tf import PlainDcganTf
from bench.plain.dropout_cnn import PlainDropoutCnn
from bench.plain.shallow_z20 import PlainShallowZ20
from bench.plain.smooth_ez import PlainSmoothEz

__all__ = ["PLAIN", "Plain"]


class Plain(Protocol):
    """What a yardstick offers."""

    batch: int
    """Real images that one iteration draws."""

    def step(self, images: Tensor) -> None:
        """Carry out one iteration on uint8 images (batch, C, H, W)."""
        ...


PLAIN: dict[str, type[Plain]] = {
    "cifar-cars": PlainCifarCars,
    "dcgan-rmsprop": PlainDcganRmsprop,
    "dcgan-tf": PlainDcganTf,
    "dropout-cnn": PlainDropoutCnn,
    "shallow-z20": PlainShallowZ20,
    "smooth-ez": PlainSmoothEz,
}
"""Each yardstick by the recipe it is for."""
