"""Named recipes: one file each, a function that returns a `Recipe`."""

from collections.abc import Callable

from ganvas.errors import UsageError, did_you_mean
from ganvas.recipe import Recipe
from ganvas.recipes import dcgan_tf, swift

__all__ = ["RECIPES", "get_recipe", "summary_of"]

RECIPES: dict[str, tuple[Callable[[], Recipe], str]] = {
    "swift": (swift.swift, swift.SUMMARY),
    "dcgan-tf": (dcgan_tf.dcgan_tf, dcgan_tf.SUMMARY),
}
"""Each recipe's maker and its one-line summary."""


def get_recipe(name: str) -> Recipe:
    """Return the recipe called `name`. Raises UsageError with the nearest name."""
    if name not in RECIPES:
        raise UsageError(f"unknown recipe '{name}'{did_you_mean(name, RECIPES)}")
    return RECIPES[name][0]()


def summary_of(name: str) -> str:
    """Return one line that says what the recipe is."""
    return RECIPES[name][1]
