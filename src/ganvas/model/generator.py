"""The generator in use: a number, classes and a seed in, uint8 images (or points) out."""

import math
import secrets
from collections.abc import Sequence

import numpy as np
import torch
from torch import nn

from ganvas import settings
from ganvas.errors import NotFiniteError
from ganvas.latent import CHUNK, latents
from ganvas.model.config import ModelConfig
from ganvas.model.labels import class_numbers, whole_number

__all__ = ["BATCH", "Generator"]

_MOST_BYTES = 1 << 33  # of images at once: they are all in memory
BATCH = 25
"""Images made at once, always: kernels of another size round differently."""


class Generator:
    """Makes images: ``generator(16, labels=3, seed=0)`` -> uint8 (16, H, W, C).

    A model of points makes float32 (16, D) instead, in the units of its data. Sample number i of a
    seed is the same however many are made at once.
    """

    def __init__(self, config: ModelConfig, network: nn.Module) -> None:
        self.config = config
        self.network = network.eval().requires_grad_(False)

    @property
    def _bytes_each(self) -> int:
        """Of a pixel's channel, or a point's coordinate."""
        return 4 if self.config.makes_points else 1

    def __call__(
        self,
        n: int,
        labels: int | str | Sequence[int | str] | np.ndarray | None = None,
        seed: int | None = None,
        *,
        truncation: float = 1.0,
    ) -> np.ndarray:
        """Return `n` images, uint8 (n, H, W, C), values 0..255; or points, float32 (n, D).

        labels      one class for all (number or name), or one for each image; None draws them by
                    the training data's frequencies
        seed        0 or more; None takes a fresh one
        truncation  in (0, 1]: how far the noise reaches; smaller is safer and less varied
        Raises UsageError for anything else.
        """
        images, _ = self.sample(n, labels, seed, truncation=truncation)
        return images if self.config.makes_points else images.transpose(0, 2, 3, 1)

    def sample(
        self,
        n: int,
        labels: int | str | Sequence[int | str] | np.ndarray | None = None,
        seed: int | None = None,
        *,
        truncation: float = 1.0,
    ) -> tuple[np.ndarray, np.ndarray | None]:
        """Return images uint8 (n, C, H, W) and their classes int64 (n,), None without classes.

        Of a model of points: float32 (n, D).
        """
        n = whole_number(n, "the number of samples")
        settings.require(n >= 1, "the number of samples", "1 or more", n)
        most = _MOST_BYTES // (math.prod(self.config.shape.sizes) * self._bytes_each)
        what = "the number of samples of that size"
        settings.require(n <= most, what, f"at most {most:,} at once", n)
        right = isinstance(truncation, float | int | np.number) and 0 < truncation <= 1
        settings.require(right, "truncation", "above 0, at most 1", truncation)
        seed = secrets.randbits(63) if seed is None else whole_number(seed, "seed")
        settings.require(0 <= seed < 2**63, "seed", "from 0 to 2**63 - 1", seed)
        asked = None if labels is None else class_numbers(labels, n, self.config.class_names)
        images, classes = [], []
        for first in range(0, n, CHUNK):
            count = min(CHUNK, n - first)
            noise, drawn = latents(
                self.config.latent,
                self.config.frequencies,
                seed=seed,
                name="sample",
                draw=first // CHUNK,
                count=CHUNK,
            )
            if asked is not None:
                drawn = torch.zeros(CHUNK, dtype=torch.int64)
                drawn[:count] = torch.from_numpy(asked[first : first + count])
            if drawn is not None and self.config.class_names:  # clusters say nothing to anybody
                classes.append(drawn[:count].numpy())
            for start in range(0, count, BATCH):
                rows = slice(start, start + BATCH)
                made = self.images_from(
                    noise[rows] * truncation, None if drawn is None else drawn[rows]
                )
                images.append(made[: count - start])
        return np.concatenate(images), np.concatenate(classes) if classes else None

    @torch.inference_mode()
    def images_from(self, noise: torch.Tensor, labels: torch.Tensor | None) -> np.ndarray:
        """Return the images uint8 (N, C, H, W), or points (N, D), of noise float32 (N, size).

        `labels` int64 (N,) are classes or clusters, as the model has; (N, P) where each of P
        channels has clusters of its own; None where it has neither.
        """
        device = next(self.network.parameters()).device
        signal = self.network(noise.to(device), None if labels is None else labels.to(device))
        if not bool(torch.isfinite(signal).all()):
            raise NotFiniteError("the generator's output is not finite: its weights are broken")
        if self.config.makes_points:
            points: np.ndarray = signal.float().mul(self.config.scale).cpu().numpy()
            return points
        pixels = signal.add(1).mul(127.5).round_().clamp_(0, 255).to(torch.uint8)
        images: np.ndarray = pixels.contiguous().cpu().numpy()
        return images
