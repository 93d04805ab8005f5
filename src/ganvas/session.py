"""One training run from request to finished directory: the room behind `ganvas train`.

Everything that can be refused is refused before the run directory is made.
"""

from collections.abc import Mapping
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import torch

from ganvas import disk
from ganvas.assistance import assist
from ganvas.course import follow, leading
from ganvas.data.arrays import Layout
from ganvas.data.images import DataSet
from ganvas.data.points import AnySet, PointSet
from ganvas.data.refused import left_out
from ganvas.data.request import names_points, origin, to_data
from ganvas.data.store.keep import keep_arrays
from ganvas.device import Machine, use_machine
from ganvas.diagnosis import class_counts
from ganvas.distributed.opening import open_group
from ganvas.environment import describe_environment
from ganvas.events import Event, Noted, Watcher
from ganvas.grid import COLUMNS, examples
from ganvas.group import Group
from ganvas.lock import RunLock
from ganvas.model import Start, read_start
from ganvas.plan import DataFacts, require_shareable, resolve, speed_trial
from ganvas.recipe import Budget, MachineSettings, Recipe
from ganvas.recipes import DEFAULTS, make_recipe
from ganvas.restart import go_on, run_of_job
from ganvas.resumption import require_room, require_same_data, resume, room_needed
from ganvas.run import Run
from ganvas.runlog import RunDirectory, new_run_directory
from ganvas.scatter import SHOWN_POINTS, points_to_picture
from ganvas.signals import StopRequest
from ganvas.tensorboard import TensorBoard
from ganvas.trainer import Trainer
from ganvas.training import Training

__all__ = ["plan", "rehearse", "resume", "train"]

_SPEED_TEST_IMAGES = 1_024
_SPEED_TEST_SECONDS = 10.0
_MOST_REFUSED = 100  # files that env.json names


def train(
    data: str | tuple[Any, ...] | np.ndarray | AnySet = "mnist",
    *,
    recipe: str | Recipe | None = None,
    images: int | None = None,
    epochs: float | None = None,
    steps: int | None = None,
    minutes: float | None = None,
    seed: int | None = None,
    out: str | Path = "runs",
    name: str | None = None,
    unconditional: bool = False,
    settings: Mapping[str, Any] | None = None,
    data_dir: str | Path | None = None,
    layout: Layout = "auto",
    init_from: str | Path | None = None,
    tensorboard: bool = False,
    watcher: Watcher | None = None,
    group: Group | None = None,
) -> Run:
    """Train a generator and return its run.

    data      a data set's name, or arrays: images, or (images, labels), as `from_arrays` takes
    recipe    its name or itself; None: the default for images, or that for points
    images, epochs, steps, minutes   at most one: the budget, else the recipe's own
    settings  dotted names of the recipe's settings to replace
    init_from a run or a model whose networks G and D training begins from, with fresh optimisers
    tensorboard  write TensorBoard's event files into the run's folder `tensorboard/` as well
    layout    of arrays: NHW, NHWC or NCHW, told by their shape unless given
    group     the processes that train together; None: those that torchrun started with this one
    Only the first process writes and tells. One that torchrun started again goes on with the run
    that its job began.
    Raises UsageError for what cannot be asked, DivergedError (with the run's directory in its
    message) when training produced numbers that are not finite.
    """
    tell = TensorBoard(watcher or _ignore) if tensorboard else watcher or _ignore
    is_points = isinstance(data, PointSet) or names_points(data)
    chosen = make_recipe(
        recipe or DEFAULTS["points" if is_points else "images"],
        budget={"images": images, "epochs": epochs, "steps": steps, "minutes": minutes},
        seed=seed,
        unconditional=unconditional,
        settings=settings,
    )

    def load() -> AnySet:
        found = to_data(data, held_out=chosen.data.held_out, data_dir=data_dir, layout=layout)
        return keep_arrays(found) if isinstance(found, DataSet) else found

    with open_group() if group is None else nullcontext(group) as joined:
        dataset = joined.in_order(load)
        begun = joined.first(lambda: run_of_job(Path(out), name, joined))
        if begun:
            return go_on(begun, dataset, joined, data_dir=data_dir, watcher=tell)
        resolved, machine = plan(chosen, dataset, joined)
        training = Training(resolved, dataset, machine, joined)
        with StopRequest() as stop:
            # From here on there is a directory that must not stay half made.
            start: Start | None = None

            def make() -> dict[str, Any]:
                nonlocal start
                start = None if init_from is None else _read_fitting(init_from, training)
                require_room(Path(out), training, checkpoints=resolved.checkpoint.keep + 1)
                made = new_run_directory(
                    Path(out), data=dataset.name, recipe=chosen.name, seed=chosen.seed, name=name
                )
                return {"path": str(made)}

            path = Path(joined.first(make)["path"])
            if not joined.leads:
                assist(training, stop)
                return Run(path)
            with leading(joined), RunLock(path):
                try:
                    directory = RunDirectory(path)
                    trainer = Trainer(resolved, dataset, directory, machine, tell, joined)
                    _begin(trainer, start, origin(dataset, data_dir, layout))
                    if isinstance(dataset, DataSet) and dataset.refused:
                        words = left_out(dataset.refused)
                        trainer.directory.log(words)
                        tell(Noted(text=words))
                except BaseException:
                    disk.remove_tree(path)
                    raise
                trainer.share_state()
                return follow(trainer, tell, stop)


def _read_fitting(where: str | Path, training: Training) -> Start:
    """Return the networks to begin from. Raises UsageError unless they are those of `training`."""
    start, step = read_start(where), training.step
    start.require_fit(generator=step.generator, discriminator=step.discriminator)
    return start


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
    directory.write_grid("reals.png", *_shown(dataset))
    if start is not None:
        trainer.clusters = start.clusters
        trainer.step.begin_from(generator=start.generator, discriminator=start.discriminator)
        directory.log(f"begins from the networks of {start.where}, fresh optimisers")


def _without(dataset: AnySet) -> dict[str, Any]:
    """Return, for env.json, how many files could not be read, and the first of them."""
    refused = dataset.refused if isinstance(dataset, DataSet) else ()
    if not refused:
        return {}
    named = [{"name": bad.name, "reason": bad.reason} for bad in refused[:_MOST_REFUSED]]
    return {"num_refused": len(refused), "refused": named}


def plan(recipe: Recipe, dataset: AnySet, group: Group | None = None) -> tuple[Recipe, Machine]:
    """Return the resolved recipe and the machine; sets this process's number of threads.

    A budget in minutes is turned into images here, by the speed of a short trial. The recipe is
    that of the first process of the group, whose images all must have.
    """
    group = group or Group()
    facts = DataFacts(
        name=dataset.name,
        num_train=len(dataset.train),
        num_held_out=len(dataset.held_out),
        num_classes=dataset.num_classes,
        kind=dataset.kind,
    )
    with group.together():
        resolved = resolve(recipe, facts)
        require_shareable(resolved, group.size)
        machine = use_machine(resolved.machine, group)
        minutes = resolved.budget.amount if resolved.budget.unit == "minutes" else None
        if minutes is not None:
            resolved = replace(resolved, budget=Budget(amount=_SPEED_TEST_IMAGES, unit="images"))
        # Built and thrown away: what the networks refuse is refused before anything is written.
        short, longer = speed_trial(resolved)
        trial = Training(short, dataset, machine, group)
    if minutes is not None:
        speed = trial.measure_speed(_SPEED_TEST_IMAGES, most_seconds=_SPEED_TEST_SECONDS)
        images = max(1, round(minutes * 60 * speed / longer))
        resolved = replace(resolved, budget=Budget(amount=images, unit="images"))
    # Decided once: a resumed run computes as it began, wherever it goes on.
    decided = MachineSettings(
        device=str(machine.device) if group.size == 1 else machine.device.type,
        threads=machine.threads,
        precision="bfloat16" if machine.precision is torch.bfloat16 else "float32",
    )
    resolved = replace(resolved, machine=decided)
    if group.size > 1:
        said = group.first(lambda: {"recipe": resolved.to_json(), "data": dataset.digest})
        with group.together():
            require_same_data(dataset, said["data"])
            resolved = Recipe.from_json(said["recipe"])
            machine = replace(use_machine(resolved.machine, group), why=machine.why)
    return resolved, machine


def rehearse(
    recipe: Recipe,
    dataset: AnySet,
    *,
    init_from: str | Path | None = None,
    group: Group | None = None,
) -> tuple[Recipe, dict[str, Any]]:
    """Return what `train` would do, and write nothing: the resolved recipe, and plain facts.

    The facts: images drawn in all, iterations, training images, each network's parameters, bytes
    of disk that the run takes at most, about, and the machine in words.
    Raises UsageError for networks at `init_from` that do not fit.
    """
    resolved, machine = plan(recipe, dataset, group)
    training = Training(resolved, dataset, machine, group)
    if init_from is not None:
        with training.group.together():
            _read_fitting(init_from, training)
    networks = {"generator": training.step.generator, "discriminator": training.step.discriminator}
    return resolved, {
        "images": training.total_images,
        "iterations": training.total_images // training.procedure.images_per_iteration,
        "training_images": len(dataset.train),
        **{
            f"{name}_parameters": sum(part.numel() for part in network.parameters())
            for name, network in networks.items()
        },
        "disk_bytes": room_needed(training, checkpoints=resolved.checkpoint.keep + 1),
        "machine": str(machine),
    }


def _shown(dataset: AnySet) -> tuple[np.ndarray, int]:
    """Return the images uint8 (N, C, H, W) of the picture of real data, and its columns."""
    if isinstance(dataset, PointSet):
        some = dataset.train.points[:SHOWN_POINTS]
        return points_to_picture(some, dataset.scale)[None, None], 1
    return examples(dataset.train.images, dataset.train.labels), COLUMNS


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


def _ignore(event: Event) -> None:
    """Watch nothing."""
