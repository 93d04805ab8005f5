"""A step whose settings change while it runs: what it reads is exchanged, what it learnt stays."""

from typing import Literal

from ganvas.optimizers import retune, settings_of
from ganvas.recipe import Recipe
from ganvas.step.steering import controllers_of
from ganvas.step.step import Step
from ganvas.step.targets import shares_pass

__all__ = ["restart", "revise"]


def revise(step: Step, recipe: Recipe) -> None:
    """Let `step` go on by `recipe`, which must have the same networks, procedure and optimisers.

    Learning rates and momentum, clipping, penalties, targets, augmentation and instance noise
    follow it from the next update on. Optimisers keep their moments, controllers their state.
    """
    step.recipe = step.view.recipe = recipe
    step.one_pass = shares_pass(recipe, step.discriminator)
    before = step.controllers
    step.view.shows.clear()
    step.controllers = controllers_of(step.view, recipe)
    for name in before.keys() & step.controllers.keys():
        step.controllers[name].load_state_dict(before[name].state_dict())
    for name, optimizer in step.optimizers.items():
        retune(optimizer, settings_of(recipe.optimizer, name))


def restart(step: Step, network: Literal["generator", "discriminator"], fresh: Step) -> None:
    """Begin one network anew with the weights and optimisers of `fresh`, of the same make."""
    getattr(step, network).load_state_dict(getattr(fresh, network).state_dict())
    if network == "generator":
        step.average.average.load_state_dict(fresh.average.average.state_dict())
    for name, optimizer in step.optimizers.items():
        if name.startswith(network):
            optimizer.load_state_dict(fresh.optimizers[name].state_dict())
            retune(optimizer, settings_of(step.recipe.optimizer, name))
