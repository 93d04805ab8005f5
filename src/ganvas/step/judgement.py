"""D's whole loss from its logits, the penalties that fall on an update, and the report."""

import torch
from torch import Tensor

from ganvas.batch import Batch
from ganvas.losses import LOSSES
from ganvas.penalties import gradient_penalty, squared_gradient_norm
from ganvas.recipe import Recipe
from ganvas.rng import stream
from ganvas.step.targets import game_loss
from ganvas.step.view import Logits, View

__all__ = ["Report", "discriminator_loss", "real_of"]

Report = dict[str, Tensor]
"""What an update measured: detached scalars on the device, read only when somebody asks."""


def discriminator_loss(
    recipe: Recipe,
    view: View,
    batch: Batch,
    logits: Logits,
    *,
    fakes: Tensor,
    number: int,
    position: int,
) -> tuple[Tensor, Report]:
    """Return D's whole loss and what to report of it, from the two sets of logits.

    `fakes` are the images that `logits.fake` speaks of; `number` counts D's updates before, and
    `position` those of both players. `batch.real` and `fakes` are empty where D does not learn
    from them.
    """
    loss = game_loss(recipe, logits, position, view.place)
    report = {_loss_name(logits): loss.detach()}
    report |= _report_of(logits, LOSSES[recipe.loss.name].boundary)
    if logits.mismatch is not None:
        report["mismatch_loss"] = logits.mismatch.detach()
        loss = loss + logits.mismatch * recipe.loss.class_weight
    sides = [side for side in (logits.real_classes, logits.fake_classes) if side is not None]
    if sides:
        of_classes = torch.stack([side.mean() for side in sides if len(side)]).sum()
        report["d_class_loss"] = of_classes.detach()
        loss = loss + of_classes * recipe.loss.auxiliary_discriminator
    penalty = _penalty(recipe, view, batch, fakes.detach().float(), number)
    if penalty is not None:
        report["penalty"] = penalty.detach()
        loss = loss + penalty * recipe.penalty.every
    return loss, report


def real_of(batch: Batch) -> Tensor:
    """Return the batch's real images, which its update must have asked for."""
    if batch.real is None:
        raise ValueError("this update needs real images, and its procedure gave none")
    return batch.real


def _loss_name(logits: Logits) -> str:
    """D's loss on both, or on the one kind that it learns from."""
    if len(logits.real) and len(logits.fake):
        return "d_loss"
    return "d_real_loss" if len(logits.real) else "d_fake_loss"


def _report_of(logits: Logits, boundary: float | None) -> Report:
    report = {}
    real, fake = logits.real.detach(), logits.fake.detach()
    for name, side in (("real", real), ("fake", fake)):
        if len(side):
            report[f"{name}_logit"] = side.float().mean()
    if boundary is not None:
        if len(real):
            report["d_accuracy_real"] = (real > boundary).float().mean()
        if len(fake):
            report["d_accuracy_fake"] = (fake < boundary).float().mean()
    return report


def _penalty(recipe: Recipe, view: View, batch: Batch, fakes: Tensor, number: int) -> Tensor | None:
    """Return the sum of the gradient penalties that fall on D's update `number`, if any."""
    settings = recipe.penalty
    if number % settings.every:
        return None
    terms = []
    if settings.r1 and len(real_of(batch)):
        norm = squared_gradient_norm(view.critic(batch.real_labels, "real"), real_of(batch))
        terms.append(norm * (settings.r1 / 2))
    if settings.r2 and len(fakes):
        norm = squared_gradient_norm(view.critic(batch.labels, "fake"), fakes)
        terms.append(norm * (settings.r2 / 2))
    if settings.gradient_penalty:  # a point between two images is judged as of the real one's class
        mix = stream(recipe.seed, "penalty", number, device=fakes.device)
        view.place(mix, "real")
        slope = gradient_penalty(
            view.critic(batch.real_labels, "real"), real=real_of(batch), fake=fakes, generator=mix
        )
        terms.append(slope * settings.gradient_penalty)
    return torch.stack(terms).sum() if terms else None
