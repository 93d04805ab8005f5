"""Named recipes: one file each, a function that returns a `Recipe`."""

from collections.abc import Callable, Mapping
from typing import Any

from ganvas.errors import UsageError, did_you_mean
from ganvas.recipe import Recipe
from ganvas.recipes import (
    cifar_cars,
    dcgan_rmsprop,
    dcgan_tf,
    dropout_cnn,
    lsgan,
    points,
    r3,
    shallow_z20,
    smooth_ez,
    sngan,
    swift,
    wgan_gp,
)
from ganvas.recipes.page import RecipePage

__all__ = [
    "DEFAULTS",
    "RECIPES",
    "RecipePage",
    "get_recipe",
    "make_recipe",
    "page_of",
    "require_kind",
]

RECIPES: dict[str, tuple[Callable[[], Recipe], RecipePage]] = {
    "swift": (swift.swift, swift.PAGE),
    "dropout-cnn": (dropout_cnn.dropout_cnn, dropout_cnn.PAGE),
    "dcgan-rmsprop": (dcgan_rmsprop.dcgan_rmsprop, dcgan_rmsprop.PAGE),
    "shallow-z20": (shallow_z20.shallow_z20, shallow_z20.PAGE),
    "cifar-cars": (cifar_cars.cifar_cars, cifar_cars.PAGE),
    "smooth-ez": (smooth_ez.smooth_ez, smooth_ez.PAGE),
    "dcgan-tf": (dcgan_tf.dcgan_tf, dcgan_tf.PAGE),
    "r3": (r3.r3, r3.PAGE),
    "sngan": (sngan.sngan, sngan.PAGE),
    "wgan-gp": (wgan_gp.wgan_gp, wgan_gp.PAGE),
    "lsgan": (lsgan.lsgan, lsgan.PAGE),
    "points": (points.points, points.PAGE),
}
"""Each recipe's maker, and what is said of it."""

DEFAULTS = {"images": "swift", "points": "points"}
"""The recipe that is taken where none is asked for, by the kind of data."""


def get_recipe(name: str) -> Recipe:
    """Return the recipe called `name`. Raises UsageError with the nearest name."""
    if name not in RECIPES:
        raise UsageError(f"unknown recipe '{name}'{did_you_mean(name, RECIPES)}")
    return RECIPES[name][0]()


_WITHOUT_CLASSES = ("none", "clusters", "unlabelled")


def make_recipe(
    recipe: str | Recipe,
    *,
    budget: Mapping[str, float | None],
    seed: int | None = None,
    unconditional: bool = False,
    settings: Mapping[str, Any] | None = None,
) -> Recipe:
    """Return the named or given recipe with a request's changes made.

    `unconditional` leaves the classes out, whatever `settings` say: `conditioning` is then what
    these say where that looks at none, else unlabelled. Raises UsageError for an unknown recipe, an
    unknown setting, and two budgets.
    """
    chosen = get_recipe(recipe) if isinstance(recipe, str) else recipe
    asked = {unit: amount for unit, amount in budget.items() if amount is not None}
    if len(asked) > 1:
        raise UsageError(f"give one budget, not {' and '.join('--' + unit for unit in asked)}")
    changes: dict[str, Any] = dict(settings or {})
    for unit, amount in asked.items():
        changes.update({"budget.unit": unit, "budget.amount": amount})
    if seed is not None:
        changes["seed"] = seed
    if unconditional:
        asked_for = changes.get("conditioning")
        changes["conditioning"] = asked_for if asked_for in _WITHOUT_CLASSES else "unlabelled"
    return chosen.with_settings(changes)


def require_kind(recipe: Recipe, kind: str, data: str) -> None:
    """Raise UsageError unless `recipe` is for the kind of data that `data` names."""
    if recipe.kind != kind:
        raise UsageError(
            f"{data} holds {kind}, and the recipe {recipe.name} makes {recipe.kind}; leave "
            f"--recipe out to take {DEFAULTS[kind]}"
        )


def page_of(name: str) -> RecipePage:
    """Return what is said of the recipe beside its settings."""
    return RECIPES[name][1]
