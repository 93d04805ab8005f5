"""The networks for points: dense layers, and a D that sees fine structure from the start.

A mode of PacGAN's ring and grid (arXiv 1712.04086) is a hundredth as wide as the plane, which dense
layers learn to see late: D reads waves of its points beside them (arXiv 2006.10739), and G has more
layers than D, to leap from mode to mode. Conditional by the rule of `ganvas.nets.layered`.
"""

import math
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

__all__ = ["PointsDiscriminator", "PointsGenerator", "Waves"]

_SLOPE = 0.2
_G_LAYERS, _D_LAYERS = 5, 2
_OCTAVES = 5  # the shortest wave is 0.125 long, ten deviations of a mode


def _fill(layer: Layer, generator: torch.Generator) -> None:
    he_normal_(layer.weight, generator)


def _hidden(inputs: int, width: int, count: int) -> list[nn.Module]:
    """Return `count` dense layers of `width`, each rectified."""
    layers: list[nn.Module] = []
    for _ in range(count):
        layers += [nn.Linear(inputs, width), Finish(slope=_SLOPE)]
        inputs = width
    return layers


class Waves(nn.Module):
    """Points x (N, D) -> x, sin(2^k pi x), cos(2^k pi x), k = 0..octaves - 1.

    Of [-1, 1] the longest wave fills all; each next is half as long (arXiv 2006.10739).
    """

    def __init__(self, octaves: int = _OCTAVES) -> None:
        super().__init__()
        self.octaves = octaves

    def forward(self, points: Tensor) -> Tensor:
        """Return each point's coordinates, and the waves of them, octave by octave."""
        found = [points]
        for octave in range(self.octaves):
            phase = points * (math.pi * 2**octave)
            found += [torch.sin(phase), torch.cos(phase)]
        return torch.cat(found, 1)


class PointsGenerator(LayeredGenerator):
    """Noise (N, latent_size), labels (N,) -> six dense layers -> points (N, D), unbounded."""

    fill: ClassVar[Fill] = staticmethod(_fill)

    def __init__(
        self, *, latent_size: int, shape: PointShape, num_classes: int = 0, width: int = 128
    ) -> None:
        super().__init__()
        self.classes = JoinClass(latent_size, num_classes)
        self.layers = nn.Sequential(
            *_hidden(self.classes.size, width, _G_LAYERS), nn.Linear(width, shape.dimensions)
        )

    def forward(self, noise: Tensor, labels: Tensor | None = None) -> Tensor:
        """Return points, about in [-1, 1]."""
        points: Tensor = self.layers(self.classes(noise, labels))
        return points


class PointsDiscriminator(LayeredDiscriminator):
    """Points (N, D), labels (N,) -> waves, two dense layers -> features (N, width) -> logits."""

    fill: ClassVar[Fill] = staticmethod(_fill)

    def __init__(self, *, shape: PointShape, num_classes: int = 0, width: int = 128) -> None:
        super().__init__()
        inputs = shape.dimensions * (1 + 2 * _OCTAVES)
        self.layers = nn.Sequential(Waves(), *_hidden(inputs, width, _D_LAYERS))
        self.head = ProjectionHead(width, num_classes)
