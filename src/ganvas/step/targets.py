"""D's loss with the answers it is taught: smoothed, flipped now and then, averaged as published."""

import torch
from torch import Tensor, nn

from ganvas.losses import LOSSES, AdversarialLoss
from ganvas.nets.blocks import couples_images
from ganvas.recipe import Recipe, TargetSettings
from ganvas.rng import stream
from ganvas.step.view import Logits

__all__ = ["game_loss", "is_plain", "shares_pass", "side_losses"]


def is_plain(recipe: Recipe) -> bool:
    """Whether D's loss is the game's own: targets 1 and 0, the two sides' means added."""
    return recipe.targets.are_plain and recipe.loss.mean_over == "sides"


def shares_pass(recipe: Recipe, discriminator: nn.Module) -> bool:
    """Whether one backward pass of D can serve both players, where the loss's slopes allow it.

    Images that influence each other's logits have no slope of their own to rescale, and the slopes'
    ratio is that of the plain losses, without what classes add to both.
    """
    return (
        not couples_images(discriminator)
        and is_plain(recipe)
        and not hasattr(discriminator, "judge")
    )


def game_loss(recipe: Recipe, logits: Logits, position: int) -> Tensor:
    """Return D's adversarial loss; one of the two sides may be empty. `position`: of the update.

    An image with target t costs t * of_real + (1 - t) * of_fake: cross entropy with t for the
    non-saturating loss, (logit - t)^2 for least squares but for a constant.
    """
    game = LOSSES[recipe.loss.name]
    if is_plain(recipe) and len(logits.real) and len(logits.fake):
        return game.discriminator(real=logits.real, fake=logits.fake)
    flips = None
    if recipe.targets.flip:
        flips = stream(recipe.seed, "label_noise", position, device=logits.real.device)
    sides = side_losses(game, recipe.targets, logits, flips)
    if recipe.loss.mean_over == "batch":
        return torch.cat(sides).mean()
    return torch.stack([side.mean() for side in sides if len(side)]).sum()


def side_losses(
    game: AdversarialLoss,
    targets: TargetSettings,
    logits: Logits,
    flips: torch.Generator | None = None,
) -> tuple[Tensor, Tensor]:
    """Return D's loss of each real and of each fake image, float (N,) and (M,).

    `flips` draws which images are taught the other side's target; None teaches all their own.
    """
    assert game.of_real is not None, "a recipe refuses targets where there are only pairs"
    assert game.of_fake is not None
    losses = []
    for side, own, other in (
        (logits.real, targets.real, targets.fake),
        (logits.fake, targets.fake, targets.real),
    ):
        target = torch.full_like(side, own, dtype=torch.float32)
        if flips is not None:
            chance = torch.rand(side.shape, generator=flips, device=side.device)
            target = torch.where(chance < targets.flip, other, target)
        losses.append(target * game.of_real(side) + (1 - target) * game.of_fake(side))
    return losses[0], losses[1]
