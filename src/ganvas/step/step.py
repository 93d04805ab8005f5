"""Both players' updates, and all that they change."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from functools import partial
from typing import Any

import torch
from torch import Tensor, nn

from ganvas.augment import overfitting_sign
from ganvas.averaging import Average, ema_decay
from ganvas.batch import Batch, images_to_signal
from ganvas.group import Group
from ganvas.losses import LOSSES
from ganvas.nets.global_norm import share_batch_norms
from ganvas.optimizers import advance, clear_gradients, set_rate, settings_of, weights_of
from ganvas.procedure import Share, Update
from ganvas.recipe import Recipe
from ganvas.step.controller import Controller
from ganvas.step.dropout import Randomness
from ganvas.step.fakes import Fakes
from ganvas.step.gap import GapAware
from ganvas.step.gauge import Gauge
from ganvas.step.judgement import Report, discriminator_loss, real_of
from ganvas.step.state import load_state, state_of
from ganvas.step.steering import controllers_of
from ganvas.step.targets import require_class_scores, shares_pass, side_losses
from ganvas.step.view import Logits, View

__all__ = ["Step"]


class Step:
    """Both players and all that training changes in them.

    `optimizers` maps the names that updates use to optimisers whose groups carry their base
    learning rate as `base_lr`. `average` follows `generator` at the end of each iteration.
    `view` is how D sees images; `controllers` read every report, and are saved by their names.
    `one_pass`: D's backward pass serves both players where they learn at once.
    `group`: the processes that share each update, its gradients, reports and batch norms.
    `gauge`, where there is one, measures the updates and changes nothing.
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
        group: Group | None = None,
    ) -> None:
        self.recipe = recipe
        self.generator = generator.train()
        self.discriminator = discriminator.train()
        self.optimizers = dict(optimizers)
        self.average = average
        self.group = group or Group()
        if self.group.size > 1:
            share_batch_norms(self.generator, self._gather)
            share_batch_norms(self.discriminator, self._gather)
        self.counts = dict.fromkeys(self.optimizers, 0)
        self._device = next(generator.parameters()).device
        self.view = View(recipe, discriminator, precision=precision, device=self._device)
        self.controllers: dict[str, Controller] = controllers_of(self.view, recipe)
        self.gauge: Gauge | None = None
        self._loss = LOSSES[recipe.loss.name]
        require_class_scores(recipe, discriminator)
        self.one_pass = shares_pass(recipe, discriminator)
        self._position = 0
        self._randomness = Randomness(self.view, self.generator)
        # Looked up once: to walk through the networks takes longer than a small layer's forward.
        self._g_weights = list(self.generator.parameters())
        self._d_weights = list(self.discriminator.parameters())
        self._fakes = Fakes(self.generator, self.view, rows=recipe.batch_size, seed=recipe.seed)

    def set_learning_rate_factor(self, factor: float) -> None:
        """Set every optimiser's learning rate to its base times `factor`, D's by its gap too."""
        gap = self.controllers.get("gap")
        for_d = gap.factor if isinstance(gap, GapAware) else 1.0
        for name, optimizer in self.optimizers.items():
            set_rate(optimizer, factor * (for_d if name.startswith("discriminator") else 1.0))

    def set_progress(self, fraction: float) -> None:
        """Say which fraction of the run's images has been drawn, for what fades on its way."""
        self.view.progress = fraction

    def carry_out(self, update: Update, batch: Batch, share: Share | None = None) -> Report:
        """Make the change that `update` asks for with the rows in `batch`.

        `share` says which rows of the whole update they are where the group has several processes.
        """
        self._position = sum(self.counts.values())
        self._randomness.begin(self._position, share)
        if batch.real is not None:
            batch = replace(batch, real=images_to_signal(batch.real))
        act: dict[str, Callable[[Update, Batch], Report]] = {
            "discriminator": self._update_discriminator,
            "generator": self._update_generator,
            "both": self._update_both,
            "nobody": lambda update, batch: {},
        }
        report = act[update.player](update, batch)
        for name in update.optimizer:
            self.counts[name] += 1
        for controller in self.controllers.values():
            controller.read(report, images=update.images)
            report = report | controller.figures()
        return report

    def end_iteration(self, *, images: int, new_images: int) -> None:
        """Let the average of G follow; `images` have been seen, `new_images` in this iteration."""
        self.average.update(ema_decay(self.recipe.ema, images, new_images))

    def begin_from(
        self, *, generator: Mapping[str, Tensor], discriminator: Mapping[str, Tensor]
    ) -> None:
        """Take over the weights of other networks of the same make, before any update."""
        self.generator.load_state_dict(generator)
        self.average.average.load_state_dict(generator)
        self.discriminator.load_state_dict(discriminator)

    def state_dict(self) -> dict[str, Any]:
        """Return everything that training has changed, tensors by reference."""
        return state_of(self)

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Restore what `state_dict` gave."""
        load_state(self, state)
        self._fakes.forget()

    @property
    def is_whole(self) -> bool:
        """Whether `state_dict` says all: no fakes are kept for the next update."""
        return self._fakes.is_whole

    def _gather(self, values: Tensor) -> Tensor:
        """Return the values (...) of those processes (n, ...) that have other rows than this one.

        Where each makes the whole update, as of few rows, a batch counts as large as it is.
        """
        share = self.view.share
        is_whole = share is not None and share.is_whole
        return values[None] if is_whole else self.group.gather(values)

    def _update_discriminator(self, update: Update, batch: Batch) -> Report:
        learned = batch
        if update.learns_from == "real":
            fake = real_of(batch)[:0]
        else:
            fake = self._fakes.for_discriminator(update, batch, self._position)
        if update.learns_from == "fake":
            learned = replace(batch, real=real_of(batch)[:0])
        loss, report, _ = self._discriminator_loss(update, learned, fake=fake)
        clear_gradients(self.optimizers[update.optimizer[0]])
        self.view.weigh(loss).backward()
        report = self._advance(update, report)
        made = fake if update.learns_from == "fake" else None
        return report | self._re_evaluate(update, batch, made)

    def _update_generator(self, update: Update, batch: Batch) -> Report:
        fake = self._fakes.for_generator(update, batch)
        real_logits = None
        if self.gauge is not None:
            fake.register_hook(partial(self.gauge.at_fakes, weight=self.view.weight))
        with self.view.autocast():
            look = self.view.look((fake,), batch.labels, "fake")
            if self._loss.pairs_real:
                with torch.no_grad():
                    real_logits = self.view.logits(real_of(batch), batch.real_labels, "real")
        loss = self._loss.generator(real=real_logits, fake=look.logits)
        report = {"g_loss": loss.detach()}
        if look.class_losses is not None:
            loss = loss + self._add_classes(report, look.class_losses)
        clear_gradients(self.optimizers[update.optimizer[0]])
        # D only passes the gradient through: its own would be computed and thrown away.
        moved = [*self._g_weights, *(self._d_weights if update.moves_discriminator else ())]
        self.view.weigh(loss).backward(inputs=moved)
        report = self._advance(update, report)
        return report | self._re_evaluate(update, batch, None)

    def _update_both(self, update: Update, batch: Batch) -> Report:
        with self.view.autocast():
            fake = self.generator(batch.noise, batch.labels)
        # G's gradient is taken at the fakes first and carried into G afterwards, so that the two
        # losses share D's forward pass and neither player's weights collect the other's gradient.
        at_fake = fake.detach().requires_grad_(True)
        d_loss, report, logits = self._discriminator_loss(update, batch, fake=at_fake)
        g_loss = self._loss.generator(real=logits.real, fake=logits.fake)
        report["g_loss"] = g_loss.detach()
        if logits.fake_classes is not None:
            g_loss = g_loss + self._add_classes(report, logits.fake_classes)
        d_loss, g_loss = self.view.weigh(d_loss), self.view.weigh(g_loss)
        for name in update.optimizer:
            clear_gradients(self.optimizers[name])
        if self._serves_both:
            assert self._loss.slope_ratio is not None
            d_loss.backward(inputs=[*self._d_weights, at_fake])
            assert at_fake.grad is not None
            ratio = self._loss.slope_ratio(logits.fake.detach())
            slope = at_fake.grad * ratio.view(-1, *[1] * (at_fake.dim() - 1))
        else:
            (slope,) = torch.autograd.grad(g_loss, at_fake, retain_graph=True)
            d_loss.backward(inputs=self._d_weights)
        if self.gauge is not None:
            self.gauge.at_fakes(slope, weight=self.view.weight)
        self.group.begin_mean(self._d_weights)  # D's gradients travel while G's are computed
        fake.backward(slope.to(fake.dtype))
        return self._advance(update, report, still=self._g_weights)

    def _add_classes(self, report: Report, losses: Tensor) -> Tensor:
        """Return what the fakes' classes add to G's loss, and report it without its weight."""
        loss = losses.mean()
        report["g_class_loss"] = loss.detach()
        return loss * self.recipe.loss.auxiliary_generator

    def _advance(
        self, update: Update, report: Report, still: Iterable[nn.Parameter] | None = None
    ) -> Report:
        """Make the change from the gradients, and return the report, of the whole group.

        `still`: the weights whose gradients are not yet on their way, where not all of them.
        """
        if still is None:
            still = [w for name in update.optimizer for w in weights_of(self.optimizers[name])]
        report = self.group.mean(list(still), report, self.view.weight)
        for name in update.optimizer:
            settings = settings_of(self.recipe.optimizer, name)
            if self.gauge is None:
                advance(self.optimizers[name], settings, self.counts[name])
                continue
            is_g = name == "generator"
            player, weights = ("g", self._g_weights) if is_g else ("d", self._d_weights)
            self.gauge.begin(player, weights)
            advance(self.optimizers[name], settings, self.counts[name])
            self.gauge.end(player, weights)
        return report

    @torch.no_grad()
    def _re_evaluate(self, update: Update, batch: Batch, fake: Tensor | None) -> Report:
        """Return all three losses on the same rows after the change, where they are asked for.

        `fake`: the fakes of these rows, if they are those of G as it is now.
        """
        if not update.re_evaluates:
            return {}
        if fake is None:
            with self.view.autocast():
                fake = self.generator(batch.noise, batch.labels)
        logits = self._compare(update, batch, fake=fake)
        on_real, on_fake = side_losses(self._loss, self.recipe.targets, logits)
        report = {
            "d_real_loss": on_real.mean(),
            "d_fake_loss": on_fake.mean(),
            "g_loss": self._loss.generator(fake=logits.fake),
        }
        return self.group.mean([], report, self.view.weight)

    def _discriminator_loss(
        self, update: Update, batch: Batch, *, fake: Tensor
    ) -> tuple[Tensor, Report, Logits]:
        logits = self._compare(update, batch, fake=fake)
        name = update.optimizer[-1]
        # One optimiser for D's two sides makes two updates a turn.
        sides = 2 if update.learns_from != "both" and name == "discriminator" else 1
        loss, report = discriminator_loss(
            self.recipe,
            self.view,
            batch,
            logits,
            fakes=fake,
            number=self.counts[name] // sides,
            position=self._position,
        )
        boundary = self._loss.boundary
        knows = len(logits.real) and (boundary is not None or len(logits.fake))
        if self.recipe.augment.adaptive and knows and update.fakes_from != "noise":
            report["real_sign"] = overfitting_sign(
                real=logits.real, fake=logits.fake, boundary=boundary
            )
        return loss, report, logits

    @property
    def _serves_both(self) -> bool:
        return self.one_pass and self._loss.slope_ratio is not None

    def _compare(self, update: Update, batch: Batch, *, fake: Tensor) -> Logits:
        # With two losses the fakes' gradients are not taken in D's backward pass.
        apart = update.player == "both" and not self._serves_both
        return self.view.compare(
            real=real_of(batch),
            fake=fake,
            real_labels=batch.real_labels,
            labels=batch.labels,
            joint=update.passes == "joint",
            once=not apart,
        )
