"""What the generator is asked for: noise and class labels, a pure function of (seed, draw)."""

import math
from collections.abc import Sequence

import torch
from torch import Tensor

from ganvas.recipe import LatentSettings
from ganvas.rng import stream

__all__ = ["CHUNK", "draw_labels", "draw_noise", "latents"]

CHUNK = 500
"""Latents that a generator's samples are drawn in; part of what a seed means: never changed."""


def draw_noise(
    settings: LatentSettings, count: int, generator: torch.Generator, truncation: float = 1.0
) -> Tensor:
    """Return float32 noise (count, settings.size) on the generator's device.

    `truncation` in (0, 1] multiplies it: smaller is safer and less varied.
    """
    shape = (count, settings.size)
    device = generator.device
    if settings.distribution == "uniform":
        noise = torch.rand(shape, generator=generator, device=device) * 2 - 1
    elif settings.distribution == "truncated":
        # Inverse of the normal distribution function, so that no draw is ever rejected and the
        # number of draws stays a function of the shape.
        low, high = _standard_normal_cdf(-2.0), _standard_normal_cdf(2.0)
        uniform = torch.rand(shape, generator=generator, device=device, dtype=torch.float64)
        quantile = low + (high - low) * uniform
        noise = torch.special.ndtri(quantile).clamp(-2.0, 2.0).float()
    else:
        noise = torch.randn(shape, generator=generator, device=device)
    return noise * truncation if truncation != 1.0 else noise


def draw_labels(frequencies: Sequence[float], count: int, generator: torch.Generator) -> Tensor:
    """Return int64 labels (count,) drawn with the given class frequencies (summing to 1).

    Frequencies that sum to P are those of P parts, equally many of each, one after the other: then
    labels (count, P), one of each part, drawn independently.
    """
    weights = torch.tensor(frequencies, dtype=torch.float64, device=generator.device)
    parts = _num_parts(frequencies)
    if parts == 1:
        return torch.multinomial(weights, count, replacement=True, generator=generator)
    of_parts = weights.view(parts, -1)
    drawn = torch.multinomial(of_parts, count, replacement=True, generator=generator)
    first = torch.arange(parts, device=generator.device)[:, None] * of_parts.shape[1]
    return (drawn + first).T.contiguous()


def _num_parts(frequencies: Sequence[float]) -> int:
    """Return how many parts class frequencies are of, each of which sums to 1."""
    return round(math.fsum(frequencies))


def latents(
    settings: LatentSettings,
    frequencies: Sequence[float],
    *,
    seed: int,
    name: str,
    draw: int,
    count: int,
) -> tuple[Tensor, Tensor | None]:
    """Return draw number `draw` of stream `name`: noise (count, size), labels (count,) or None.

    Of frequencies of P parts labels (count, P), as `draw_labels` draws them.

    Drawn on the CPU, so that every device sees the same noise.
    """
    noise = draw_noise(settings, count, stream(seed, f"{name}.noise", draw))
    if not frequencies:
        return noise, None
    return noise, draw_labels(frequencies, count, stream(seed, f"{name}.labels", draw))


def _standard_normal_cdf(value: float) -> float:
    return float(torch.special.ndtr(torch.tensor(value, dtype=torch.float64)))
