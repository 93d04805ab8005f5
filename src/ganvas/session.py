"""One training run from request to finished directory: the room behind `ganvas train`.

Everything that can be refused is refused before the run directory is made.
"""

import os
from collections.abc import Mapping
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from ganvas.beginning import begin_run, read_fitting
from ganvas.conditions import data_facts
from ganvas.data.arrays import Layout
from ganvas.data.images import DataSet
from ganvas.data.points import AnySet, PointSet
from ganvas.data.request import names_points, origin, to_data
from ganvas.data.store.keep import keep_arrays
from ganvas.device import Machine, agreed_machine, use_machine
from ganvas.distributed.opening import open_group
from ganvas.events import Watcher, unwatched
from ganvas.group import Group
from ganvas.pace import measure_speed
from ganvas.plan import require_shareable, resolve, speed_trial
from ganvas.recipe import Budget, Recipe
from ganvas.recipes import DEFAULTS, make_recipe
from ganvas.restart import go_on, run_of_job
from ganvas.resumption import require_same_data, resume, room_needed
from ganvas.run import Run
from ganvas.tensorboard import TensorBoard
from ganvas.training import Training

__all__ = ["plan", "rehearse", "resume", "train"]

_SPEED_TEST_IMAGES = 1_024
_SPEED_TEST_SECONDS = 10.0


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
    init_from: str | os.PathLike[str] | None = None,
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
    Only the first process writes and tells. torch computes with the run's number of threads from
    then on, in all of this process. One that torchrun started again goes on with the run
    that its job began.
    Raises UsageError for what cannot be asked, DivergedError (with the run's directory in its
    message) when training produced numbers that are not finite.
    """
    tell = TensorBoard(watcher or unwatched) if tensorboard else watcher or unwatched
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
        place = origin(dataset, data_dir, layout)
        return begin_run(training, tell, Path(out), name, init_from=init_from, place=place)


def plan(recipe: Recipe, dataset: AnySet, group: Group | None = None) -> tuple[Recipe, Machine]:
    """Return the resolved recipe and the machine; sets this process's number of threads.

    A budget in minutes is turned into images here, by the speed of a short trial. The recipe is
    that of the first process of the group, whose images all must have.
    """
    group = group or Group()
    with group.together():
        resolved = resolve(recipe, data_facts(dataset))
        require_shareable(resolved, group.size)
        machine = use_machine(resolved.machine, group)
        minutes = resolved.budget.amount if resolved.budget.unit == "minutes" else None
        if minutes is not None:
            resolved = replace(resolved, budget=Budget(amount=_SPEED_TEST_IMAGES, unit="images"))
        # Built and thrown away: what the networks refuse is refused before anything is written.
        short, longer = speed_trial(resolved)
        trial = Training(short, dataset, machine, group)
    if minutes is not None:
        speed = measure_speed(trial, _SPEED_TEST_IMAGES, _SPEED_TEST_SECONDS)
        images = max(1, round(minutes * 60 * speed / longer))
        resolved = replace(resolved, budget=Budget(amount=images, unit="images"))
    # Decided once: a resumed run computes as it began, wherever it goes on.
    device = str(machine.device) if group.size == 1 else machine.device.type
    resolved = replace(resolved, machine=machine.as_settings(device))
    if group.size > 1:
        said = group.first(lambda: {"data": dataset.digest})
        with group.together():
            require_same_data(dataset, said["data"])
        machine, resolved = agreed_machine(machine, resolved, group)
    return resolved, machine


def rehearse(
    recipe: Recipe,
    dataset: AnySet,
    *,
    init_from: str | os.PathLike[str] | None = None,
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
            read_fitting(init_from, training)
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
