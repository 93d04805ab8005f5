"""The networks for points: dense layers alone, wide enough for the modes of a plane.

The plan is that of PacGAN's experiment (arXiv 1712.04086, section 4.1): two hidden layers in G,
rectified, without norm, and a linear output, for a point has no bounds. Its D has one hidden
layer of maxout units; this one has two of leaky rectified ones, which cost less to differentiate
twice. Conditional by the rule of `ganvas.nets.layered`.
"""

from typing import ClassVar

import torch
from torch import Tensor, nn

from ganvas.nets.blocks import Finish
from ganvas.nets.initialisation import Fill, Layer, he_normal_
from ganvas.nets.layered import (
    JoinClass,
    LayeredDiscriminator,
    LayeredGenerator,
    ProjectionHead,
)
from ganvas.nets.shape import PointShape

__all__ = ["PointsDiscriminator", "PointsGenerator"]

_SLOPE = 0.2


def _fill(layer: Layer, generator: torch.Generator) -> None:
    he_normal_(layer.weight, generator)


def _hidden(inputs: int, width: int, count: int) -> list[nn.Module]:
    """Return `count` dense layers of `width`, each rectified."""
    layers: list[nn.Module] = []
    for _ in range(count):
        layers += [nn.Linear(inputs, width), Finish(slope=_SLOPE)]
        inputs = width
    return layers


class PointsGenerator(LayeredGenerator):
    """Noise (N, latent_size), labels (N,) -> three dense layers -> points (N, D), unbounded."""

    fill: ClassVar[Fill] = staticmethod(_fill)

    def __init__(
        self, *, latent_size: int, shape: PointShape, num_classes: int = 0, width: int = 128
    ) -> None:
        super().__init__()
        self.classes = JoinClass(latent_size, num_classes)
        self.layers = nn.Sequential(
            *_hidden(self.classes.size, width, 2), nn.Linear(width, shape.dimensions)
        )

    def forward(self, noise: Tensor, labels: Tensor | None = None) -> Tensor:
        """Return points, about in [-1, 1]."""
        points: Tensor = self.layers(self.classes(noise, labels))
        return points


class PointsDiscriminator(LayeredDiscriminator):
    """Points (N, D), labels (N,) -> two dense layers -> features (N, width) -> logits (N,)."""

    fill: ClassVar[Fill] = staticmethod(_fill)

    def __init__(self, *, shape: PointShape, num_classes: int = 0, width: int = 128) -> None:
        super().__init__()
        self.layers = nn.Sequential(*_hidden(shape.dimensions, width, 2))
        self.head = ProjectionHead(width, num_classes)
