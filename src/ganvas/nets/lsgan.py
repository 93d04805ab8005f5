"""The networks of the least squares GAN (arXiv 1611.04076): DCGAN's, with batch norm in both.

Its authors' code for 64x64 images has this plan with widths of 64 (512 at the smallest map),
normal weights of deviation 0.02, and norms with epsilon 1e-5 that keep 0.9. Conditional by the
rule of `ganvas.nets.layered`.
"""

from typing import ClassVar

from ganvas.nets.dcgan import DcganDiscriminator, DcganGenerator, dcgan_fill
from ganvas.nets.initialisation import Fill
from ganvas.nets.shape import ImageShape
from ganvas.recipe import LayerOrder

__all__ = ["LsganDiscriminator", "LsganGenerator"]


class LsganGenerator(DcganGenerator):
    """DCGAN's generator."""

    fill: ClassVar[Fill] = staticmethod(dcgan_fill)


class LsganDiscriminator(DcganDiscriminator):
    """DCGAN's discriminator, normalised by the batch; no sigmoid, here as in the loss."""

    fill: ClassVar[Fill] = staticmethod(dcgan_fill)

    def __init__(
        self,
        *,
        shape: ImageShape,
        num_classes: int = 0,
        width: int = 64,
        dropout: float = 0.0,
        order: LayerOrder = "norm_activation_dropout",
    ) -> None:
        super().__init__(
            shape=shape,
            num_classes=num_classes,
            width=width,
            dropout=dropout,
            normalised=True,
            order=order,
        )
