"""What somebody wants measured -> its generator, the data to compare it with, the figures."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from ganvas.data.images import DataSet
from ganvas.data.request import to_dataset
from ganvas.errors import UsageError
from ganvas.evaluation import evaluate_generator
from ganvas.model import Generator, load_generator
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
    config = generator.config
    where = data_dir if data_dir is not None else _data_folder(what)
    dataset = to_dataset(
        config.data if data is None else data,
        held_out=config.held_out,
        data_dir=where,
        progress=progress,
    )
    if data is None and dataset.digest != config.data_digest:
        raise UsageError(
            f"{dataset.name} is no longer what the model was trained on: expected "
            f"{config.data_digest}, found {dataset.digest}; name the data to measure all the same"
        )
    found = evaluate_generator(generator, dataset, samples=samples, seed=seed, metrics=metrics)
    if found is None:
        raise UsageError(
            f"there is nothing to measure {dataset.name} with: no judge knows it, or no image "
            "was left unseen in training; name other data that is like it"
        )
    return found


def _data_folder(what: str | Path | Generator) -> str | None:
    """Return the folder that the data of the run behind a model came from, where one is noted."""
    if isinstance(what, Generator):
        return None
    path = Path(what)
    run = path.parent if path.name == "model" else path
    if not (run / "recipe.json").is_file():
        return None
    folder: str | None = RunDirectory(run).read_environment().get("data_dir")
    return folder
