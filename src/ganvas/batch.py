"""What one update is given, and how pixels become a network's signal."""

from dataclasses import dataclass

import torch
from torch import Tensor

__all__ = ["Batch", "images_to_signal"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Batch:
    """What one update is given.

    real            images uint8 (N, C, H, W), points float32 (N, D) as networks take them, or None
                    (inside the step: float32, about in [-1, 1])
    real_labels     int64 (N,), or (N, P) where an image is of P clusters at once; or None
    noise           float32 (M, latent size)
    labels          int64 (M,), (M, P) or None: the classes or clusters that G is asked for
    draw_noise      float32 (K, latent size): the whole draw of the noise, where its fakes are all
                    made at once, and their labels; else None
    """

    real: Tensor | None
    real_labels: Tensor | None
    noise: Tensor
    labels: Tensor | None
    draw_noise: Tensor | None = None
    draw_labels: Tensor | None = None


def images_to_signal(images: Tensor) -> Tensor:
    """Return uint8 images as float32 in [-1, 1], laid out channels_last.

    What is float32 is a signal already, as points are, and is returned as it is.
    """
    if images.dtype is torch.float32:
        return images
    signal = images.to(torch.float32, memory_format=torch.channels_last)
    return signal.mul_(1 / 127.5).sub_(1)
