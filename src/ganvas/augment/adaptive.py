"""Adaptive augmentation (ADA): as much of it as keeps D from knowing its images by heart."""

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor

__all__ = ["AdaptiveProbability", "overfitting_sign"]


def overfitting_sign(*, real: Tensor, fake: Tensor, boundary: float | None) -> Tensor:
    """Return the mean of sign(D(x) - boundary) over real images: r_t (arXiv 2006.06676, eq. 1).

    0 where D does not tell real from fake, 1 where it is sure of every training image. A loss that
    gives only differences of logits a meaning has no boundary (None): then each real logit is
    compared with the mean of the fakes'. `real` (N,), `fake` (M,); a scalar float32.
    """
    border = fake.detach().float().mean() if boundary is None else boundary
    return (real.detach().float() - border).sign().mean()


class AdaptiveProbability:
    """A probability that rises while r_t is above the target, and falls while it is below.

    Every `every` updates of D it moves by (images drawn since it last moved) / `speed_images`, so
    that it takes `speed_images` real images from 0 to 1; it stays in [0, `most`]
    (arXiv 2006.06676, section 3.2: target 0.6, every 4 updates, 500,000 images).
    """

    def __init__(
        self, *, start: float, target: float, speed_images: int, most: float, every: int = 4
    ) -> None:
        self.probability = start
        self._target, self._speed_images = target, speed_images
        self._most, self._every = most, every
        self._signs: Tensor | None = None
        self._updates = 0
        self._images = 0

    def read(self, sign: Tensor | None, *, images: int) -> None:
        """Take in r_t of one update of D, a scalar, which drew so many real images.

        Without a sign (an update that says nothing of D) only the images are counted.
        """
        self._images += images
        if sign is None:
            return
        self._signs = sign if self._signs is None else self._signs + sign
        self._updates += 1
        if self._updates < self._every:
            return
        excess = float(self._signs) / self._updates - self._target
        direction = (excess > 0) - (excess < 0)
        moved = self.probability + direction * self._images / self._speed_images
        self.probability = min(max(moved, 0.0), self._most)
        self._signs, self._updates, self._images = None, 0, 0

    def state_dict(self) -> dict[str, Any]:
        """Return the probability and what was read since it last moved."""
        return {
            "probability": self.probability,
            "signs": 0.0 if self._signs is None else float(self._signs),
            "updates": self._updates,
            "images": self._images,
        }

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Restore what `state_dict` gave."""
        self.probability = float(state["probability"])
        self._updates, self._images = int(state["updates"]), int(state["images"])
        signs = torch.tensor(float(state["signs"]), dtype=torch.float32)
        self._signs = signs if self._updates else None
