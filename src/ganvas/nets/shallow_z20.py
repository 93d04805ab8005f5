"""The networks of the notebook "GAN MNIST Tensorflow": small, with batch norm nearly everywhere.

Published width: 32 in both; no dropout. Dense and transposed weights N(0, 0.02^2), those of
convolutions the same cut at two deviations, biases 0. Conditional by the rule of
`ganvas.nets.layered`.
"""

from functools import partial
from typing import ClassVar

from torch import nn

from ganvas.nets.blocks import Crop, Finish, Flatten, ToMap, halved_sizes
from ganvas.nets.dcgan import dcgan_fill
from ganvas.nets.initialisation import Fill
from ganvas.nets.keras import SameConv2d, SameConvTranspose2d
from ganvas.nets.layered import JoinClass, LayeredDiscriminator, LayeredGenerator, ProjectionHead
from ganvas.nets.shape import ImageShape
from ganvas.recipe import LayerOrder

__all__ = ["ShallowZ20Discriminator", "ShallowZ20Generator"]

_SLOPE = 0.1
# PyTorch's own defaults for the norms, epsilon 1e-5 and 0.9 kept, are the published ones.


class ShallowZ20Generator(LayeredGenerator):
    """Dense to a quarter of the size, a 3x3 convolution, two transposed ones at stride 2.

    Widths w, 2w, 2w; no norm after the dense layer, but one before the tanh. Sizes that 4 does
    not divide are made larger and cropped.
    """

    turned: ClassVar[bool] = True
    fill: ClassVar[Fill] = staticmethod(dcgan_fill)

    def __init__(
        self,
        *,
        latent_size: int,
        shape: ImageShape,
        num_classes: int = 0,
        width: int = 32,
        dropout: float = 0.0,
        order: LayerOrder = "norm_activation_dropout",
    ) -> None:
        super().__init__()
        finish = partial(Finish, slope=_SLOPE, dropout=dropout, order=order)
        height, across = halved_sizes(shape.height, shape.width, 2)[-1]
        self.classes = JoinClass(latent_size, num_classes)
        self.layers = nn.Sequential(
            nn.Linear(self.classes.size, height * across * width),
            finish(),
            ToMap(height, across, width, turned=True),
            SameConv2d(width, 2 * width, 3, turned=True),
            finish(nn.BatchNorm2d(2 * width)),
            SameConvTranspose2d(2 * width, 2 * width, 3, 2, turned=True),
            finish(nn.BatchNorm2d(2 * width)),
            SameConvTranspose2d(2 * width, shape.channels, 3, 2, turned=True),
            nn.BatchNorm2d(shape.channels),
            Crop(shape.height, shape.width, turned=True),
        )


class ShallowZ20Discriminator(LayeredDiscriminator):
    """Two 3x3 convolutions at stride 2 and a dense layer, each with batch norm.

    Widths w, 2w, 2w.
    """

    turned: ClassVar[bool] = True
    fill: ClassVar[Fill] = staticmethod(dcgan_fill)

    def __init__(
        self,
        *,
        shape: ImageShape,
        num_classes: int = 0,
        width: int = 32,
        dropout: float = 0.0,
        order: LayerOrder = "norm_activation_dropout",
    ) -> None:
        super().__init__()
        finish = partial(Finish, slope=_SLOPE, dropout=dropout, order=order)
        height, across = halved_sizes(shape.height, shape.width, 2)[-1]
        self.layers = nn.Sequential(
            SameConv2d(shape.channels, width, 3, 2, turned=True),
            finish(nn.BatchNorm2d(width)),
            SameConv2d(width, 2 * width, 3, 2, turned=True),
            finish(nn.BatchNorm2d(2 * width)),
            Flatten(turned=True),
            nn.Linear(height * across * 2 * width, 2 * width),
            finish(nn.BatchNorm1d(2 * width)),
        )
        self.head = ProjectionHead(2 * width, num_classes)
