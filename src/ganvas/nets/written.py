"""Layers with their gradients written out, for networks whose whole pass is one node of autograd.

Autograd keeps a node for every operation, and autocast casts every weight by itself: for maps as
small as ours both cost a part of the arithmetic between them. What is written out does the same
operations on the same numbers, in the precision that autocast asks for.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

__all__ = ["Geometry", "cast", "convolve", "fold", "leak", "leak_back", "pass_precision"]
__all__ += ["slopes", "unfold"]

_FOLD = 2
_DOUBLE = {2: torch.int32, 4: torch.int64}  # bytes of a number: what is twice as long
_convolution_backward = torch.ops.aten.convolution_backward.default
_leaky_relu_backward = torch.ops.aten.leaky_relu_backward.grad_input


@dataclass(frozen=True, kw_only=True, slots=True)
class Geometry:
    """How a convolution moves over its maps, as PyTorch's operators are told it."""

    stride: tuple[int, int]
    padding: tuple[int, int]
    transposed: bool = False

    @classmethod
    def of(cls, layer: nn.Module) -> "Geometry":
        """Return that of a `Conv2d` or `ConvTranspose2d` without dilation, groups and the like."""
        assert isinstance(layer, nn.Conv2d | nn.ConvTranspose2d)
        assert not isinstance(layer.padding, str)
        return cls(
            stride=(layer.stride[0], layer.stride[1]),
            padding=(layer.padding[0], layer.padding[1]),
            transposed=isinstance(layer, nn.ConvTranspose2d),
        )


def pass_precision(like: Tensor) -> torch.dtype:
    """Return the dtype in which a pass computes where it stands: autocast's, or that of `like`."""
    device = like.device.type
    return torch.get_autocast_dtype(device) if torch.is_autocast_enabled(device) else like.dtype


def cast(tensors: Sequence[Tensor], dtype: torch.dtype) -> list[Tensor]:
    """Return `tensors` in `dtype`, laid out as they are; themselves where all have it already."""
    if all(tensor.dtype is dtype for tensor in tensors):
        return list(tensors)
    copies = [torch.empty_like(tensor, dtype=dtype) for tensor in tensors]
    torch._foreach_copy_(copies, list(tensors))
    return copies


def convolve(x: Tensor, weight: Tensor, bias: Tensor | None, geometry: Geometry) -> Tensor:
    """Return the convolution of maps x (N, C, H, W)."""
    stride, padding = geometry.stride, geometry.padding
    return torch.convolution(
        x, weight, bias, stride, padding, (1, 1), geometry.transposed, (0, 0), 1
    )


def slopes(
    gradient: Tensor,
    x: Tensor,
    weight: Tensor,
    geometry: Geometry,
    *,
    of_x: bool = True,
    of_weight: bool = True,
    of_bias: bool = False,
) -> tuple[Tensor, Tensor, Tensor]:
    """Return what `gradient`, of `convolve`'s result, is to x, weight and bias, where asked."""
    found: tuple[Tensor, Tensor, Tensor] = _convolution_backward(
        gradient,
        x,
        weight,
        [weight.shape[1 if geometry.transposed else 0]] if of_bias else None,
        geometry.stride,
        geometry.padding,
        (1, 1),
        geometry.transposed,
        (0, 0),
        1,
        (of_x, of_weight, of_bias),
    )
    return found


def leak(x: Tensor, slope: float) -> Tensor:
    """Return the leaky ReLU of x, in its place."""
    return F.leaky_relu_(x, slope)


def leak_back(gradient: Tensor, y: Tensor, slope: float) -> Tensor:
    """Return the gradient before the leaky ReLU whose result is y, in place of `gradient`."""
    found: Tensor = _leaky_relu_backward(gradient, y, slope, True, grad_input=gradient)
    return found


def fold(
    parts: Sequence[Tensor], dtype: torch.dtype, size: tuple[int, int] | None = None
) -> Tensor:
    """Return images (N_i, C, H, W) joined, 2x2 pixels folded into channels, in `dtype`.

    (sum of N_i, 4 C, *size), laid out channels last; beyond an image there is 0. Without a `size`
    the maps are as large as they must be.
    """
    channels, height, width = parts[0].shape[1:]
    rows, columns = size or (-(-height // _FOLD), -(-width // _FOLD))
    pad = (0, columns * _FOLD - width, 0, rows * _FOLD - height)
    counts = [len(part) for part in parts]
    room = torch.empty(
        (sum(counts), rows, columns, channels * _FOLD * _FOLD), dtype=dtype, device=parts[0].device
    )
    for part, place in zip(parts, room.split(counts), strict=True):
        pixels = part.to(dtype)
        if any(pad):
            pixels = F.pad(pixels, pad)
        pairs = _pairs(pixels).view(len(part), channels, rows, _FOLD, columns, -1)
        pairs = pairs.permute(0, 2, 4, 1, 3, 5)
        _pairs(place).view(pairs.shape).copy_(pairs)
    return room.permute(0, 3, 1, 2)


def unfold(maps: Tensor, height: int, width: int) -> Tensor:
    """Return images (N, C, height, width) of folded ones, the way back from `fold`."""
    count, channels, rows, columns = maps.shape
    channels //= _FOLD * _FOLD
    pairs = _pairs(maps.permute(0, 2, 3, 1)).view(count, rows, columns, channels, _FOLD, -1)
    moved = pairs.permute(0, 3, 1, 4, 2, 5).contiguous().view(-1)
    images = moved.view(maps.dtype).view(count, channels, rows * _FOLD, columns * _FOLD)
    return images[..., :height, :width]


def _pairs(numbers: Tensor) -> Tensor:
    """Return numbers, flat, of which two that lie side by side are one to copy: (n, 1).

    Numbers that are too long for that stay two: (n, 2).
    """
    flat = numbers.contiguous().view(-1)
    double = _DOUBLE.get(numbers.element_size())
    return flat.view(-1, _FOLD) if double is None else flat.view(double).unsqueeze(-1)
