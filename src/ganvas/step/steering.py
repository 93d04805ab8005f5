"""The parts of a step that have a state of their own and steer by the reports."""

from ganvas.ideal import ideal_discriminator_loss
from ganvas.recipe import Recipe
from ganvas.step.controller import Controller
from ganvas.step.gap import GapAware
from ganvas.step.shown import put_before
from ganvas.step.view import View

__all__ = ["controllers_of"]


def controllers_of(view: View, recipe: Recipe) -> dict[str, Controller]:
    """Give the view what D is shown; return all controllers of the recipe by their names."""
    controllers = put_before(view, recipe)
    if recipe.schedule.gap_aware:
        ideal = ideal_discriminator_loss(recipe)
        assert ideal, "the recipe refuses gap_aware for a loss whose ideal is 0"
        controllers["gap"] = GapAware(ideal)
    return controllers
