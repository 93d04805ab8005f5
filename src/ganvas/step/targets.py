"""D's loss with the answers it is taught: smoothed, flipped now and then, averaged as published."""

from collections.abc import Callable
from functools import partial

import torch
from torch import Tensor, nn

from ganvas.errors import UsageError
from ganvas.losses import LOSSES, AdversarialLoss
from ganvas.nets.blocks import couples_images
from ganvas.recipe import Recipe, TargetSettings
from ganvas.rng import RowGenerator, draw_rows, stream
from ganvas.step.view import Logits, Side

__all__ = ["Place", "game_loss", "is_plain", "require_class_scores", "shares_pass"]
__all__ += ["side_losses"]

Place = Callable[..., None]


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


def require_class_scores(recipe: Recipe, discriminator: nn.Module) -> None:
    """Raise UsageError where D is to learn wrong classes and scores none."""
    weighs_classes = recipe.loss.class_weight and recipe.conditioning in ("class", "clusters")
    if weighs_classes and not hasattr(discriminator, "class_logits"):
        raise UsageError(
            f"loss.class_weight needs a discriminator that scores every class; "
            f"'{recipe.discriminator.architecture}' does not: set it to 0"
        )


def game_loss(recipe: Recipe, logits: Logits, position: int, place: Place | None = None) -> Tensor:
    """Return D's adversarial loss; one of the two sides may be empty. `position`: of the update.

    `place` says of a generator which rows it draws for, as `View.place` does.

    An image with target t costs t * of_real + (1 - t) * of_fake: cross entropy with t for the
    non-saturating loss, (logit - t)^2 for least squares but for a constant.
    """
    game = LOSSES[recipe.loss.name]
    if is_plain(recipe) and len(logits.real) and len(logits.fake):
        return game.discriminator(real=logits.real, fake=logits.fake)
    flips: RowGenerator | None = None
    if recipe.targets.flip:
        flips = stream(recipe.seed, "label_noise", position, device=logits.real.device)
    pack = recipe.discriminator.pack
    place_side = None if place is None else partial(place, flips, pack=pack)
    sides = side_losses(game, recipe.targets, logits, flips, place_side)
    if recipe.loss.mean_over == "batch":
        return torch.cat(sides).mean()
    return torch.stack([side.mean() for side in sides if len(side)]).sum()


def side_losses(
    game: AdversarialLoss,
    targets: TargetSettings,
    logits: Logits,
    flips: torch.Generator | None = None,
    place: Callable[[Side], None] | None = None,
) -> tuple[Tensor, Tensor]:
    """Return D's loss of each real and of each fake image, float (N,) and (M,).

    `flips` draws which images are taught the other side's target; None teaches all their own.
    `place` tells it before each side which rows come next.
    """
    assert game.of_real is not None, "a recipe refuses targets where there are only pairs"
    assert game.of_fake is not None
    losses = []
    sides: list[tuple[Side, Tensor, float, float]] = [
        ("real", logits.real, targets.real, targets.fake),
        ("fake", logits.fake, targets.fake, targets.real),
    ]
    for name, side, own, other in sides:
        target = torch.full_like(side, own, dtype=torch.float32)
        if flips is not None and len(side):
            if place is not None:
                place(name)
            chance = draw_rows(
                lambda rows: torch.rand(rows, generator=flips, device=flips.device),
                len(side),
                flips,
            )
            target = torch.where(chance < targets.flip, other, target)
        losses.append(target * game.of_real(side) + (1 - target) * game.of_fake(side))
    return losses[0], losses[1]
