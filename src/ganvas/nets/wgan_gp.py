"""The networks of WGAN-GP (arXiv 1704.00028), as in its authors' code for CIFAR-10.

DCGAN's plan with widths of 64, batch norm in G alone: the penalty is on the gradient at each
image, which a norm over the batch would mix. Their code for MNIST has the same D; its G has no
norm and ends in a sigmoid. Conditional by the rule of `ganvas.nets.layered`.
"""

import math
from typing import ClassVar

import torch
from torch import nn

from ganvas.nets.dcgan import DcganDiscriminator, DcganGenerator
from ganvas.nets.initialisation import Fill, Layer, fan_in_and_out, glorot_uniform_
from ganvas.nets.shape import ImageShape

__all__ = ["WganGpDiscriminator", "WganGpGenerator"]


def _fill(layer: Layer, generator: torch.Generator) -> None:
    """Draw dense weights Glorot uniform, the others U(-a, a), a = sqrt(12 / (fan_in + fan_out)).

    Stride s takes a share of 1 / s^2 of a convolution's outputs, and of a transposed one's inputs.
    """
    if isinstance(layer, nn.Linear):
        glorot_uniform_(layer.weight, generator)
        return
    transposed = isinstance(layer, nn.ConvTranspose2d)
    fan_in, fan_out = fan_in_and_out(layer.weight, transposed=transposed)
    share = 1 / math.prod(layer.stride)
    fans = fan_in * share + fan_out if transposed else fan_in + fan_out * share
    bound = math.sqrt(12 / fans)
    layer.weight.uniform_(-bound, bound, generator=generator)


class WganGpGenerator(DcganGenerator):
    """DCGAN's generator."""

    fill: ClassVar[Fill] = staticmethod(_fill)


class WganGpDiscriminator(DcganDiscriminator):
    """DCGAN's discriminator without norm: the critic, whose logit is a height, no probability."""

    fill: ClassVar[Fill] = staticmethod(_fill)

    def __init__(
        self, *, shape: ImageShape, num_classes: int = 0, width: int = 64, dropout: float = 0.0
    ) -> None:
        super().__init__(
            shape=shape, num_classes=num_classes, width=width, dropout=dropout, normalised=False
        )
