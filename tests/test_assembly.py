"""A resolved recipe to its step: all weights follow from the seed, the average starts as G."""

import torch

from ganvas.assembly import make_step
from ganvas.nets import ImageShape
from ganvas.recipe import Recipe
from ganvas.recipes import get_recipe
from ganvas.step import Step

SHAPE = ImageShape(channels=1, height=8, width=8)
SMALL = {"generator.width": 8, "discriminator.width": 4, "latent.size": 4}


def step_of(recipe: Recipe, num_classes: int = 0) -> Step:
    return make_step(
        recipe,
        shape=SHAPE,
        num_classes=num_classes,
        device=torch.device("cpu"),
        precision=torch.float32,
    )


def tensors(step: Step) -> list[torch.Tensor]:
    parts = (step.generator, step.average.average, step.discriminator)
    return [tensor for part in parts for tensor in part.state_dict().values()]


def test_the_weights_follow_from_the_seed_alone() -> None:
    recipe = get_recipe("swift").with_settings(SMALL)
    torch.manual_seed(1)
    first = tensors(step_of(recipe))
    torch.manual_seed(2)
    again = tensors(step_of(recipe))
    other = tensors(step_of(recipe.with_settings({"seed": 1})))
    assert all(torch.equal(a, b) for a, b in zip(first, again, strict=True))
    assert not all(torch.equal(a, b) for a, b in zip(first, other, strict=True))


def test_the_average_starts_as_the_generator_with_memory_of_its_own() -> None:
    step = step_of(get_recipe("swift").with_settings(SMALL), num_classes=3)
    pairs = zip(step.generator.parameters(), step.average.average.parameters(), strict=True)
    for weight, average in pairs:
        assert torch.equal(weight, average)
        assert weight.data_ptr() != average.data_ptr()
        assert not average.requires_grad


def test_each_optimiser_moves_its_own_player() -> None:
    step = step_of(get_recipe("swift").with_settings(SMALL))
    assert set(step.optimizers) == {"generator", "discriminator"}
    for name, network in (("generator", step.generator), ("discriminator", step.discriminator)):
        moved = {id(p) for group in step.optimizers[name].param_groups for p in group["params"]}
        assert moved == {id(p) for p in network.parameters()}
