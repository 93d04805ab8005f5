"""A recipe's named optimisers, made for one network each."""

from collections.abc import Iterable

import torch
from torch import nn

from ganvas.recipe import Optimizers, OptimizerSettings

__all__ = ["make_optimizer", "make_optimizers"]


def make_optimizer(
    settings: OptimizerSettings, parameters: Iterable[nn.Parameter]
) -> torch.optim.Optimizer:
    """Return the optimiser; each group keeps its base learning rate as `base_lr`."""
    kept = list(parameters)
    rate, betas = settings.learning_rate, (settings.beta1, settings.beta2)
    optimizer: torch.optim.Optimizer
    if settings.name == "sgd":
        optimizer = torch.optim.SGD(
            kept, rate, momentum=settings.beta1, weight_decay=settings.weight_decay, fused=True
        )
    else:
        kind = {"adam": torch.optim.Adam, "adamw": torch.optim.AdamW}[settings.name]
        optimizer = kind(
            kept, rate, betas, settings.epsilon, weight_decay=settings.weight_decay, fused=True
        )
    for group in optimizer.param_groups:
        group["base_lr"] = group["lr"]
    return optimizer


def make_optimizers(
    settings: Optimizers, *, generator: nn.Module, discriminator: nn.Module
) -> dict[str, torch.optim.Optimizer]:
    """Return the dictionary of optimisers that a procedure's updates name."""
    return {
        "generator": make_optimizer(settings.generator, generator.parameters()),
        "discriminator": make_optimizer(settings.discriminator, discriminator.parameters()),
    }
