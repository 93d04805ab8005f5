"""The files of a run, opened to go on with it: locked, cleared up, and what is to be learned read.

Everything that decides what is learned comes from the newest whole checkpoint.
"""

from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from ganvas.checkpoint import Loaded, load_newest
from ganvas.errors import DataError, UsageError
from ganvas.lock import RunLock
from ganvas.recipe import Budget, Recipe
from ganvas.run import find_run
from ganvas.runlog import RunDirectory

__all__ = ["Opened", "reopen"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Opened:
    """A run whose files are this process'; `kept` is its recipe without what was asked for now."""

    directory: RunDirectory
    noted: dict[str, Any]
    loaded: Loaded
    kept: Recipe
    recipe: Recipe


def reopen(
    run: str | Path,
    stack: ExitStack,
    *,
    images: int | None,
    device: str | None,
    threads: int | None,
) -> Opened:
    """Return what the files of a run say; they are locked until `stack` is left."""
    directory = find_run(run)
    stack.enter_context(RunLock(directory.path))
    directory.sweep()
    noted = directory.read_environment()
    loaded = load_newest(directory.checkpoints)
    if loaded is None:
        raise UsageError(f"{run} has no checkpoint to resume from; train it anew")
    kept = _recipe_of(loaded)
    recipe = _changed(kept, images=images, seen=_seen(loaded), device=device, threads=threads)
    return Opened(directory=directory, noted=noted, loaded=loaded, kept=kept, recipe=recipe)


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
