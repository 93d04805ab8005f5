"""The ideal of D's loss for a recipe as it stands in a file."""

from collections.abc import Mapping
from typing import Any

from ganvas.errors import UsageError
from ganvas.ideal import ideal_discriminator_loss
from ganvas.recipe import Recipe

__all__ = ["ideal_of"]


def ideal_of(recipe: Mapping[str, Any]) -> float | None:
    """Return the ideal of a recipe as recipe.json has it; None where that is no recipe of ours."""
    try:
        return ideal_discriminator_loss(Recipe.from_json(dict(recipe)))
    except UsageError:
        return None
