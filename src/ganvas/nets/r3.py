"""A small network of R3GAN's kind (arXiv 2501.05441): residual, grouped, without any norm.

As published: blocks of 1x1, grouped 3x3 and 1x1 convolutions at twice the width, groups of 16
channels, biases only before a leaky ReLU of 0.2, first weights by fix-up (arXiv 1901.09321: the
last convolution of a block starts at 0), resampling by the filter (1, 3, 3, 1) / 8, and at the
smallest map a learned basis in place of a dense layer. Smaller than published: one block at each
size (there two), and widths w, 2w, then 4w from the image down (there 768 throughout at 32x32).

Two things differ. G ends in a tanh, where theirs has none and clips its pixels when it saves them:
signals are in [-1, 1] everywhere here. And with classes D adds the projection to a class-free
logit, the rule of `ganvas.nets.layered`, where theirs is the projection alone.
"""

import math
from typing import ClassVar

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from ganvas.nets.blocks import Crop, Flatten, halved_sizes
from ganvas.nets.dcgan import num_halvings
from ganvas.nets.initialisation import Fill, Layer, normal_
from ganvas.nets.layered import JoinClass, LayeredDiscriminator, LayeredGenerator, ProjectionHead
from ganvas.nets.shape import ImageShape

__all__ = ["R3Discriminator", "R3Generator", "Resample"]

_SLOPE = 0.2
_GROUP = 16
_GAIN = math.sqrt(2 / (1 + _SLOPE**2))  # keeps the size of signals through a leaky ReLU


class ScaledConv2d(nn.Conv2d):
    """A convolution of odd kernel at stride 1, whose weight starts as N(0, gain^2 / fan_in)."""

    def __init__(
        self,
        inputs: int,
        outputs: int,
        kernel: int,
        *,
        gain: float = 1.0,
        groups: int = 1,
        bias: bool = False,
    ) -> None:
        super().__init__(inputs, outputs, kernel, 1, kernel // 2, groups=groups, bias=bias)
        self.gain = gain


class Residual(nn.Module):
    """x + conv1x1(f(conv3x3(f(conv1x1(x))))), f a leaky ReLU; `blocks` is the network's number.

    The two inner gains are sqrt(2 / 1.04) * blocks^(-1/4), so that the sum of all branches does
    not grow with the depth.
    """

    def __init__(self, width: int, blocks: int) -> None:
        super().__init__()
        wide, gain = 2 * width, _GAIN * blocks**-0.25
        groups = math.gcd(wide, max(wide // _GROUP, 1))
        self.widen = ScaledConv2d(width, wide, 1, gain=gain, bias=True)
        self.mix = ScaledConv2d(wide, wide, 3, gain=gain, groups=groups, bias=True)
        self.narrow = ScaledConv2d(wide, width, 1, gain=0.0)

    def forward(self, x: Tensor) -> Tensor:
        """Return maps of the shape of x (N, C, H, W)."""
        y = F.leaky_relu(self.widen(x), _SLOPE)
        y = F.leaky_relu(self.mix(y), _SLOPE)
        out: Tensor = x + self.narrow(y)
        return out


class Resample(nn.Module):
    """Halve (rounding up) or double maps by the filter (1, 3, 3, 1) / 8 both ways, zeros outside.

    An odd side gets one more zero before it is halved. Doubling keeps the mean: the filter is
    scaled up by 4.
    """

    def __init__(self, *, up: bool) -> None:
        super().__init__()
        self.up = up

    def forward(self, x: Tensor) -> Tensor:
        """Return (N, C, 2H, 2W), or (N, C, ceil(H / 2), ceil(W / 2))."""
        channels, height, width = x.shape[1:]
        line = x.new_tensor([1.0, 3.0, 3.0, 1.0]) / (4 if self.up else 8)
        kernel = torch.outer(line, line).expand(channels, 1, 4, 4)
        if self.up:
            return F.conv_transpose2d(x, kernel, stride=2, padding=1, groups=channels)
        x = F.pad(x, (1, 1 + width % 2, 1, 1 + height % 2))
        return F.conv2d(x, kernel, stride=2, groups=channels)


class Basis(nn.Module):
    """Noise (N, Z) -> maps (N, C, H, W): each channel a learned map times a linear form."""

    def __init__(self, inputs: int, channels: int, height: int, width: int) -> None:
        super().__init__()
        self.basis = nn.Parameter(torch.empty(channels, height, width))
        self.amount = nn.Linear(inputs, channels, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        """Return the smallest maps."""
        maps: Tensor = self.basis * self.amount(x)[:, :, None, None]
        return maps.contiguous(memory_format=torch.channels_last)


def _fill(layer: Layer, generator: torch.Generator) -> None:
    gain = layer.gain if isinstance(layer, ScaledConv2d) else 1.0
    if gain == 0:
        layer.weight.zero_()
    else:
        normal_(layer.weight, gain / math.sqrt(layer.weight[0].numel()), generator)


def _plan(shape: ImageShape, width: int) -> list[tuple[int, tuple[int, int]]]:
    """Return (channels, (height, width)) of each stage, from the image down."""
    sizes = halved_sizes(shape.height, shape.width, num_halvings(shape))
    return [(width * min(2**i, 4), size) for i, size in enumerate(sizes)]


class R3Generator(LayeredGenerator):
    """Basis, then at each size a residual block, up to the image's size; 1x1 convolution; tanh."""

    fill: ClassVar[Fill] = staticmethod(_fill)

    def __init__(
        self, *, latent_size: int, shape: ImageShape, num_classes: int = 0, width: int = 32
    ) -> None:
        super().__init__()
        *larger, (before, size) = _plan(shape, width)
        blocks = len(larger) + 1
        self.classes = JoinClass(latent_size, num_classes)
        self.layers = nn.Sequential(
            Basis(self.classes.size, before, *size), Residual(before, blocks)
        )
        for after, size in reversed(larger):
            if after != before:
                self.layers.append(ScaledConv2d(before, after, 1))
            self.layers.append(Resample(up=True))
            self.layers.append(Crop(*size))
            self.layers.append(Residual(after, blocks))
            before = after
        self.layers.append(ScaledConv2d(before, shape.channels, 1))

    def initialise(self, generator: torch.Generator) -> None:
        """Draw every weight; the basis from N(0, 1)."""
        super().initialise(generator)
        for layer in self.layers:
            if isinstance(layer, Basis):
                normal_(layer.basis, 1.0, generator)


class R3Discriminator(LayeredDiscriminator):
    """1x1 convolution, then at each size a residual block, down to 4 pixels; basis; one logit.

    It takes no spectral norm: its branches start at 0.
    """

    fill: ClassVar[Fill] = staticmethod(_fill)

    def __init__(self, *, shape: ImageShape, num_classes: int = 0, width: int = 32) -> None:
        super().__init__()
        plan = _plan(shape, width)
        before = width
        self.layers = nn.Sequential(ScaledConv2d(shape.channels, width, 1))
        for stage, (after, _) in enumerate(plan):
            if stage:
                self.layers.append(Resample(up=False))
                if after != before:
                    self.layers.append(ScaledConv2d(before, after, 1))
            self.layers.append(Residual(after, len(plan)))
            before = after
        # The basis seen from the other side: one inner product for each channel.
        smallest = plan[-1][1]
        self.layers.append(nn.Conv2d(before, before, smallest, groups=before, bias=False))
        self.layers.append(Flatten())
        self.head = ProjectionHead(before, num_classes, bias=False)
