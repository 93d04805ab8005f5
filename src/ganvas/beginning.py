"""A new run: its directory, what is written there before the first update, and the way to its end.

A directory that stays half made is taken away again.
"""

import os
from pathlib import Path
from typing import Any

import numpy as np

from ganvas import disk
from ganvas.assistance import assist
from ganvas.conditions import num_parts, real_examples
from ganvas.course import follow, leading
from ganvas.data.images import DataSet
from ganvas.data.points import AnySet, PointSet
from ganvas.data.refused import left_out
from ganvas.diagnosis import class_counts
from ganvas.environment import describe_environment
from ganvas.errors import UsageError
from ganvas.events import Noted, Watcher
from ganvas.grid import COLUMNS
from ganvas.lock import RunLock
from ganvas.model import Start, read_start
from ganvas.recipe import Recipe
from ganvas.resumption import require_room
from ganvas.run import Run
from ganvas.runlog import RunDirectory, new_run_directory
from ganvas.scatter import SHOWN_POINTS, points_to_picture
from ganvas.signals import StopRequest
from ganvas.trainer import Trainer
from ganvas.training import Training

__all__ = ["begin_run", "read_fitting"]

_MOST_REFUSED = 100  # files that env.json names


def begin_run(
    training: Training,
    tell: Watcher,
    out: Path,
    name: str | None,
    *,
    init_from: str | os.PathLike[str] | None,
    place: dict[str, Any],
) -> Run:
    """Train from the first update in a new directory below `out`, and return the run.

    `name`: of the directory, None for one that is free. `init_from`: a run or model whose networks
    training begins from. `place`: where the data is, for env.json. The first process alone sees the
    directory; the others train along.

    Raises UsageError for networks that do not fit and a name that is taken, DiskFullError where
    there is too little room, and what `course.follow` raises.
    """
    group = training.group
    with StopRequest() as stop:
        with group.together():
            start = None
            if init_from is not None and group.leads:
                start = read_fitting(init_from, training)
        path = Path(group.first(lambda: {"path": str(_claim(training, out, name))})["path"])
        if not group.leads:
            assist(training, stop)
            return Run(path)
        with leading(group), RunLock(path):
            trainer = _prepare(training, path, start, tell, place)
            trainer.share_state()
            return follow(trainer, tell, stop)


def _claim(training: Training, out: Path, name: str | None) -> Path:
    """Return a directory of its own for a run, made where there is room for what it will write."""
    require_room(out, training, checkpoints=training.recipe.checkpoint.keep + 1)
    recipe = training.recipe
    return new_run_directory(
        out, data=training.dataset.name, recipe=recipe.name, seed=recipe.seed, name=name
    )


def _prepare(
    training: Training, path: Path, start: Start | None, tell: Watcher, place: dict[str, Any]
) -> Trainer:
    """Return the trainer of a new run; a directory that stays half made is taken away again."""
    dataset = training.dataset
    try:
        directory = RunDirectory(path)
        trainer = Trainer(
            training.recipe, dataset, directory, training.machine, tell, training.group
        )
        _begin(trainer, start, place)
        if isinstance(dataset, DataSet) and dataset.refused:
            words = left_out(dataset.refused)
            directory.log(words)
            tell(Noted(text=words))
    except BaseException:
        disk.remove_tree(path)
        raise
    return trainer


def read_fitting(where: str | os.PathLike[str], training: Training) -> Start:
    """Return the networks to begin from. Raises UsageError unless they are those of `training`."""
    start, step = read_start(where), training.step
    _require_same_parts(start, training)
    start.require_fit(generator=step.generator, discriminator=step.discriminator)
    return start


def _require_same_parts(start: Start, training: Training) -> None:
    """Raise UsageError where only one of both has clusters, or has them of each channel.

    Said before the shapes of tensors, which may even fit: ten classes, and ten clusters; 300
    clusters, and 100 of each of three channels.
    """
    has, had = training.recipe.conditioning == "clusters", start.clusters is not None
    if has != had and training.num_classes and start.config.num_conditions:
        its, ours, remedy = "clusters", "classes", "set conditioning to clusters"
        if has:
            its, ours, remedy = ours, its, "set conditioning to class"
            if not training.dataset.class_names:
                remedy = (
                    f"{training.dataset.name} has no labels, so begin from a model without classes"
                )
        raise UsageError(
            f"cannot begin from {start.where}: it tells {its} apart, this run {ours}; {remedy}"
        )
    if not has or not had or start.config.shape != training.shape:
        return
    there, here = start.config.cluster_parts, num_parts(training.recipe, training.dataset)
    if there != here:
        its, ours, channels = "of whole images", "of each channel", "together"
        if there > 1:
            its, ours, channels = ours, its, "apart"
        raise UsageError(
            f"cannot begin from {start.where}: its clusters are {its}, this run's {ours}; "
            f"set clusters.channels to {channels}"
        )


def _begin(trainer: Trainer, start: Start | None, place: dict[str, Any]) -> None:
    """Write what a new run directory begins with; take over the networks of another run."""
    directory, dataset = trainer.directory, trainer.dataset
    directory.write_recipe(trainer.recipe)
    directory.write_environment(
        {
            **describe_environment(trainer.machine, dataset.digest),
            **({"job": trainer.group.job} if trainer.group.job else {}),
            **place,
            **_origin_of(start),
            **_without(dataset),
            "training_images": len(dataset.train),
            "class_counts": class_counts(dataset),
        }
    )
    directory.write_grid("reals.png", *_shown(trainer.recipe, dataset))
    if start is not None:
        trainer.clusters = start.clusters
        trainer.step.begin_from(generator=start.generator, discriminator=start.discriminator)
        directory.log(f"begins from the networks of {start.where}, fresh optimisers")
    _ = trainer.clusters  # found now, while a run that cannot have them leaves nothing behind


def _without(dataset: AnySet) -> dict[str, Any]:
    """Return, for env.json, how many files could not be read, and the first of them."""
    refused = dataset.refused if isinstance(dataset, DataSet) else ()
    if not refused:
        return {}
    named = [{"name": bad.name, "reason": bad.reason} for bad in refused[:_MOST_REFUSED]]
    return {"num_refused": len(refused), "refused": named}


def _shown(recipe: Recipe, dataset: AnySet) -> tuple[np.ndarray, int]:
    """Return the images uint8 (N, C, H, W) of the picture of real data, and its columns."""
    if isinstance(dataset, PointSet):
        some = dataset.train.points[:SHOWN_POINTS]
        return points_to_picture(some, dataset.scale)[None, None], 1
    return real_examples(recipe, dataset.train), COLUMNS


def _origin_of(start: Start | None) -> dict[str, Any]:
    """Return what env.json says of the networks that a run begins from."""
    if start is None:
        return {}
    return {
        "init_from": {
            "model": start.where,
            "generator": start.config.model_digest,
            "discriminator": start.config.discriminator_digest,
        }
    }
