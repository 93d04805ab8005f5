"""The standard CNN of the spectral normalisation paper (arXiv 1802.05957, table 3).

Published widths: 64 in both. It is an SNGAN with `discriminator.spectral_norm`, a setting of its
own because the paper compares norms on this very network. The table is silent on G's dense layer;
it has batch norm and ReLU here, as in the authors' laboratory's code. So it is on first weights:
N(0, 0.02^2) in G, as DCGAN; in D, where spectral norm makes their size meaningless, such that
signals keep their size without it too. Conditional by the rule of `ganvas.nets.layered`.
"""

import itertools
from functools import partial
from typing import ClassVar

import torch
from torch import nn

from ganvas.nets.blocks import Crop, Finish, Flatten, ToMap, halved_sizes
from ganvas.nets.initialisation import Fill, Layer, he_normal_, normal_
from ganvas.nets.layered import JoinClass, LayeredDiscriminator, LayeredGenerator, ProjectionHead
from ganvas.nets.shape import ImageShape
from ganvas.recipe import LayerOrder

__all__ = ["SnganDiscriminator", "SnganGenerator"]

_SLOPE = 0.1


def _normal_fill(layer: Layer, generator: torch.Generator) -> None:
    normal_(layer.weight, 0.02, generator)


def _he_fill(layer: Layer, generator: torch.Generator) -> None:
    he_normal_(layer.weight, generator)


class SnganGenerator(LayeredGenerator):
    """Dense to an eighth of the size, three transposed 4x4 convolutions at stride 2, 3x3; tanh.

    Widths 8w, 4w, 2w, w. Sizes that 8 does not divide are cropped on the way.
    """

    fill: ClassVar[Fill] = staticmethod(_normal_fill)

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
        *larger, (height, across) = halved_sizes(shape.height, shape.width, 3)
        features = height * across * 8 * width
        self.classes = JoinClass(latent_size, num_classes)
        self.layers = nn.Sequential(
            nn.Linear(self.classes.size, features),
            finish(nn.BatchNorm1d(features)),
            ToMap(height, across, 8 * width),
        )
        widths = [8 * width, 4 * width, 2 * width, width]
        for (a, b), size in zip(itertools.pairwise(widths), reversed(larger), strict=True):
            self.layers.append(nn.ConvTranspose2d(a, b, 4, 2, 1))
            self.layers.append(Crop(*size))
            self.layers.append(finish(nn.BatchNorm2d(b)))
        self.layers.append(nn.Conv2d(width, shape.channels, 3, 1, 1))


class SnganDiscriminator(LayeredDiscriminator):
    """3x3 convolutions at stride 1 and 4x4 ones at stride 2 in turn, seven in all; no norm.

    Widths w, w, 2w, 2w, 4w, 4w, 8w; leaky ReLU 0.1. Every halving rounds down.
    """

    fill: ClassVar[Fill] = staticmethod(_he_fill)

    def __init__(
        self, *, shape: ImageShape, num_classes: int = 0, width: int = 64, dropout: float = 0.0
    ) -> None:
        super().__init__()
        finish = partial(Finish, slope=_SLOPE, dropout=dropout)
        self.layers = nn.Sequential()
        before = shape.channels
        for after in (width, 2 * width, 4 * width):
            self.layers.append(nn.Conv2d(before, after, 3, 1, 1))
            self.layers.append(finish())
            self.layers.append(nn.Conv2d(after, after, 4, 2, 1))
            self.layers.append(finish())
            before = after
        self.layers.append(nn.Conv2d(before, 8 * width, 3, 1, 1))
        self.layers.append(finish())
        self.layers.append(Flatten())
        self.head = ProjectionHead(shape.height // 8 * (shape.width // 8) * 8 * width, num_classes)
