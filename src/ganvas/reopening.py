"""The files of a run, opened to go on with it: locked, cleared up, and what is to be learned read.

Everything that decides what is learned comes from the newest whole checkpoint.
"""

import os
from contextlib import ExitStack
from dataclasses import dataclass, replace
from typing import Any

from ganvas.checkpoint import Loaded, load_newest
from ganvas.errors import DataError, UsageError
from ganvas.lock import RunLock
from ganvas.recipe import Budget, Recipe
from ganvas.run import find_run
from ganvas.runlog import RunDirectory

__all__ = ["Opened", "last_environment", "reopen"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Opened:
    """A run whose files are this process'; `kept` is its recipe without what was asked for now."""

    directory: RunDirectory
    noted: dict[str, Any]
    loaded: Loaded
    kept: Recipe
    recipe: Recipe


def reopen(
    run: str | os.PathLike[str],
    stack: ExitStack,
    *,
    images: int | None,
    device: str | None,
    threads: int | None,
    processes: int = 1,
) -> Opened:
    """Return what the files of a run say; they are locked until `stack` is left.

    Where another number of `processes` goes on and no `threads` are asked for, the recipe leaves
    them open: the cores are divided anew.
    """
    directory = find_run(run)
    stack.enter_context(RunLock(directory.path))
    directory.sweep()
    noted = directory.read_environment()
    loaded = load_newest(directory.checkpoints)
    if loaded is None:
        raise UsageError(f"{os.fspath(run)} has no checkpoint to resume from; train it anew")
    kept = _recipe_of(loaded)
    recipe = _changed(kept, images=images, seen=_seen(loaded), device=device, threads=threads)
    if threads is None and last_environment(noted).get("processes", 1) != processes:
        recipe = replace(recipe, machine=replace(recipe.machine, threads=None))
    return Opened(directory=directory, noted=noted, loaded=loaded, kept=kept, recipe=recipe)


def last_environment(noted: dict[str, Any]) -> dict[str, Any]:
    """Return what env.json says of the machine that trained last: at the newest resume, if any."""
    resumes = noted.get("resumes")
    last = resumes[-1] if isinstance(resumes, list) and resumes else noted
    return last if isinstance(last, dict) else noted


def _recipe_of(loaded: Loaded) -> Recipe:
    try:
        return Recipe.from_json(loaded.state["recipe"])
    except KeyError:
        raise DataError(f"{loaded.path} does not say which recipe it was trained by") from None
    except UsageError as error:
        raise DataError(f"{loaded.path}: {error}") from None


def _seen(loaded: Loaded) -> int:
    images = loaded.state.get("images")
    return images if isinstance(images, int) else 0


def _changed(
    recipe: Recipe, *, images: int | None, seen: int, device: str | None, threads: int | None
) -> Recipe:
    """Return the recipe with the new total, device and threads, where any is asked for."""
    if images is not None:
        if images < seen:
            raise UsageError(f"--images {images:,} is less than the {seen:,} already drawn")
        recipe = replace(recipe, budget=Budget(amount=images, unit="images"))
    if device is not None:
        recipe = replace(recipe, machine=replace(recipe.machine, device=device))
    if threads is not None:
        recipe = replace(recipe, machine=replace(recipe.machine, threads=threads))
    return recipe
