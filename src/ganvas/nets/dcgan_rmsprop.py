"""The networks of "GAN for MNIST using Keras", after Atienza's "GAN by example" (Keras).

Published widths: 64 in both. Published dropout: 0.4 in both. Pixels in [0, 1]; conditional by
the rule of `ganvas.nets.layered`.
"""

from functools import partial
from typing import ClassVar

from torch import nn

from ganvas.nets.blocks import Crop, Double, Finish, Flatten, ToMap, halved_sizes
from ganvas.nets.initialisation import Fill
from ganvas.nets.keras import (
    SameConv2d,
    SameConvTranspose2d,
    batch_norm_1d,
    batch_norm_2d,
    glorot_fill,
)
from ganvas.nets.layered import JoinClass, LayeredDiscriminator, LayeredGenerator, ProjectionHead
from ganvas.nets.shape import ImageShape
from ganvas.recipe import LayerOrder

__all__ = ["DcganRmspropDiscriminator", "DcganRmspropGenerator"]

_KEPT = 0.9  # of the moving averages, each update
_SLOPE = 0.2


class DcganRmspropGenerator(LayeredGenerator):
    """Dense to a quarter of the size, doubled twice, four transposed 5x5 convolutions; sigmoid.

    Widths 4w, 2w, w, w/2; dropout after the first layer only. Sizes that 4 does not divide are
    made larger and cropped.
    """

    unit_range = True
    fill: ClassVar[Fill] = staticmethod(glorot_fill)

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
        finish = partial(Finish, order=order)
        height, across = halved_sizes(shape.height, shape.width, 2)[-1]
        features, half = height * across * 4 * width, max(width // 2, 1)
        self.classes = JoinClass(latent_size, num_classes)
        self.layers = nn.Sequential(
            nn.Linear(self.classes.size, features),
            finish(batch_norm_1d(features, kept=_KEPT), dropout=dropout),
            ToMap(height, across, 4 * width),
            Double(),
            SameConvTranspose2d(4 * width, 2 * width, 5),
            finish(batch_norm_2d(2 * width, kept=_KEPT)),
            Double(),
            SameConvTranspose2d(2 * width, width, 5),
            finish(batch_norm_2d(width, kept=_KEPT)),
            SameConvTranspose2d(width, half, 5),
            finish(batch_norm_2d(half, kept=_KEPT)),
            SameConvTranspose2d(half, shape.channels, 5),
            Crop(shape.height, shape.width),
        )


class DcganRmspropDiscriminator(LayeredDiscriminator):
    """Four 5x5 convolutions, the first three at stride 2; dropout after each.

    Widths w, 2w, 4w, 8w.
    """

    unit_range = True
    turned = True
    fill: ClassVar[Fill] = staticmethod(glorot_fill)

    def __init__(
        self, *, shape: ImageShape, num_classes: int = 0, width: int = 64, dropout: float = 0.0
    ) -> None:
        super().__init__()
        finish = partial(Finish, slope=_SLOPE, dropout=dropout)
        height, across = halved_sizes(shape.height, shape.width, 3)[-1]
        self.layers = nn.Sequential(
            SameConv2d(shape.channels, width, 5, 2, turned=True),
            finish(),
            SameConv2d(width, 2 * width, 5, 2, turned=True),
            finish(),
            SameConv2d(2 * width, 4 * width, 5, 2, turned=True),
            finish(),
            SameConv2d(4 * width, 8 * width, 5, turned=True),
            finish(),
            Flatten(turned=True),
        )
        self.head = ProjectionHead(height * across * 8 * width, num_classes)
