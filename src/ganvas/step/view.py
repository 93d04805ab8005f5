"""What D is shown: the one way by which images, real and fake alike, come to D in training."""

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from ganvas.losses import mismatch_loss
from ganvas.recipe import Recipe
from ganvas.rng import stream

__all__ = ["Logits", "Show", "View"]

Show = Callable[[Tensor, torch.Generator], Tensor]
"""Changes images float (N, C, H, W) on their way to D, differentiably, and keeps the rows' order.

All its randomness comes from the generator, which belongs to the update.
"""


@dataclass(frozen=True, kw_only=True, slots=True)
class Logits:
    """D's logits of real and of fake images, float (N,) and (M,), and the loss of wrong classes.

    N or M is 0 where D learns from one kind alone.
    """

    real: Tensor
    fake: Tensor
    mismatch: Tensor | None = None


class View:
    """D as the updates see it: every image goes through `show` before D.

    `shows` are applied in their order to all images alike; without any, D sees images as they are.
    """

    def __init__(
        self,
        recipe: Recipe,
        discriminator: nn.Module,
        *,
        precision: torch.dtype,
        device: torch.device,
    ) -> None:
        self.recipe = recipe
        self.discriminator = discriminator
        self.shows: list[Show] = []
        self.precision = precision
        self._device = device
        self._position = 0
        self._generator: torch.Generator | None = None

    def begin_update(self, position: int) -> None:
        """Start the random numbers of update number `position`."""
        self._position, self._generator = position, None

    def show(self, images: Tensor) -> Tensor:
        """Return what D sees of `images`."""
        for show in self.shows:
            if self._generator is None:
                self._generator = stream(
                    self.recipe.seed, "shown", self._position, device=self._device
                )
            images = show(images, self._generator)
        return images

    def logits(self, images: Tensor, labels: Tensor | None) -> Tensor:
        """Return D's logits (N,) of images in one pass."""
        logits: Tensor = self.discriminator(self.show(images), labels)
        return logits

    def compare(
        self,
        *,
        real: Tensor,
        fake: Tensor,
        real_labels: Tensor | None,
        labels: Tensor | None,
        joint: bool,
    ) -> Logits:
        """Return D's logits of both, joined in one pass or in two (own batch statistics)."""
        with self.autocast():
            if not joint:
                real_logits, mismatch = self._look(real, real_labels, num_real=len(real))
                fake_logits, _ = self._look(fake, labels, num_real=0)
                return Logits(real=real_logits, fake=fake_logits, mismatch=mismatch)
            both_labels = None
            if real_labels is not None and labels is not None:
                both_labels = torch.cat([real_labels, labels])
            both = torch.cat([real, fake.to(real.dtype)])
            logits, mismatch = self._look(both, both_labels, num_real=len(real))
            return Logits(real=logits[: len(real)], fake=logits[len(real) :], mismatch=mismatch)

    def critic(self, labels: Tensor | None) -> Callable[[Tensor], Tensor]:
        """Return D as a function of the images alone, for the penalties."""
        # Outside autocast: a penalty is a gradient of a gradient, and bfloat16 is too coarse.
        return lambda images: self.logits(images, labels)

    def autocast(self) -> AbstractContextManager[Any]:
        """Return the precision of the networks' passes."""
        if self.precision is torch.float32:
            return nullcontext()
        return torch.autocast(self._device.type, self.precision)

    def _look(
        self, images: Tensor, labels: Tensor | None, *, num_real: int
    ) -> tuple[Tensor, Tensor | None]:
        """Return D's logits of `images`; of the first `num_real` also the loss of wrong classes."""
        if not len(images):
            return images.new_zeros(0), None
        if labels is None or not num_real or not self.recipe.loss.class_weight:
            return self.logits(images, labels), None
        of_classes: Tensor = self.discriminator.class_logits(  # type: ignore[operator]
            self.show(images)
        )
        mismatch = mismatch_loss(of_classes[:num_real], labels[:num_real])
        return of_classes.gather(1, labels[:, None]).squeeze(1), mismatch
