"""What somebody wants measured -> its generator, the data to compare it with, the figures."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from ganvas import data as data_room
from ganvas.data.arrays import from_arrays
from ganvas.data.images import DataSet
from ganvas.errors import UsageError
from ganvas.evaluation import evaluate_generator
from ganvas.model import Generator, load_generator
from ganvas.recipe import DataSettings
from ganvas.run import Run
from ganvas.runlog import RunDirectory

__all__ = ["evaluate"]


def evaluate(
    what: str | Path | Run | Generator,
    data: str | tuple[Any, ...] | np.ndarray | DataSet | None = None,
    samples: int = 10_000,
    seed: int = 0,
    *,
    metrics: Sequence[str] | None = None,
    data_dir: str | Path | None = None,
    progress: Callable[[int, int | None], None] | None = None,
) -> dict[str, Any]:
    """Return the figures of `samples` samples, each beside that of real images.

    what      a run or its directory, a model folder, a shipped model's name, or a generator
    data      a data set's name, or arrays as `ganvas.train` takes them; None: what the model
              was trained on. A run's own held-out images stay held out.
    metrics   names, None for all that can be had
    progress  is told (done, total) bytes while data is downloaded

    The result is what `ganvas eval --json` prints: data, split, judge, samples, seed and, by
    name, each metric's `value`, `real` and `higher_is_better`.

    Raises UsageError for what cannot be measured, DataError for damaged files.
    """
    if isinstance(what, Run):
        what = what.directory
    generator = what if isinstance(what, Generator) else load_generator(what)
    settings, folder = _trained_on(what, generator)
    name = settings.name if data is None else data
    where = data_dir if data_dir is not None else folder
    dataset = _load(name, settings.held_out, None if where is None else Path(where), progress)
    found = evaluate_generator(generator, dataset, samples=samples, seed=seed, metrics=metrics)
    if found is None:
        raise UsageError(
            f"there is nothing to measure {dataset.name} with: no judge knows it, or no image "
            "was left unseen in training; name other data that is like it"
        )
    return found


def _trained_on(
    what: str | Path | Generator, generator: Generator
) -> tuple[DataSettings, str | None]:
    """Return the data settings of the run behind a model, and the folder its data came from."""
    if not isinstance(what, Generator):
        for path in (Path(what), Path(what).absolute().parent):
            directory = RunDirectory(path)
            if (path / "recipe.json").is_file() and (directory.model / "config.json").is_file():
                return directory.read_recipe().data, directory.read_environment().get("data_dir")
    return DataSettings(name=generator.config.data), None


def _load(
    data: str | tuple[Any, ...] | np.ndarray | DataSet,
    held_out: int,
    data_dir: Path | None,
    progress: Callable[[int, int | None], None] | None,
) -> DataSet:
    if isinstance(data, DataSet):
        return data
    if not isinstance(data, str):
        images, labels = data if isinstance(data, tuple) else (data, None)
        return from_arrays(images, labels, held_out=min(held_out, len(images) // 12))
    if data == "arrays":
        raise UsageError("the model was trained on arrays that are not kept; say what data to use")
    return data_room.load(data, data_dir=data_dir, held_out=held_out, progress=progress)
