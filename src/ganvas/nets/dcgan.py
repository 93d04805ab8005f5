"""DCGAN's plan at any depth (arXiv 1511.06434), on which lsgan and wgan-gp build.

The image is halved, rounding up, until no side is longer than 4. D convolves 5x5 at stride 2 once
for each halving, G goes the same way back, normalised by the batch; widths double at each halving.
Both pad "same" as TensorFlow does. Sizes that do not halve evenly are cropped on G's way.
"""

import itertools
import math
from functools import partial
from typing import ClassVar

import torch
from torch import nn

from ganvas.nets.blocks import Crop, Finish, Flatten, ToMap, halved_sizes
from ganvas.nets.initialisation import Layer, normal_, truncated_normal_
from ganvas.nets.keras import SameConv2d, SameConvTranspose2d
from ganvas.nets.layered import JoinClass, LayeredDiscriminator, LayeredGenerator, ProjectionHead
from ganvas.nets.shape import ImageShape
from ganvas.recipe import LayerOrder

__all__ = ["DcganDiscriminator", "DcganGenerator", "dcgan_fill", "num_halvings"]

_SLOPE = 0.2
_DEVIATION = 0.02


def num_halvings(shape: ImageShape) -> int:
    """Return how often the image is halved until no side is longer than 4: 3 for 28 and 32."""
    return math.ceil(math.log2(max(shape.height, shape.width) / 4))


def dcgan_fill(layer: Layer, generator: torch.Generator) -> None:
    """Draw N(0, 0.02^2), for convolutions cut at two deviations: DCGAN's first TensorFlow port."""
    draw = truncated_normal_ if isinstance(layer, nn.Conv2d) else normal_
    draw(layer.weight, _DEVIATION, generator)


class DcganGenerator(LayeredGenerator):
    """Dense, then transposed 5x5 convolutions at stride 2; ReLU, at the end tanh.

    From the smallest map up the widths are w * 2^(k-1), ..., 2w, w with k halvings.
    """

    turned: ClassVar[bool] = True

    def __init__(
        self,
        *,
        latent_size: int,
        shape: ImageShape,
        num_classes: int = 0,
        width: int = 64,
        dropout: float = 0.0,
        order: LayerOrder = "norm_activation_dropout",
    ) -> None:
        super().__init__()
        finish = partial(Finish, dropout=dropout, order=order)
        *larger, (height, across) = halved_sizes(shape.height, shape.width, num_halvings(shape))
        widths = [width << i for i in reversed(range(len(larger)))]
        features = height * across * widths[0]
        self.classes = JoinClass(latent_size, num_classes)
        self.layers = nn.Sequential(
            nn.Linear(self.classes.size, features),
            finish(nn.BatchNorm1d(features)),
            ToMap(height, across, widths[0], turned=True),
        )
        for (a, b), size in zip(itertools.pairwise(widths), reversed(larger[1:]), strict=True):
            self.layers.append(SameConvTranspose2d(a, b, 5, 2, turned=True))
            self.layers.append(Crop(*size, turned=True))
            self.layers.append(finish(nn.BatchNorm2d(b)))
        self.layers.append(SameConvTranspose2d(width, shape.channels, 5, 2, turned=True))
        self.layers.append(Crop(*larger[0], turned=True))


class DcganDiscriminator(LayeredDiscriminator):
    """5x5 convolutions at stride 2 with leaky ReLU 0.2; widths w, 2w, ..., w * 2^(k-1).

    With `normalised` all but the first have batch norm, in which images influence each other.
    """

    turned: ClassVar[bool] = True

    def __init__(
        self,
        *,
        shape: ImageShape,
        num_classes: int,
        width: int,
        dropout: float,
        normalised: bool,
        order: LayerOrder = "norm_activation_dropout",
    ) -> None:
        super().__init__()
        finish = partial(Finish, slope=_SLOPE, dropout=dropout, order=order)
        halvings = num_halvings(shape)
        height, across = halved_sizes(shape.height, shape.width, halvings)[-1]
        widths = [width << i for i in range(halvings)]
        self.layers = nn.Sequential(SameConv2d(shape.channels, width, 5, 2, turned=True), finish())
        for a, b in itertools.pairwise(widths):
            self.layers.append(SameConv2d(a, b, 5, 2, turned=True))
            self.layers.append(finish(nn.BatchNorm2d(b) if normalised else None))
        self.layers.append(Flatten(turned=True))
        self.head = ProjectionHead(height * across * widths[-1], num_classes)
