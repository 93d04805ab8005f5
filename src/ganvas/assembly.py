"""A resolved recipe -> its networks with fresh weights, optimisers and average: the step."""

import torch

from ganvas.averaging import Average
from ganvas.group import Group
from ganvas.nets import Shape, make_discriminator, make_generator
from ganvas.optimizers import make_optimizers
from ganvas.recipe import Recipe
from ganvas.rng import stream
from ganvas.step import Step

__all__ = ["make_step"]


def make_step(
    recipe: Recipe,
    *,
    shape: Shape,
    num_classes: int,
    device: torch.device,
    precision: torch.dtype,
    beginning: int = 0,
    group: Group | None = None,
) -> Step:
    """Return the training step at its start; its weights follow from `recipe.seed` alone.

    `num_classes` is 0 for an unconditional run; `precision` is that of the networks' passes;
    `beginning` counts how often they began anew; `group` are the processes that share its updates.
    """
    # The average starts as the generator does.
    generator, average = (
        make_generator(
            recipe.generator,
            latent_size=recipe.latent.size,
            shape=shape,
            num_classes=num_classes,
            seed=stream(recipe.seed, "initialisation.generator", beginning),
        ).to(device)
        for _ in range(2)
    )
    discriminator = make_discriminator(
        recipe.discriminator,
        shape=shape,
        num_classes=num_classes,
        seed=stream(recipe.seed, "initialisation.discriminator", beginning),
    ).to(device)
    return Step(
        recipe,
        generator=generator,
        discriminator=discriminator,
        optimizers=make_optimizers(
            recipe.optimizer,
            generator=generator,
            discriminator=discriminator,
            frozen=recipe.procedure.frozen,
        ),
        average=Average(generator, average),
        precision=precision,
        group=group,
    )
