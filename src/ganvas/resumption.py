"""From a run directory to the training that goes on in it, from its newest whole checkpoint.

Everything that decides what is learned comes from the checkpoint, whose digests were compared:
the recipe, the digest of the data, every weight and counter. recipe.json is written again from
it. Where the data lies comes from env.json, or from whoever asks.
"""

import os
from collections.abc import Mapping
from contextlib import ExitStack, suppress
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np

from ganvas import disk
from ganvas.assistance import assist
from ganvas.checkpoint import Loaded
from ganvas.course import follow, leading
from ganvas.data.images import DataSet
from ganvas.data.named.download import Progress
from ganvas.data.points import AnySet
from ganvas.data.request import noted_layout, origin, reload, to_data
from ganvas.data.store.keep import keep_arrays
from ganvas.device import AS_ASKED, Machine, agreed_machine, use_machine
from ganvas.distributed.opening import open_group
from ganvas.environment import describe_environment, differences
from ganvas.errors import DataError, DiskFullError, GanvasError, UsageError
from ganvas.events import Noted, Watcher, unwatched
from ganvas.group import Group
from ganvas.plan import disk_bytes, require_shareable
from ganvas.recipe import Recipe
from ganvas.reopening import Opened, last_environment, reopen
from ganvas.run import Run
from ganvas.runlog import RunDirectory
from ganvas.signals import StopRequest
from ganvas.tensorboard import TensorBoard
from ganvas.trainer import Trainer
from ganvas.training import Training

__all__ = ["require_room", "require_same_data", "resume", "room_needed"]

_MOST_RESUMES = 500  # kept in env.json, which must stay readable


def resume(
    run: str | os.PathLike[str],
    *,
    images: int | None = None,
    data: str | tuple[Any, ...] | np.ndarray | AnySet | None = None,
    data_dir: str | Path | None = None,
    device: str | None = None,
    threads: int | None = None,
    progress: Progress | None = None,
    tensorboard: bool = False,
    watcher: Watcher | None = None,
    group: Group | None = None,
) -> Run:
    """Go on with a stopped run from its newest whole checkpoint, with its own recipe.

    images           a new total. The schedule is from here on that of a run of this total: a
                     learning rate that had fallen rises to where that run would have it.
    data, data_dir   where the data is now, if it was moved; it must be the same by its digest
    device, threads  another device or number of threads than the run began with; what is learned
                     is then not the same to the last bit, and a note says so
    tensorboard      write TensorBoard's event files, or go on with those there are
    group            the processes that train together; None: those that torchrun started with this
    Raises UsageError when there is no checkpoint, when the run is finished and no larger total is
    asked for, or when the data is not the same; DataError when no checkpoint is whole.
    """
    tell = TensorBoard(watcher or unwatched) if tensorboard else watcher or unwatched
    with ExitStack() as stack:
        if group is None:
            group = stack.enter_context(open_group())
        opened, said = _open(run, stack, group, images=images, device=device, threads=threads)
        recipe = Recipe.from_json(said["recipe"])
        dataset = group.in_order(lambda: _data(data, data_dir, said["noted"], recipe, progress))
        with group.together():
            require_same_data(dataset, said["digest"], since=f" since {os.fspath(run)} was trained")
            require_shareable(recipe, group.size)
            machine, recipe = _machine(recipe, said["noted"], asked=device, group=group)
        machine, recipe = agreed_machine(machine, recipe, group)
        with group.together():
            if opened is None:
                training = Training(recipe, dataset, machine, group)
            else:
                trainer = Trainer(recipe, dataset, opened.directory, machine, tell, group)
                _restore(trainer, opened, asks_more=images is not None)
        stop = stack.enter_context(StopRequest())
        if opened is None:
            assist(training, stop)
            return Run(run)
        with leading(group):
            return _follow(trainer, opened, tell, stop, data_dir)


def _open(
    run: str | os.PathLike[str], stack: ExitStack, group: Group, **asked: Any
) -> tuple[Opened | None, dict[str, Any]]:
    """Open the run's files in the first process, and return what all must know of them.

    Of the others None: the run directory need not be on their machines.
    """
    found: list[Opened] = []

    def open_run() -> dict[str, Any]:
        opened = reopen(run, stack, processes=group.size, **asked)
        found.append(opened)
        return {
            "recipe": opened.recipe.to_json(),
            "noted": opened.noted,
            "digest": opened.loaded.state["data_digest"],
        }

    said = group.first(open_run)
    return (found[0] if found else None), said


def _restore(trainer: Trainer, opened: Opened, *, asks_more: bool) -> None:
    """Let the trainer stand where the run stood. Raises UsageError where nothing is left to do.

    Where more images are asked for, a remedy that ended the run ends it no more.
    """
    directory = opened.directory
    _load(trainer, opened.loaded)
    if asks_more:
        trainer.ends_at = None
    if trainer.is_spent and _is_complete(directory):
        raise UsageError(
            f"{directory.path} is finished at {trainer.images:,} images; give a larger --images "
            "to go on"
        )
    require_room(directory.path, trainer, checkpoints=1)


def _follow(
    trainer: Trainer,
    opened: Opened,
    tell: Watcher,
    stop: StopRequest,
    data_dir: str | Path | None,
) -> Run:
    """Write that the run goes on, and go on."""
    directory, recipe, loaded = opened.directory, trainer.recipe, opened.loaded
    notes = _notes(loaded, directory, opened.kept, trainer.machine, opened.noted)
    directory.cut_metrics(trainer.images, loaded.state["metrics_length"])
    trainer.share_state()
    # From here on every checkpoint knows what was asked for, or a kill would forget it.
    if recipe != opened.kept or trainer.ends_at != loaded.state.get("ends_at"):
        trainer.save_checkpoint(patient=False)
    directory.write_recipe(recipe)
    _record(directory, opened.noted, trainer, data_dir, notes)
    for note in notes:
        directory.log(note)
        tell(Noted(text=note))
    return follow(trainer, tell, stop)


def require_same_data(dataset: AnySet, digest: str, since: str = "") -> None:
    """Raise UsageError unless `dataset` has the digest."""
    if dataset.digest != digest:
        raise UsageError(
            f"the data changed{since}: it was {digest}, now {dataset.digest}; --data names the "
            "place of the same images"
        )


def room_needed(training: Training, *, checkpoints: int) -> int:
    """Return about how many bytes a run is going to write at most; see `plan.disk_bytes`."""
    networks = training.step.generator, training.step.discriminator
    generator, discriminator = (sum(p.numel() for p in part.parameters()) for part in networks)
    return disk_bytes(
        training.recipe,
        generator=generator,
        discriminator=discriminator,
        num_images=training.total_images - training.images,
        checkpoints=checkpoints,
    )


def require_room(place: Path, training: Training, *, checkpoints: int) -> None:
    """Raise DiskFullError unless what a run is going to write fits on the disk of `place`."""
    needed = room_needed(training, checkpoints=checkpoints)
    free = disk.free_bytes(place)
    if free is not None and free < needed:
        raise DiskFullError(
            f"too little room on the disk of {place}: the run needs about {needed / 1e6:,.0f} MB, "
            f"and {free / 1e6:,.0f} MB are free; make room, or choose another --out"
        )


def _machine(
    recipe: Recipe, noted: Mapping[str, Any], *, asked: str | None, group: Group
) -> tuple[Machine, Recipe]:
    """Return the machine, and the recipe with it: a device that is not here gives way to another.

    Only one that was asked for must be there. Threads that the recipe leaves open are decided, and
    bfloat16 that nobody asked for (`noted` says so) gives way where the machine is slow with it.
    """
    if recipe.machine.precision == "bfloat16" and noted.get("precision_reason") != AS_ASKED:
        recipe = replace(recipe, machine=replace(recipe.machine, precision="auto"))
    try:
        machine = use_machine(recipe.machine, group)
    except UsageError:
        if asked is not None:
            raise
        machine = use_machine(replace(recipe.machine, device="auto"), group)
    name = str(machine.device) if group.size == 1 else machine.device.type
    return machine, replace(recipe, machine=machine.as_settings(name))


def _data(
    data: Any,
    data_dir: str | Path | None,
    noted: Mapping[str, Any],
    recipe: Recipe,
    progress: Progress | None,
) -> AnySet:
    moved = dict(noted)
    if data_dir is not None:
        moved["data_dir"] = str(Path(data_dir).resolve())
    if isinstance(data, str | Path):
        moved["data_reference"] = str(data)
        return _reload(moved, recipe, progress)
    if data is None:
        try:
            return _reload(moved, recipe, progress)
        except UsageError as error:
            raise UsageError(f"{error}; if it was moved, --data says where it is now") from None
    found = to_data(data, held_out=recipe.data.held_out)
    return keep_arrays(found) if isinstance(found, DataSet) else found


def _reload(noted: Mapping[str, Any], recipe: Recipe, progress: Progress | None) -> AnySet:
    return reload(noted, recipe.data.name, held_out=recipe.data.held_out, progress=progress)


def _load(trainer: Trainer, loaded: Loaded) -> None:
    try:
        trainer.load_state_dict(loaded.state)
    except (KeyError, TypeError, ValueError, RuntimeError) as error:
        reason = f"{type(error).__name__} {error}".partition("\n")[0]
        raise DataError(f"{loaded.path} does not fit the run's recipe: {reason}") from None


def _is_complete(directory: RunDirectory) -> bool:
    """Whether the run ended as it should: the model there, and nothing left to measure."""
    with suppress(GanvasError):  # without a status, the end is done again
        return directory.read_status()["status"] == "finished" and directory.model.is_dir()
    return False


def _notes(
    loaded: Loaded, directory: RunDirectory, kept: Recipe, machine: Machine, noted: dict[str, Any]
) -> list[str]:
    """Return what somebody who resumes this run should know, a sentence each."""
    notes = [f"a newer checkpoint was passed over: {why}" for why in loaded.passed_over]
    try:
        same = directory.read_recipe() == kept
    except GanvasError:
        same = False
    if not same:
        notes.append(
            f"{directory.path / 'recipe.json'} was changed or damaged since {loaded.path.name} was "
            "saved; the run goes on with the checkpoint's recipe"
        )
    now = describe_environment(machine, "")
    differing = differences(last_environment(noted), now)
    if differing:
        notes.append(
            "this is not what the run was trained on before, so what is learned may differ in the "
            f"last bits: {'; '.join(differing)}"
        )
    return notes


def _record(
    directory: RunDirectory,
    noted: dict[str, Any],
    trainer: Trainer,
    data_dir: str | Path | None,
    notes: list[str],
) -> None:
    """Add this resume to env.json, and where the data was found."""
    described = describe_environment(trainer.machine, trainer.dataset.digest)
    described |= {
        "at": datetime.now().astimezone().isoformat(timespec="seconds"),
        "images": trainer.images,
        "notes": notes,
    }
    before = noted.get("resumes")
    resumes = [*(before if isinstance(before, list) else []), described]
    place = origin(trainer.dataset, data_dir or noted.get("data_dir"), noted_layout(noted))
    directory.write_environment(
        {**noted, **place, "job": trainer.group.job, "resumes": resumes[-_MOST_RESUMES:]}
    )
