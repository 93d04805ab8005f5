"""The networks of "GAN on MNIST" with class folders, after EZGAN (TensorFlow 1).

Published widths: 50 in G (there it is half the size of the noise, 100), 32 in D; no dropout.
Pixels in [0, 1]; conditional by the rule of `ganvas.nets.layered`. Its batch norm has no scale
(the default of `tf.contrib.layers.batch_norm`) and a shift that starts at 0 and is in no player's
list of variables, so that it stays 0: here the norm has no parameters at all.

One thing differs: the published G always normalised by the batch at hand, when sampling too. Here
that is so in training; in evaluation it takes moving averages, as every G does, so that an image
does not depend on its neighbours.
"""

from functools import partial
from typing import ClassVar

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from ganvas.nets.blocks import Finish, Flatten, ToMap, halved_sizes
from ganvas.nets.initialisation import Fill, Layer, truncated_normal_
from ganvas.nets.keras import SameConv2d
from ganvas.nets.layered import JoinClass, LayeredDiscriminator, LayeredGenerator, ProjectionHead
from ganvas.nets.shape import ImageShape
from ganvas.recipe import LayerOrder

__all__ = ["DoubleBilinear", "SmoothEzDiscriminator", "SmoothEzGenerator"]

_DEVIATION = 0.02


class DoubleBilinear(nn.Module):
    """Twice the size as TensorFlow 1's `resize_images`: (N, C, H, W) -> (N, C, 2H, 2W).

    Output pixel i reads position i / 2 (corners not aligned, pixel centres not counted from the
    half): even ones are copies, odd ones means of two neighbours, the last one a copy.
    """

    def forward(self, x: Tensor) -> Tensor:
        """Repeat the last row and column, so that aligned corners give a step of 1/2."""
        height, width = x.shape[2:]
        x = F.pad(x, (0, 1, 0, 1), mode="replicate")
        size = (2 * height + 1, 2 * width + 1)
        x = F.interpolate(x, size=size, mode="bilinear", align_corners=True)
        return x[..., :-1, :-1]


def _fill(layer: Layer, generator: torch.Generator) -> None:
    truncated_normal_(layer.weight, _DEVIATION, generator)


def _fill_with_bias(layer: Layer, generator: torch.Generator) -> None:
    _fill(layer, generator)
    if layer.bias is not None:
        truncated_normal_(layer.bias, _DEVIATION, generator)


class SmoothEzGenerator(LayeredGenerator):
    """Dense to one map of twice the size, then 3x3 convolutions at stride 2 and resizes; sigmoid.

    Widths w, w/2. The published last steps are a resize and a 1x1 convolution at stride 2: that
    reads exactly the pixels which the resize copied, so it is a 1x1 convolution of the small map.
    """

    unit_range = True
    fill: ClassVar[Fill] = staticmethod(_fill_with_bias)

    def __init__(
        self,
        *,
        latent_size: int,
        shape: ImageShape,
        num_classes: int = 0,
        width: int = 50,
        dropout: float = 0.0,
        order: LayerOrder = "norm_activation_dropout",
    ) -> None:
        super().__init__()
        finish = partial(Finish, dropout=dropout, order=order)
        height, across, half = 2 * shape.height, 2 * shape.width, max(width // 2, 1)
        self.classes = JoinClass(latent_size, num_classes)
        self.layers = nn.Sequential(
            nn.Linear(self.classes.size, height * across),
            ToMap(height, across, 1),
            finish(nn.BatchNorm2d(1, affine=False)),
            SameConv2d(1, width, 3, 2),
            finish(nn.BatchNorm2d(width, affine=False)),
            DoubleBilinear(),
            SameConv2d(width, half, 3, 2),
            finish(nn.BatchNorm2d(half, affine=False)),
            nn.Conv2d(half, shape.channels, 1),
        )


class SmoothEzDiscriminator(LayeredDiscriminator):
    """Two 5x5 convolutions, each halved by its mean over 2x2, and a dense layer; ReLU.

    Widths w, 2w, 32w. At an odd edge the mean is over the pixels there are.
    """

    unit_range = True
    fill: ClassVar[Fill] = staticmethod(_fill)

    def __init__(
        self, *, shape: ImageShape, num_classes: int = 0, width: int = 32, dropout: float = 0.0
    ) -> None:
        super().__init__()
        finish = partial(Finish, dropout=dropout)
        height, across = halved_sizes(shape.height, shape.width, 2)[-1]
        self.layers = nn.Sequential(
            SameConv2d(shape.channels, width, 5),
            finish(),
            nn.AvgPool2d(2, ceil_mode=True),
            SameConv2d(width, 2 * width, 5),
            finish(),
            nn.AvgPool2d(2, ceil_mode=True),
            Flatten(),
            nn.Linear(height * across * 2 * width, 32 * width),
            finish(),
        )
        self.head = ProjectionHead(32 * width, num_classes)
