"""What D is shown: the one way by which images, real and fake alike, come to D in training."""

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from typing import Any, Literal

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from ganvas.losses import mismatch_loss
from ganvas.penalties import Critic
from ganvas.procedure import Share
from ganvas.recipe import Recipe
from ganvas.rng import RowGenerator, stream

__all__ = ["Logits", "Look", "Show", "Side", "View"]

Side = Literal["real", "fake"]

Show = Callable[[Tensor, torch.Generator], Tensor]
"""Changes images float (N, C, H, W) on their way to D, differentiably, and keeps the rows' order.

All its randomness comes from the generator, which belongs to the update.
"""


@dataclass(frozen=True, kw_only=True, slots=True)
class Logits:
    """D's logits of real and of fake images, float (N,) and (M,), and the loss of wrong classes.

    N or M is 0 where D learns from one kind alone. `real_classes` (N,) and `fake_classes` (M,) are
    the losses of the classes that an auxiliary D saw in them; None where D says no class.
    """

    real: Tensor
    fake: Tensor
    mismatch: Tensor | None = None
    real_classes: Tensor | None = None
    fake_classes: Tensor | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Look:
    """What D made of images: logits (N,), and as in `Logits` the losses of wrong classes."""

    logits: Tensor
    mismatch: Tensor | None = None
    class_losses: Tensor | None = None


class View:
    """D as the updates see it: every image goes through `show` before D.

    `shows` are applied in their order to all images alike; without any, D sees images as they are.
    `progress` is the fraction of the run's images drawn so far. `share` says which rows of the
    update are this process' where it is one of several, so that each row's random numbers are those
    it would have alone.
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
        self.progress = 0.0
        self.device = device
        self.share: Share | None = None
        self._position = 0
        self._generator: RowGenerator | None = None
        self._dropout: RowGenerator | None = None

    def begin_update(
        self,
        position: int,
        share: Share | None = None,
        dropout: RowGenerator | None = None,
    ) -> None:
        """Start the random numbers of update number `position`; `dropout` are those of D's."""
        self._position, self._generator = position, None
        self.share, self._dropout = share, dropout

    @property
    def weight(self) -> float:
        """What this process' loss of the update counts in the mean over processes."""
        return 1.0 if self.share is None else self.share.weight

    def weigh(self, loss: Tensor) -> Tensor:
        """Return this process' loss such that its mean over processes is that of the update."""
        return loss if self.weight == 1 else loss * self.weight

    def show(self, images: Tensor, *sides: Side) -> Tensor:
        """Return what D sees of `images`, which are those of the `sides`, joined."""
        if self.shows and self._generator is None:
            self._generator = stream(self.recipe.seed, "shown", self._position, device=self.device)
        self.place(self._generator, *sides)
        self.place(self._dropout, *sides, pack=self.recipe.discriminator.pack)
        for show in self.shows:
            assert self._generator is not None
            images = show(images, self._generator)
        return images

    def place(self, generator: RowGenerator | None, *sides: Side, pack: int = 1) -> None:
        """Tell `generator` which rows come next: those of the `sides`, or packs of so many rows."""
        if generator is None or self.share is None:
            return
        parts = [self.share.real if side == "real" else self.share.fake for side in sides]
        generator.parts = tuple(part.packed(pack) for part in parts if part is not None)

    def logits(self, images: Tensor, labels: Tensor | None, *sides: Side) -> Tensor:
        """Return D's logits (N,) of the images of `sides` in one pass."""
        logits: Tensor = self.discriminator(self.show(images, *sides), labels)
        return logits

    def compare(
        self,
        *,
        real: Tensor,
        fake: Tensor,
        real_labels: Tensor | None,
        labels: Tensor | None,
        joint: bool,
        once: bool = False,
    ) -> Logits:
        """Return D's logits of both, joined in one pass or in two (own batch statistics).

        `once`: one backward pass will be made from them, for all the gradients that they have.
        """
        with self.autocast():
            if not joint:
                of_real = self.look((real,), real_labels, "real", num_real=len(real), once=once)
                of_fake = self.look((fake,), labels, "fake", once=once)
                return Logits(
                    real=of_real.logits,
                    fake=of_fake.logits,
                    mismatch=of_real.mismatch,
                    real_classes=of_real.class_losses,
                    fake_classes=of_fake.class_losses,
                )
            both_labels = None
            if real_labels is not None and labels is not None:
                both_labels = torch.cat([real_labels, labels])
            pairs: list[tuple[Side, Tensor]] = [("real", real), ("fake", fake)]
            sides = [side for side, images in pairs if len(images)]
            parts = tuple(images for _, images in pairs if len(images))
            look = self.look(parts, both_labels, *sides, num_real=len(real), once=once)
            # A packed D gives one logit for several images.
            num_real = len(look.logits) * len(real) // (len(real) + len(fake))
            classes = look.class_losses
            return Logits(
                real=look.logits[:num_real],
                fake=look.logits[num_real:],
                mismatch=look.mismatch,
                real_classes=None if classes is None else classes[:num_real],
                fake_classes=None if classes is None else classes[num_real:],
            )

    def critic(self, labels: Tensor | None, side: Side) -> Critic:
        """Return D as a function of images alone, one for each of a side, for the penalties."""
        # Outside autocast: a penalty is a gradient of a gradient, and bfloat16 is too coarse.
        if self._is_written and not self.shows:
            return _WrittenCritic(self.discriminator, labels)
        return lambda images: self.logits(images, labels, side)

    @property
    def _is_written(self) -> bool:
        """Whether D's gradients are written out, as `SwiftDiscriminator.is_written` says."""
        return bool(getattr(self.discriminator, "is_written", False))

    def autocast(self) -> AbstractContextManager[Any]:
        """Return the precision of the networks' passes."""
        if self.precision is torch.float32:
            return nullcontext()
        return torch.autocast(self.device.type, self.precision)

    def look(
        self,
        parts: tuple[Tensor, ...],
        labels: Tensor | None,
        *sides: Side,
        num_real: int = 0,
        once: bool = False,
    ) -> Look:
        """Return what D makes of the images of `sides`, one part of each, joined.

        Of the first `num_real` also the loss of wrong classes. `once`: as `compare` says.

        An auxiliary D's loss of an image's class is -log p(class) (arXiv 1610.09585, eq. 3).
        """
        if not any(map(len, parts)):
            return Look(logits=parts[0].new_zeros(0))
        weighs_classes = labels is not None and bool(num_real and self.recipe.loss.class_weight)
        is_written = once and self._is_written
        if self.shows or not is_written:
            images = parts[0]
            if len(parts) > 1:
                images = torch.cat([part.to(images) for part in parts])
            parts = (self.show(images, *sides),)
        if is_written:
            table = self.discriminator.joint_logits(*parts).float()  # type: ignore[operator]
            return _look_up(table, labels, num_real if weighs_classes else 0)
        (images,) = parts
        judge = getattr(self.discriminator, "judge", None)
        if judge is not None:
            assert labels is not None, "a recipe refuses an auxiliary D without classes"
            logits, classes = judge(images)
            losses = F.cross_entropy(classes.float(), labels, reduction="none")
            return Look(logits=logits, class_losses=losses)
        if not weighs_classes:
            return Look(logits=self.discriminator(images, labels))
        table = self.discriminator.class_logits(images)  # type: ignore[operator]
        return _look_up(table, labels, num_real)


@dataclass(frozen=True, slots=True)
class _WrittenCritic:
    """D as a function of images alone, which knows its slopes: a `penalties.KnowsSlopes`."""

    discriminator: Any
    labels: Tensor | None

    def __call__(self, images: Tensor) -> Tensor:
        logits: Tensor = self.discriminator(images, self.labels)
        return logits

    def squared_slopes(self, images: Tensor) -> Tensor:
        norms: Tensor = self.discriminator.squared_slopes(images, self.labels)
        return norms


def _look_up(table: Tensor, labels: Tensor | None, num_real: int) -> Look:
    """Return each image's logit from those (N, K) of every class; (N, 1) without labels.

    Of an image of several classes, labels (N, P), the mean of its classes' logits.
    """
    if labels is None:
        return Look(logits=table.squeeze(1))
    own = table.gather(1, labels.view(len(table), -1))
    return Look(
        logits=own.squeeze(1) if labels.ndim == 1 else own.mean(1),
        mismatch=mismatch_loss(table[:num_real], labels[:num_real]) if num_real else None,
    )
