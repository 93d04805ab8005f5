"""The generator in use: a number of images, classes and a seed in, uint8 images out."""

import operator
import secrets
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import torch
from torch import nn

from ganvas import settings
from ganvas.errors import GanvasError, UsageError, did_you_mean
from ganvas.latent import latents
from ganvas.model.config import ModelConfig

__all__ = ["Generator"]

_CHUNK = 500  # latents drawn at once; part of what a seed means, so it never changes
_BATCH = 25  # images made at once, always: kernels of another size round differently


class Generator:
    """Makes images: ``generator(16, labels=3, seed=0)`` -> uint8 (16, H, W, C).

    Sample number i of a seed is the same however many are made at once.
    """

    def __init__(self, config: ModelConfig, network: nn.Module) -> None:
        self.config = config
        self.network = network.eval().requires_grad_(False)

    def __call__(
        self,
        n: int,
        labels: int | str | Sequence[int | str] | np.ndarray | None = None,
        seed: int | None = None,
        *,
        truncation: float = 1.0,
    ) -> np.ndarray:
        """Return `n` images, uint8 (n, H, W, C), values 0..255.

        labels      one class for all (number or name), or one for each image; None draws them by
                    the training data's frequencies
        seed        0 or more; None takes a fresh one
        truncation  in (0, 1]: how far the noise reaches; smaller is safer and less varied
        Raises UsageError for anything else.
        """
        images, _ = self.sample(n, labels, seed, truncation=truncation)
        return images.transpose(0, 2, 3, 1)

    def sample(
        self,
        n: int,
        labels: int | str | Sequence[int | str] | np.ndarray | None = None,
        seed: int | None = None,
        *,
        truncation: float = 1.0,
    ) -> tuple[np.ndarray, np.ndarray | None]:
        """Return images uint8 (n, C, H, W) and their classes int64 (n,), None without classes."""
        n = _whole(n, "the number of samples")
        settings.require(n >= 1, "the number of samples", "1 or more", n)
        right = isinstance(truncation, float | int | np.number) and 0 < truncation <= 1
        settings.require(right, "truncation", "above 0, at most 1", truncation)
        seed = secrets.randbits(63) if seed is None else _whole(seed, "seed")
        settings.require(0 <= seed < 2**63, "seed", "from 0 to 2**63 - 1", seed)
        asked = None if labels is None else self._labels(labels, n)
        images, classes = [], []
        for first in range(0, n, _CHUNK):
            count = min(_CHUNK, n - first)
            noise, drawn = latents(
                self.config.latent,
                self.config.class_frequencies,
                seed=seed,
                name="sample",
                draw=first // _CHUNK,
                count=_CHUNK,
            )
            if asked is not None:
                drawn = torch.zeros(_CHUNK, dtype=torch.int64)
                drawn[:count] = torch.from_numpy(asked[first : first + count])
            if drawn is not None:
                classes.append(drawn[:count].numpy())
            for start in range(0, count, _BATCH):
                rows = slice(start, start + _BATCH)
                made = self.images_from(
                    noise[rows] * truncation, None if drawn is None else drawn[rows]
                )
                images.append(made[: count - start])
        return np.concatenate(images), np.concatenate(classes) if classes else None

    @torch.inference_mode()
    def images_from(self, noise: torch.Tensor, labels: torch.Tensor | None) -> np.ndarray:
        """Return the images uint8 (N, C, H, W) of noise float32 (N, latent size)."""
        device = next(self.network.parameters()).device
        signal = self.network(noise.to(device), None if labels is None else labels.to(device))
        if not bool(torch.isfinite(signal).all()):
            raise GanvasError("the generator's output is not finite: its weights are broken")
        pixels = signal.add(1).mul(127.5).round_().clamp_(0, 255).to(torch.uint8)
        images: np.ndarray = pixels.contiguous().cpu().numpy()
        return images

    def _labels(self, labels: Any, n: int) -> np.ndarray:
        names = self.config.class_names
        if not names:
            raise UsageError("this model has no classes, so it takes no labels")
        single = isinstance(labels, str) or not isinstance(labels, Iterable)
        given = [labels] if single or getattr(labels, "ndim", None) == 0 else list(labels)
        if len(given) == 1:
            given = given * n
        if len(given) != n:
            raise UsageError(f"labels must be one for all or {n}, one for each image: {len(given)}")
        return np.array([_class_number(label, names) for label in given], dtype=np.int64)


def _class_number(label: Any, names: Sequence[str]) -> int:
    """Return the number of a class given by name or number."""
    if isinstance(label, str):
        if label in names:
            return names.index(label)
        if not label.isdecimal() or len(label) > 9:
            raise UsageError(f"no class '{label}'{did_you_mean(label, names)}")
        label = int(label)
    number = _whole(label, "a label")
    if not 0 <= number < len(names):
        raise UsageError(f"label {number} is out of range: the model has 0 to {len(names) - 1}")
    return number


def _whole(value: Any, name: str) -> int:
    """Return a whole number (NumPy's and torch's too) as Python's own."""
    try:
        number = operator.index(value)
    except TypeError:
        number = None
    if number is None or isinstance(value, bool):
        raise UsageError(f"{name} must be a whole number, not {value!r}")
    return number
