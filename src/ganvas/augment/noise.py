"""Instance noise: real and fake images are blurred into each other until D has no easy job."""

import torch
from torch import Tensor

from ganvas.rng import draw_rows

__all__ = ["add_noise", "noise_deviation"]


def noise_deviation(start: float, until: float, progress: float) -> float:
    """Return start * max(0, 1 - progress / until): gone at the fraction `until` of the run.

    `progress` in [0, 1] of the run; with `until` 0 the noise never fades
    (arXiv 1610.04490, section 2.4: annealed linearly).
    """
    if until == 0:
        return start
    return start * max(0.0, 1 - progress / until)


def add_noise(images: Tensor, deviation: float, generator: torch.Generator) -> Tensor:
    """Return images + deviation * N(0, 1), floating (N, C, H, W); at 0 the images bit for bit."""
    if deviation == 0:
        return images
    noise = draw_rows(
        lambda rows: torch.randn(
            (rows, *images.shape[1:]), generator=generator, device=images.device
        ),
        len(images),
        generator,
    )
    return images + noise.to(images.dtype) * deviation
