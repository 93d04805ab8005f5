"""The training step: carries out one `Update` and reports plain numbers. No files, no clock.

It holds what learning changes: the two networks, the named optimisers, the average of G. What
happens next is the procedure's affair, where the images come from is the trainer's.
"""

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, replace
from typing import Any

import torch
from torch import Tensor, nn

from ganvas.averaging import Average, ema_decay
from ganvas.batch import Batch, images_to_signal
from ganvas.errors import UsageError
from ganvas.losses import LOSSES, mismatch_loss
from ganvas.nets.blocks import couples_images, set_dropout_stream
from ganvas.penalties import gradient_penalty, squared_gradient_norm
from ganvas.procedure import Rows, Update
from ganvas.recipe import Recipe
from ganvas.rng import stream

__all__ = ["Report", "Step"]

Report = dict[str, Tensor]
"""What an update measured: detached scalars on the device, read only when somebody asks."""


@dataclass(frozen=True, kw_only=True, slots=True)
class _Logits:
    """D's logits of real and of fake images, float (N,), and the loss of wrong classes."""

    real: Tensor
    fake: Tensor
    mismatch: Tensor | None


class Step:
    """Both players and all that training changes in them.

    `optimizers` maps the names that updates use to optimisers whose groups carry their base
    learning rate as `base_lr`. `average` follows `generator` at the end of each iteration.
    """

    def __init__(
        self,
        recipe: Recipe,
        *,
        generator: nn.Module,
        discriminator: nn.Module,
        optimizers: Mapping[str, torch.optim.Optimizer],
        average: Average,
        precision: torch.dtype,
    ) -> None:
        self.recipe = recipe
        self.generator = generator.train()
        self.discriminator = discriminator.train()
        self.optimizers = dict(optimizers)
        self.average = average
        self.counts = dict.fromkeys(self.optimizers, 0)
        self._precision = precision
        self._device = next(generator.parameters()).device
        self._loss = LOSSES[recipe.loss.name]
        if recipe.loss.class_weight and not hasattr(discriminator, "class_logits"):
            raise UsageError(
                f"loss.class_weight needs a discriminator that scores every class; "
                f"'{recipe.discriminator.architecture}' does not: set it to 0"
            )
        # Images that influence each other's logits have no slope of their own to rescale.
        self._one_pass = not couples_images(discriminator)
        self._kept: tuple[Rows, Tensor] | None = None

    def set_learning_rate_factor(self, factor: float) -> None:
        """Set every optimiser's learning rate to its base times `factor`."""
        for optimizer in self.optimizers.values():
            for group in optimizer.param_groups:
                group["lr"] = group["base_lr"] * factor

    def carry_out(self, update: Update, batch: Batch) -> Report:
        """Make the change that `update` asks for with the rows in `batch`."""
        self._set_dropout()
        if batch.real is not None:
            batch = replace(batch, real=images_to_signal(batch.real))
        act: dict[str, Callable[[Update, Batch], Report]] = {
            "discriminator": self._update_discriminator,
            "generator": self._update_generator,
            "both": self._update_both,
        }
        report = act[update.player](update, batch)
        for name in update.optimizer:
            self.counts[name] += 1
        return report

    def end_iteration(self, *, images: int, new_images: int) -> None:
        """Let the average of G follow; `images` have been seen, `new_images` in this iteration."""
        self.average.update(ema_decay(self.recipe.ema, images, new_images))

    def state_dict(self) -> dict[str, Any]:
        """Return everything that training has changed, tensors by reference."""
        return {
            "generator": self.generator.state_dict(),
            "discriminator": self.discriminator.state_dict(),
            "average": self.average.average.state_dict(),
            "optimizers": {name: o.state_dict() for name, o in self.optimizers.items()},
            "counts": dict(self.counts),
        }

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Restore what `state_dict` gave."""
        self.generator.load_state_dict(state["generator"])
        self.discriminator.load_state_dict(state["discriminator"])
        self.average.average.load_state_dict(state["average"])
        for name, optimizer in self.optimizers.items():
            optimizer.load_state_dict(state["optimizers"][name])
        self.counts = {name: int(count) for name, count in state["counts"].items()}
        self._kept = None

    @property
    def is_whole(self) -> bool:
        """Whether `state_dict` says all: no fakes are kept for the next update."""
        return self._kept is None

    def _update_discriminator(self, update: Update, batch: Batch) -> Report:
        fake = self._fake_for_discriminator(update, batch)
        logits = self._discriminate(update, batch, fake=fake)
        loss, report = self._discriminator_loss(batch, fake, logits)
        optimizer = self.optimizers[update.optimizer[0]]
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        optimizer.step()
        return report

    def _update_generator(self, update: Update, batch: Batch) -> Report:
        fake = self._fake_for_generator(update, batch)
        real_logits = None
        with self._autocast():
            fake_logits = self.discriminator(fake, batch.labels)
            if self._loss.pairs_real:
                with torch.no_grad():
                    real_logits = self.discriminator(_real(batch), batch.real_labels)
        loss = self._loss.generator(real=real_logits, fake=fake_logits)
        optimizer = self.optimizers[update.optimizer[0]]
        optimizer.zero_grad(set_to_none=True)
        # D only passes the gradient through: its own would be computed and thrown away.
        loss.backward(inputs=list(self.generator.parameters()))
        optimizer.step()
        return {"g_loss": loss.detach()}

    def _update_both(self, update: Update, batch: Batch) -> Report:
        with self._autocast():
            fake = self.generator(batch.noise, batch.labels)
        # G's gradient is taken at the fakes first and carried into G afterwards, so that the two
        # losses share D's forward pass and neither player's weights collect the other's gradient.
        at_fake = fake.detach().requires_grad_(True)
        logits = self._discriminate(update, batch, fake=at_fake)
        g_loss = self._loss.generator(real=logits.real, fake=logits.fake)
        d_loss, report = self._discriminator_loss(batch, at_fake, logits)
        for name in update.optimizer:
            self.optimizers[name].zero_grad(set_to_none=True)
        weights = list(self.discriminator.parameters())
        if self._one_pass and self._loss.slope_ratio is not None:
            d_loss.backward(inputs=[*weights, at_fake])
            assert at_fake.grad is not None
            ratio = self._loss.slope_ratio(logits.fake.detach())
            slope = at_fake.grad * ratio[:, None, None, None]
        else:
            (slope,) = torch.autograd.grad(g_loss, at_fake, retain_graph=True)
            d_loss.backward(inputs=weights)
        fake.backward(slope.to(fake.dtype))
        for name in update.optimizer:
            self.optimizers[name].step()
        return {**report, "g_loss": g_loss.detach()}

    def _fake_for_discriminator(self, update: Update, batch: Batch) -> Tensor:
        if update.keeps_fakes:
            with self._autocast():
                fake: Tensor = self.generator(batch.noise, batch.labels)
            self._kept = (update.noise, fake)
            return fake.detach()
        if update.fakes_from == "evaluation":
            self.generator.eval()
        with torch.no_grad(), self._autocast():
            fake = self.generator(batch.noise, batch.labels)
        if update.fakes_from == "evaluation":
            self.generator.train()
        return fake

    def _fake_for_generator(self, update: Update, batch: Batch) -> Tensor:
        kept, self._kept = self._kept, None
        if kept is not None and kept[0] == update.noise:
            return kept[1]
        with self._autocast():
            fake: Tensor = self.generator(batch.noise, batch.labels)
        return fake

    def _discriminate(self, update: Update, batch: Batch, *, fake: Tensor) -> _Logits:
        """Return D's logits of the batch's real images and of `fake`."""
        real = _real(batch)
        with self._autocast():
            if update.passes == "separate":
                real_logits, mismatch = self._look(real, batch.real_labels, num_real=len(real))
                fake_logits, _ = self._look(fake, batch.labels, num_real=0)
                return _Logits(real=real_logits, fake=fake_logits, mismatch=mismatch)
            labels = None
            if batch.real_labels is not None and batch.labels is not None:
                labels = torch.cat([batch.real_labels, batch.labels])
            both = torch.cat([real, fake.to(real.dtype)])
            logits, mismatch = self._look(both, labels, num_real=len(real))
            return _Logits(real=logits[: len(real)], fake=logits[len(real) :], mismatch=mismatch)

    def _look(
        self, images: Tensor, labels: Tensor | None, *, num_real: int
    ) -> tuple[Tensor, Tensor | None]:
        """Return D's logits of `images`; of the first `num_real` also the loss of wrong classes."""
        if labels is None or not num_real or not self.recipe.loss.class_weight:
            return self.discriminator(images, labels), None
        of_classes: Tensor = self.discriminator.class_logits(images)  # type: ignore[operator]
        mismatch = mismatch_loss(of_classes[:num_real], labels[:num_real])
        return of_classes.gather(1, labels[:, None]).squeeze(1), mismatch

    def _discriminator_loss(
        self, batch: Batch, fakes: Tensor, logits: _Logits
    ) -> tuple[Tensor, Report]:
        """Return D's whole loss, and what to report of it, from the two sets of logits."""
        loss = self._loss.discriminator(real=logits.real, fake=logits.fake)
        report = {
            "d_loss": loss.detach(),
            "real_logit": logits.real.detach().float().mean(),
            "fake_logit": logits.fake.detach().float().mean(),
        }
        boundary = self._loss.boundary
        if boundary is not None:
            report["d_accuracy_real"] = (logits.real.detach() > boundary).float().mean()
            report["d_accuracy_fake"] = (logits.fake.detach() < boundary).float().mean()
        if logits.mismatch is not None:
            report["mismatch_loss"] = logits.mismatch.detach()
            loss = loss + logits.mismatch * self.recipe.loss.class_weight
        penalty = self._penalty(batch, fakes.detach().float())
        if penalty is not None:
            report["penalty"] = penalty.detach()
            loss = loss + penalty * self.recipe.penalty.every
        return loss, report

    def _penalty(self, batch: Batch, fakes: Tensor) -> Tensor | None:
        """Return the sum of the gradient penalties that fall on this update of D, if any."""
        settings = self.recipe.penalty
        if self.counts["discriminator"] % settings.every:
            return None
        terms = []
        if settings.r1:
            norm = squared_gradient_norm(self._critic(batch.real_labels), _real(batch))
            terms.append(norm * (settings.r1 / 2))
        if settings.r2:
            norm = squared_gradient_norm(self._critic(batch.labels), fakes)
            terms.append(norm * (settings.r2 / 2))
        if settings.gradient_penalty:
            number = self.counts["discriminator"]
            mix = stream(self.recipe.seed, "penalty", number, device=self._device)
            slope = gradient_penalty(
                self._critic(batch.real_labels), real=_real(batch), fake=fakes, generator=mix
            )
            terms.append(slope * settings.gradient_penalty)
        return torch.stack(terms).sum() if terms else None

    def _critic(self, labels: Tensor | None) -> Callable[[Tensor], Tensor]:
        # Outside autocast: a penalty is a gradient of a gradient, and bfloat16 is too coarse.
        return lambda images: self.discriminator(images, labels)

    def _autocast(self) -> AbstractContextManager[Any]:
        if self._precision is torch.float32:
            return nullcontext()
        return torch.autocast(self._device.type, self._precision)

    def _set_dropout(self) -> None:
        position = sum(self.counts.values())
        for name, network in (("g", self.generator), ("d", self.discriminator)):
            set_dropout_stream(
                network,
                lambda name=name: stream(  # type: ignore[misc]
                    self.recipe.seed, f"dropout.{name}", position, device=self._device
                ),
            )


def _real(batch: Batch) -> Tensor:
    if batch.real is None:
        raise ValueError("this update needs real images, and its procedure gave none")
    return batch.real
