"""Initial weights drawn from a generator that is handed in, never from global randomness."""

import math
from collections.abc import Callable

import torch
from torch import Tensor, nn

__all__ = [
    "Fill",
    "Layer",
    "fan_in_and_out",
    "fill_layers",
    "glorot_uniform_",
    "he_normal_",
    "normal_",
    "reset_norms",
    "truncated_normal_",
]

Layer = nn.Linear | nn.Conv2d | nn.ConvTranspose2d
Fill = Callable[[Layer, torch.Generator], None]
"""Draws a layer's weight; its bias is 0 already."""

_TAIL = math.erfc(math.sqrt(2)) / 2  # the share of N(0, 1) below -2


def fan_in_and_out(weight: Tensor, *, transposed: bool = False) -> tuple[int, int]:
    """Return how many inputs each output reads, and how many outputs each input feeds."""
    receptive = weight[0, 0].numel() if weight.dim() > 2 else 1
    first, second = weight.shape[0] * receptive, weight.shape[1] * receptive
    return (first, second) if transposed else (second, first)


@torch.no_grad()
def normal_(weight: Tensor, deviation: float, generator: torch.Generator) -> None:
    """Fill with N(0, deviation^2)."""
    weight.normal_(0.0, deviation, generator=generator)


@torch.no_grad()
def truncated_normal_(weight: Tensor, deviation: float, generator: torch.Generator) -> None:
    """Fill with N(0, deviation^2) cut at two deviations, as TensorFlow's `truncated_normal`.

    What is left has a standard deviation of 0.8796 times `deviation`. Drawn by the inverse of
    the distribution function, so that the number of draws is that of the elements.
    """
    share = torch.rand(weight.shape, generator=generator, dtype=torch.float64)
    quantile = torch.special.ndtri(_TAIL + (1 - 2 * _TAIL) * share).clamp_(-2.0, 2.0)
    weight.copy_(quantile.mul_(deviation))


@torch.no_grad()
def he_normal_(weight: Tensor, generator: torch.Generator, *, transposed: bool = False) -> None:
    """Fill with N(0, 2 / fan_in), which keeps the size of rectified signals (arXiv 1502.01852)."""
    fan_in, _ = fan_in_and_out(weight, transposed=transposed)
    weight.normal_(0.0, math.sqrt(2 / fan_in), generator=generator)


@torch.no_grad()
def glorot_uniform_(
    weight: Tensor, generator: torch.Generator, *, transposed: bool = False
) -> None:
    """Fill with U(-a, a), a = sqrt(6 / (fan_in + fan_out)): what Keras layers start from."""
    bound = math.sqrt(6 / sum(fan_in_and_out(weight, transposed=transposed)))
    weight.uniform_(-bound, bound, generator=generator)


@torch.no_grad()
def reset_norms(network: nn.Module) -> None:
    """Set every batch norm to its start: scale 1, shift 0, running mean 0, running variance 1."""
    for module in network.modules():
        if isinstance(module, nn.BatchNorm1d | nn.BatchNorm2d):
            module.reset_running_stats()
            if module.affine:
                module.weight.fill_(1.0)
                module.bias.zero_()


@torch.no_grad()
def fill_layers(network: nn.Module, fill: Fill, generator: torch.Generator) -> None:
    """Set every bias to 0, every norm to its start, and every layer's weight by `fill`."""
    for module in network.modules():
        if isinstance(module, Layer):
            if module.bias is not None:
                module.bias.zero_()
            fill(module, generator)
    reset_norms(network)
