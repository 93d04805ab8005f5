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
"""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

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
    """A square convolution with "same" padding: (N, C, H, W) -> (N, C', ceil(H/s), ceil(W/s))."""

    def __init__(self, inputs: int, outputs: int, kernel: int, stride: int = 1) -> None:
        super().__init__(inputs, outputs, kernel, stride)

    def forward(self, x: Tensor) -> Tensor:
        """Pad as Keras does, then convolve."""
        kernel, stride = self.kernel_size[0], self.stride[0]
        top, bottom = same_padding(x.shape[2], kernel, stride)
        left, right = same_padding(x.shape[3], kernel, stride)
        if (top, left) == (bottom, right):  # the convolution can do it itself, without a copy
            return F.conv2d(x, self.weight, self.bias, stride, (top, left))
        return F.conv2d(F.pad(x, (left, right, top, bottom)), self.weight, self.bias, stride)


class SameConvTranspose2d(nn.ConvTranspose2d):
    """A square transposed convolution with "same" padding: (N, C, H, W) -> (N, C', sH, sW).

    The kernel must be no smaller than the stride. From the full (n - 1) s + k positions k - s are
    cropped, the odd one right and bottom.
    """

    def __init__(self, inputs: int, outputs: int, kernel: int, stride: int = 1) -> None:
        cropped = kernel - stride
        super().__init__(inputs, outputs, kernel, stride, cropped // 2)
        self.odd = cropped % 2

    def forward(self, x: Tensor, output_size: list[int] | None = None) -> Tensor:
        """Convolve, cropping as Keras does."""
        out = super().forward(x, output_size)
        return out[..., :-1, :-1] if self.odd else out


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
