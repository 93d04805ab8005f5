"""The generator's noise as numbers from N(0, 1), whatever its own distribution is, and back.

In these coordinates noises may be added and scaled: what stays normal stays the generator's own
noise on the way back. Each number x of the noise and its coordinate n have the same quantile,

    F(x) = Phi(n),    Phi the distribution function of N(0, 1), F that of the noise.
"""

import torch
from torch import Tensor

from ganvas.recipe import LatentSettings

__all__ = ["from_normal", "to_normal"]

_CUT = 2.0  # where "truncated" noise ends
_LEAST = 2.0**-53  # quantiles of 0 and 1 are infinitely far out: as far as float64 tells, 8.2


def to_normal(settings: LatentSettings, noise: Tensor) -> Tensor:
    """Return noise (N, Z) in normal coordinates, float64 (N, Z)."""
    noise = noise.double()
    if settings.distribution == "uniform":
        quantile = (noise + 1) / 2
    elif settings.distribution == "truncated":
        low, high = _cut_quantiles()
        quantile = (torch.special.ndtr(noise) - low) / (high - low)
    else:
        return noise
    normal: Tensor = torch.special.ndtri(quantile.clamp(_LEAST, 1 - _LEAST))
    return normal


def from_normal(settings: LatentSettings, normal: Tensor) -> Tensor:
    """Return the noise, float32 (N, Z), at normal coordinates float64 (N, Z)."""
    noise: Tensor = normal
    quantile = torch.special.ndtr(normal)
    if settings.distribution == "uniform":
        noise = 2 * quantile - 1
    elif settings.distribution == "truncated":
        low, high = _cut_quantiles()
        noise = torch.special.ndtri(low + (high - low) * quantile).clamp(-_CUT, _CUT)
    return noise.float()


def _cut_quantiles() -> tuple[Tensor, Tensor]:
    cut = torch.tensor(_CUT, dtype=torch.float64)
    return torch.special.ndtr(-cut), torch.special.ndtr(cut)
