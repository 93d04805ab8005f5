"""A recipe's named optimisers: how they are made, and how one of them makes an update."""

import math
from collections.abc import Iterable
from typing import Any

import torch
from torch import nn

from ganvas.recipe import Optimizers, OptimizerSettings

__all__ = ["advance", "clear_gradients", "make_optimizer", "make_optimizers", "retune"]
__all__ += ["set_rate", "settings_of", "weights_of"]

_SIDES = ("discriminator_real", "discriminator_fake")


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
    elif settings.name == "rmsprop":
        optimizer = torch.optim.RMSprop(
            kept,
            rate,
            alpha=settings.beta2,
            eps=settings.epsilon,
            weight_decay=settings.weight_decay,
            momentum=settings.beta1,
            foreach=True,
        )
    else:
        kind = {"adam": torch.optim.Adam, "adamw": torch.optim.AdamW}[settings.name]
        optimizer = kind(
            kept, rate, betas, settings.epsilon, weight_decay=settings.weight_decay, fused=True
        )
    for group in optimizer.param_groups:
        group["base_lr"] = group["scheduled_lr"] = group["lr"]
    return optimizer


def make_optimizers(
    settings: Optimizers,
    *,
    generator: nn.Module,
    discriminator: nn.Module,
    frozen: bool = True,
) -> dict[str, torch.optim.Optimizer]:
    """Return the dictionary of optimisers that a procedure's updates name.

    Unless D is `frozen` while G learns, G's optimiser holds D's weights, too.
    """
    moved = list(generator.parameters())
    if not frozen:
        moved += discriminator.parameters()
    names = ("discriminator",) if settings.discriminator_states == "one" else _SIDES
    return {
        "generator": make_optimizer(settings.generator, moved),
        **{
            name: make_optimizer(settings.discriminator, discriminator.parameters())
            for name in names
        },
    }


def settings_of(settings: Optimizers, name: str) -> OptimizerSettings:
    """Return the settings of the optimiser that updates call `name`."""
    return settings.generator if name == "generator" else settings.discriminator


def set_rate(optimizer: torch.optim.Optimizer, factor: float) -> None:
    """Set the scheduled learning rate: the base rate times `factor`."""
    for group in optimizer.param_groups:
        group["lr"] = group["scheduled_lr"] = group["base_lr"] * factor


def retune(optimizer: torch.optim.Optimizer, settings: OptimizerSettings) -> None:
    """Give a running optimiser other settings of the same kind; its moments stay as they are.

    The rate counts from the next `set_rate` on.
    """
    for group in optimizer.param_groups:
        group["base_lr"] = settings.learning_rate
        group["weight_decay"] = settings.weight_decay
        if "eps" in group:
            group["eps"] = settings.epsilon
        if "alpha" in group:
            group["alpha"] = settings.beta2
        if "betas" in group:
            group["betas"] = (settings.beta1, settings.beta2)
        elif "momentum" in group:
            group["momentum"] = settings.beta1


def weights_of(optimizer: torch.optim.Optimizer) -> list[nn.Parameter]:
    """Return all that an optimiser moves."""
    return [weight for group in optimizer.param_groups for weight in group["params"]]


def clear_gradients(optimizer: torch.optim.Optimizer) -> None:
    """Take away the gradients of all that an optimiser moves, as `zero_grad` does."""
    for weight in weights_of(optimizer):
        weight.grad = None


def advance(optimizer: torch.optim.Optimizer, settings: OptimizerSettings, updates: int) -> None:
    """Make one update from the gradients that lie in the weights, after `updates` before it."""
    weights = weights_of(optimizer)
    if settings.clip_value:
        nn.utils.clip_grad_value_(weights, settings.clip_value)
    if settings.clip_norm:
        nn.utils.clip_grad_norm_(weights, settings.clip_norm)
    for group in optimizer.param_groups:
        if settings.decay:
            group["lr"] = group["scheduled_lr"] / (1 + settings.decay * updates)
        if settings.bias_correction == "rate":
            # PyTorch adds epsilon to the corrected root: sqrt(v / c) + e' = (sqrt(v) + e) / sqrt(c)
            # holds for e' = e / sqrt(c).
            correction = 1 - settings.beta2 ** (updates + 1)
            group["eps"] = settings.epsilon / math.sqrt(correction)
    if isinstance(optimizer, torch.optim.Adam):
        for group in optimizer.param_groups:
            _adam_step(optimizer, group)
    else:
        optimizer.step()


def _adam_step(optimizer: torch.optim.Adam, group: dict[str, Any]) -> None:
    """Make one update of a group by the very kernel that `Adam(fused=True).step` calls.

    What `step` does around it takes longer than the kernel for weights as few as ours.
    """
    moved = [weight for weight in group["params"] if weight.grad is not None]
    if not moved:
        return
    states = [optimizer.state[weight] for weight in moved]
    for weight, state in zip(moved, states, strict=True):
        if not state:
            state["step"] = torch.zeros((), dtype=torch.float32, device=weight.device)
            state["exp_avg"] = torch.zeros_like(weight)
            state["exp_avg_sq"] = torch.zeros_like(weight)
    gradients = [weight.grad for weight in moved]
    beta1, beta2 = group["betas"]
    if beta1 == 0:
        # The running mean is the gradient itself: a third less memory to go through.
        for state, gradient in zip(states, gradients, strict=True):
            if gradient._base is None:  # a view shares its memory, which no checkpoint takes
                state["exp_avg"] = gradient
    steps = [state["step"] for state in states]
    # A number in place of the tensor would be made into one for each of them.
    torch._foreach_add_(steps, torch.ones((), device=steps[0].device), alpha=1.0)
    kernel = torch._fused_adamw_ if group["decoupled_weight_decay"] else torch._fused_adam_
    with torch.no_grad():
        kernel(
            moved,
            gradients,
            [state["exp_avg"] for state in states],
            [state["exp_avg_sq"] for state in states],
            [],
            steps,
            lr=group["lr"],
            beta1=beta1,
            beta2=beta2,
            weight_decay=group["weight_decay"],
            eps=group["eps"],
            amsgrad=False,
            maximize=False,
        )
