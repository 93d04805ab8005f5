"""The networks of the notebook "GAN KERAS", which draws CIFAR-10's automobiles (Keras).

Published widths: 128 in both; dropout 0 in G, 0.4 in D. No norm anywhere. Conditional by the rule
of `ganvas.nets.layered`.
"""

from functools import partial
from typing import ClassVar

import torch.nn.functional as F
from torch import Tensor, nn

from ganvas.nets.blocks import Crop, Dropout, Finish, Flatten, ToMap, halved_sizes
from ganvas.nets.initialisation import Fill
from ganvas.nets.keras import SLOPE, SameConv2d, SameConvTranspose2d, glorot_fill
from ganvas.nets.layered import JoinClass, LayeredDiscriminator, LayeredGenerator, ProjectionHead
from ganvas.nets.shape import ImageShape

__all__ = ["CifarCarsDiscriminator", "CifarCarsGenerator", "ValidConv2d"]


class CifarCarsGenerator(LayeredGenerator):
    """Dense to half the size, three 5x5 convolutions, one doubling, a 7x7 convolution; tanh.

    Widths w, then 2w. Odd sizes are made larger and cropped.
    """

    fill: ClassVar[Fill] = staticmethod(glorot_fill)

    def __init__(
        self,
        *,
        latent_size: int,
        shape: ImageShape,
        num_classes: int = 0,
        width: int = 128,
        dropout: float = 0.0,
    ) -> None:
        super().__init__()
        finish = partial(Finish, slope=SLOPE, dropout=dropout)
        height, across = halved_sizes(shape.height, shape.width, 1)[-1]
        self.classes = JoinClass(latent_size, num_classes)
        self.layers = nn.Sequential(
            nn.Linear(self.classes.size, height * across * width),
            finish(),
            ToMap(height, across, width),
            SameConv2d(width, 2 * width, 5),
            finish(),
            SameConv2d(2 * width, 2 * width, 5),
            finish(),
            SameConv2d(2 * width, 2 * width, 5),
            finish(),
            SameConvTranspose2d(2 * width, 2 * width, 4, 2),
            finish(),
            SameConv2d(2 * width, shape.channels, 7),
            Crop(shape.height, shape.width),
        )


class ValidConv2d(nn.Conv2d):
    """A square convolution without padding, but of maps that are smaller than its kernel.

    Those get zeros right and bottom until the kernel fits once. Images from 24 pixels a side
    never meet this; without it smaller ones would not fit the published networks.
    """

    def forward(self, x: Tensor) -> Tensor:
        """Return maps of floor((n - k) / s) + 1 positions, at least 1."""
        kernel = self.kernel_size[0]
        short = (max(kernel - x.shape[3], 0), max(kernel - x.shape[2], 0))
        if any(short):
            x = F.pad(x, (0, short[0], 0, short[1]))
        return super().forward(x)


class CifarCarsDiscriminator(LayeredDiscriminator):
    """A 3x3 convolution and three 4x4 ones at stride 2, none padded; dropout of the features.

    Width w throughout.
    """

    fill: ClassVar[Fill] = staticmethod(glorot_fill)

    def __init__(
        self, *, shape: ImageShape, num_classes: int = 0, width: int = 128, dropout: float = 0.0
    ) -> None:
        super().__init__()
        height, across = shape.height - 2, shape.width - 2
        for _ in range(3):
            height, across = max((height - 4) // 2 + 1, 1), max((across - 4) // 2 + 1, 1)
        self.layers = nn.Sequential(
            ValidConv2d(shape.channels, width, 3),
            Finish(slope=SLOPE),
            ValidConv2d(width, width, 4, 2),
            Finish(slope=SLOPE),
            ValidConv2d(width, width, 4, 2),
            Finish(slope=SLOPE),
            ValidConv2d(width, width, 4, 2),
            Finish(slope=SLOPE),
            Flatten(),
            Dropout(dropout),
        )
        self.head = ProjectionHead(height * across * width, num_classes)
