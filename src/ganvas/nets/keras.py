"""The conventions of Keras on TensorFlow where they differ from PyTorch's.

What Keras defines, and the layers here keep to:

- weights start Glorot uniform, biases at 0 (`glorot_fill`);
- "same" padding at stride s gives ceil(n / s) positions; what must be added goes half on each
  side, the odd pixel right and bottom (PyTorch pads both sides alike);
- a "same" transposed convolution is the gradient of that convolution, so it crops less left and
  top: kernel 5 at stride 2 crops 1 and 2, kernel 3 crops 0 and 1, kernel 4 crops 1 and 1;
- batch norm adds 1e-3 to the variance and states the share of the moving average that is *kept*
  (0.99), PyTorch the share that is replaced. Keras 2 corrects the moving variance for the batch's
  size by n / (n - 1.001), PyTorch by n / (n - 1): the same to 1e-5 from 100 numbers on;
- LeakyReLU has slope 0.3 where nothing is said; a dropout rate is the share dropped, as ours.

The odd pixel on the right and bottom costs a copy of the maps before a convolution, and one after a
transposed one. Turned by half a turn (`turn`), maps and kernels alike, it comes to the left and
top, where PyTorch can have it for nothing. So a network may hold all its maps turned, and turn
back only what leaves it: the same sums, in another place.
"""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from ganvas.nets.blocks import turn
from ganvas.nets.initialisation import Layer, glorot_uniform_

__all__ = [
    "SLOPE",
    "SameConv2d",
    "SameConvTranspose2d",
    "batch_norm_1d",
    "batch_norm_2d",
    "glorot_fill",
    "same_padding",
]

SLOPE = 0.3
_EPSILON = 1e-3


def same_padding(size: int, kernel: int, stride: int) -> tuple[int, int]:
    """Return how many zeros "same" adds before and after `size` positions."""
    total = max((-(-size // stride) - 1) * stride + kernel - size, 0)
    return total // 2, total - total // 2


class SameConv2d(nn.Conv2d):
    """A square convolution with "same" padding: (N, C, H, W) -> (N, C', ceil(H/s), ceil(W/s)).

    A `turned` one reads and gives maps that are turned by half a turn. Raises ValueError where its
    kernel is smaller than its stride: it would begin at the wrong end.
    """

    def __init__(
        self, inputs: int, outputs: int, kernel: int, stride: int = 1, *, turned: bool = False
    ) -> None:
        if turned and kernel < stride:
            raise ValueError(f"a turned kernel of {kernel} is smaller than its stride of {stride}")
        super().__init__(inputs, outputs, kernel, stride)
        self.turned = turned

    def forward(self, x: Tensor) -> Tensor:
        """Pad as Keras does, then convolve."""
        kernel, stride = self.kernel_size[0], self.stride[0]
        weight = turn(self.weight) if self.turned else self.weight
        top, bottom = same_padding(x.shape[2], kernel, stride)
        left, right = same_padding(x.shape[3], kernel, stride)
        if self.turned:
            (top, bottom), (left, right) = (bottom, top), (right, left)
        # The convolution pads without a copy, both sides alike: one position too many at the end
        # changes nothing where the stride steps over it.
        if 0 <= top - bottom < stride and 0 <= left - right < stride:
            return F.conv2d(x, weight, self.bias, stride, (top, left))
        return F.conv2d(F.pad(x, (left, right, top, bottom)), weight, self.bias, stride)


class SameConvTranspose2d(nn.ConvTranspose2d):
    """A square transposed convolution with "same" padding: (N, C, H, W) -> (N, C', sH, sW).

    The kernel must be no smaller than the stride. From the full (n - 1) s + k positions k - s are
    cropped, the odd one right and bottom. A `turned` one reads and gives maps that are turned by
    half a turn.
    """

    def __init__(
        self,
        inputs: int,
        outputs: int,
        kernel: int,
        stride: int = 1,
        *,
        bias: bool = True,
        turned: bool = False,
    ) -> None:
        cropped = kernel - stride
        odd = cropped % 2
        # Left and top the odd one is cropped without a copy: on both sides, and what is then
        # missing right and bottom is asked for again. That works for less than a stride.
        free = odd if turned and stride > 1 else 0
        self.cropped, self.restored = cropped // 2 + free, free
        super().__init__(inputs, outputs, kernel, stride, self.cropped, self.restored, bias=bias)
        self.turned = turned
        self.odd = odd - free

    def forward(self, x: Tensor, output_size: list[int] | None = None) -> Tensor:
        """Convolve, cropping as Keras does."""
        weight = turn(self.weight) if self.turned else self.weight
        out = F.conv_transpose2d(x, weight, self.bias, self.stride, self.cropped, self.restored)
        if not self.odd:
            return out
        return out[..., 1:, 1:] if self.turned else out[..., :-1, :-1]


def batch_norm_1d(features: int, *, kept: float = 0.99) -> nn.BatchNorm1d:
    """Return a batch norm of features whose moving averages keep the share `kept` each time."""
    return nn.BatchNorm1d(features, _EPSILON, 1 - kept)


def batch_norm_2d(channels: int, *, kept: float = 0.99) -> nn.BatchNorm2d:
    """Return a batch norm of maps whose moving averages keep the share `kept` each time."""
    return nn.BatchNorm2d(channels, _EPSILON, 1 - kept)


def glorot_fill(layer: Layer, generator: torch.Generator) -> None:
    """Draw a layer's weight as Keras does where nothing is said: Glorot uniform."""
    transposed = isinstance(layer, nn.ConvTranspose2d)
    glorot_uniform_(layer.weight, generator, transposed=transposed)
