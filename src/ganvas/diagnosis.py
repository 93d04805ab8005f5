"""What the doctor says of a run, by its files, or of data before anything is trained on it."""

from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np

from ganvas.data.points import AnySet, PointSet
from ganvas.doctor import Doctor, Facts, Finding, by_weight
from ganvas.doctor.checks.data import count_signs, figure_signs
from ganvas.doctor.finding import finding_of
from ganvas.errors import GanvasError
from ganvas.evaluation.data_figures import data_figures
from ganvas.plan import budget_to_images
from ganvas.procedure import make_procedure
from ganvas.recipe import Recipe
from ganvas.recipes import RECIPES, get_recipe
from ganvas.run import find_run
from ganvas.runlog import RunDirectory

__all__ = [
    "class_counts",
    "diagnose_data",
    "diagnose_run",
    "facts_of",
    "published_recipe",
    "retell_run",
]


def class_counts(dataset: AnySet) -> dict[str, int]:
    """Return how many training images each class has; {} without classes."""
    labels = dataset.train.labels
    if labels is None:
        return {}
    counts = np.bincount(labels, minlength=dataset.num_classes)
    return dict(zip(dataset.class_names, map(int, counts), strict=True))


def facts_of(recipe: Recipe, dataset: AnySet, total_images: int) -> Facts:
    """Return what the doctor knows before the first update."""
    return Facts(
        recipe=recipe,
        total_images=total_images,
        num_train=len(dataset.train),
        class_counts=class_counts(dataset),
        published=published_recipe(recipe),
    )


def published_recipe(recipe: Recipe) -> Recipe | None:
    """Return the recipe of that name without any setting changed; None where there is none."""
    return get_recipe(recipe.name) if recipe.name in RECIPES else None


def diagnose_run(path: str | Path) -> list[Finding]:
    """Return what was found in a run and was not over, the most serious first.

    It follows from recipe.json, metrics.jsonl and status.json alone, so it can be said of a run
    under way and of one that had no doctor; what its files lack is not looked at.

    Raises UsageError for what is no run directory, DataError for a damaged file.
    """
    return _reread(path)[0].open


def retell_run(path: str | Path) -> list[Finding]:
    """Return all that the doctor says in the course of a run, in its order, what is over too.

    From the same files, and with the same errors, as `diagnose_run`.
    """
    return _reread(path)[1]


def diagnose_data(dataset: AnySet) -> list[Finding]:
    """Return what will hurt training on a data set: few, unbalanced, copied, mislabelled images.

    `data_figures` of 2,000 images, or of all there are.
    """
    signs = list(count_signs(len(dataset.train), class_counts(dataset)))
    if not isinstance(dataset, PointSet):
        signs += figure_signs(data_figures(dataset, most=2_000))
    return by_weight(finding_of(sign, images=0, since_images=0) for sign in signs)


def _reread(path: str | Path) -> tuple[Doctor, list[Finding]]:
    directory = find_run(path)
    doctor = Doctor(_facts_from_files(directory, directory.read_recipe()))
    told = doctor.begin() + doctor.read_all(directory.read_metrics("images", dict))
    with suppress(GanvasError):
        status = directory.read_status()
        if status["status"] == "diverged":
            reason = str(status.get("reason", ""))
            told.append(doctor.diverge(reason, int(status["images"])))
    return doctor, told


def _facts_from_files(directory: RunDirectory, recipe: Recipe) -> Facts:
    noted: dict[str, Any] = {}
    with suppress(GanvasError):
        noted = directory.read_environment()
    num_train, counts = noted.get("training_images"), noted.get("class_counts")
    num_train = num_train if isinstance(num_train, int) else None
    total = 0
    if num_train is not None or recipe.budget.unit in ("images", "steps"):
        procedure = make_procedure(recipe, pairs_real=recipe.loss.name == "relativistic")
        total = budget_to_images(recipe.budget, procedure, num_train or 1)
    else:
        with suppress(GanvasError):
            total = int(directory.read_status()["images"])
    return Facts(
        recipe=recipe,
        total_images=max(1, total),
        num_train=num_train,
        class_counts=counts if isinstance(counts, dict) else None,
        published=published_recipe(recipe),
    )
