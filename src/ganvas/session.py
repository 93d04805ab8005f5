"""One training run from request to finished directory: the room behind `ganvas train`.

Everything that can be refused is refused before the run directory is made.
"""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from shutil import rmtree
from typing import Any

import numpy as np
import torch

from ganvas.card import model_card
from ganvas.checkpoint import load_checkpoint, newest_checkpoint
from ganvas.data.arrays import Layout
from ganvas.data.images import DataSet
from ganvas.data.request import origin, reload, to_dataset
from ganvas.device import Machine, choose_machine
from ganvas.environment import command_line, describe_environment
from ganvas.errors import DataError, DivergedError, GanvasError, UsageError
from ganvas.evaluation import in_words
from ganvas.events import Event, Finished, Noted, Started, Watcher
from ganvas.grid import COLUMNS, examples
from ganvas.plan import DataFacts, resolve
from ganvas.quality import measure_end, watch_discriminator, watch_quality
from ganvas.recipe import Budget, MachineSettings, Recipe
from ganvas.recipes import make_recipe
from ganvas.report.figures import has_matplotlib
from ganvas.report.validation import draw_validation
from ganvas.run import Run, find_run
from ganvas.runlog import RunDirectory, new_run_directory
from ganvas.signals import StopRequest
from ganvas.trainer import Trainer

__all__ = ["plan", "rehearse", "resume", "train"]

_SPEED_TEST_IMAGES = 1_024


def train(
    data: str | tuple[Any, ...] | np.ndarray | DataSet = "mnist",
    *,
    recipe: str | Recipe = "swift",
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
    watcher: Watcher | None = None,
) -> Run:
    """Train a generator and return its run.

    data      a data set's name, or arrays: images, or (images, labels), as `from_arrays` takes
    images, epochs, steps, minutes   at most one: the budget, else the recipe's own
    settings  dotted names of the recipe's settings to replace
    layout    of arrays: NHW, NHWC or NCHW, told by their shape unless given
    Raises UsageError for what cannot be asked, DivergedError (with the run's directory in its
    message) when training produced numbers that are not finite.
    """
    chosen = make_recipe(
        recipe,
        budget={"images": images, "epochs": epochs, "steps": steps, "minutes": minutes},
        seed=seed,
        unconditional=unconditional,
        settings=settings,
    )
    dataset = to_dataset(data, held_out=chosen.data.held_out, data_dir=data_dir, layout=layout)
    trainer_recipe, machine = plan(chosen, dataset)
    with StopRequest() as stop:  # from here on there is a directory that must not stay half made
        path = new_run_directory(
            Path(out), data=dataset.name, recipe=chosen.name, seed=chosen.seed, name=name
        )
        directory = RunDirectory(path)
        try:
            directory.write_recipe(trainer_recipe)
            directory.write_environment(
                {**describe_environment(machine, dataset.digest), **origin(dataset, data_dir)}
            )
            shown = examples(dataset.train.images, dataset.train.labels)
            directory.write_grid("reals.png", shown, COLUMNS)
            trainer = Trainer(trainer_recipe, dataset, directory, machine, watcher or _ignore)
        except BaseException:
            rmtree(path, ignore_errors=True)
            raise
        return _carry_on(trainer, watcher or _ignore, stop)


def resume(
    run: str | Path,
    *,
    images: int | None = None,
    data: tuple[Any, ...] | np.ndarray | DataSet | None = None,
    watcher: Watcher | None = None,
) -> Run:
    """Go on with a stopped run from its newest checkpoint, with its own recipe.

    `images` is a new total. Raises UsageError when there is no checkpoint, when the run is
    finished and no larger total is asked for, or when the data is no longer the same.
    """
    directory = find_run(run)
    recipe, environment = directory.read_recipe(), directory.read_environment()
    if images is not None:
        recipe = replace(recipe, budget=Budget(amount=images, unit="images"))
    if data is None:
        dataset = reload(environment, recipe.data.name, held_out=recipe.data.held_out)
    else:
        dataset = to_dataset(data, held_out=recipe.data.held_out)
    if dataset.digest != environment["data_digest"]:
        raise UsageError(
            f"the data changed since {run} was trained: it was {environment['data_digest']}, "
            f"now {dataset.digest}"
        )
    checkpoint = newest_checkpoint(directory.checkpoints)
    if checkpoint is None:
        raise UsageError(f"{run} has no checkpoint to resume from; train it anew")
    machine = _use(recipe)
    trainer = Trainer(recipe, dataset, directory, machine, watcher or _ignore)
    try:
        trainer.load_state_dict(load_checkpoint(checkpoint))
    except (KeyError, TypeError, ValueError, RuntimeError) as error:
        raise DataError(f"{checkpoint} does not fit the run's recipe: {error}") from None
    complete = directory.read_status()["status"] == "finished" and directory.model.is_dir()
    if trainer.is_spent and complete:
        raise UsageError(
            f"{run} is finished at {trainer.images:,} images; give a larger --images to go on"
        )
    with StopRequest() as stop:
        directory.write_recipe(recipe)
        directory.cut_metrics(trainer.images)
        return _carry_on(trainer, watcher or _ignore, stop)


def plan(recipe: Recipe, dataset: DataSet) -> tuple[Recipe, Machine]:
    """Return the resolved recipe and the machine; sets this process's number of threads.

    A budget in minutes is turned into images here, by the speed of a short trial.
    """
    facts = DataFacts(
        name=dataset.name,
        num_train=len(dataset.train),
        num_held_out=len(dataset.held_out),
        num_classes=dataset.num_classes,
    )
    resolved = resolve(recipe, facts)
    machine = _use(resolved)
    minutes = resolved.budget.amount if resolved.budget.unit == "minutes" else None
    if minutes is not None:
        resolved = replace(resolved, budget=Budget(amount=_SPEED_TEST_IMAGES, unit="images"))
    # Built and thrown away: what the networks refuse is refused before anything is written.
    trial = Trainer(resolved, dataset, RunDirectory(Path()), machine, _ignore)
    if minutes is not None:
        images = max(1, round(minutes * 60 * trial.measure_speed(_SPEED_TEST_IMAGES)))
        resolved = replace(resolved, budget=Budget(amount=images, unit="images"))
    # Decided once: a resumed run computes as it began, wherever it goes on.
    decided = MachineSettings(
        device=str(machine.device),
        threads=machine.threads,
        precision="bfloat16" if machine.precision is torch.bfloat16 else "float32",
    )
    return replace(resolved, machine=decided), machine


def rehearse(recipe: Recipe, dataset: DataSet) -> tuple[Recipe, dict[str, Any]]:
    """Return what `train` would do, and write nothing: the resolved recipe, and plain facts.

    The facts: images drawn in all, iterations, training images, each network's parameters,
    and the machine in words.
    """
    resolved, machine = plan(recipe, dataset)
    trainer = Trainer(resolved, dataset, RunDirectory(Path()), machine, _ignore)
    networks = {"generator": trainer.step.generator, "discriminator": trainer.step.discriminator}
    return resolved, {
        "images": trainer.total_images,
        "iterations": trainer.total_images // trainer.procedure.images_per_iteration,
        "training_images": len(dataset.train),
        **{
            f"{name}_parameters": sum(part.numel() for part in network.parameters())
            for name, network in networks.items()
        },
        "machine": str(machine),
    }


def _carry_on(trainer: Trainer, watcher: Watcher, stop: StopRequest) -> Run:
    """Train to the end of the budget or a stop, and leave a whole run directory either way."""
    directory, recipe = trainer.directory, trainer.recipe

    def tell(event: Event) -> None:
        if isinstance(event, Noted):
            directory.log(event.text)
        watcher(event)

    trainer.watch(tell)
    tell(
        Started(
            directory=directory.path,
            recipe=recipe.name,
            data=trainer.dataset.name,
            images=trainer.images,
            total_images=trainer.total_images,
            machine=str(trainer.machine),
            seed=recipe.seed,
        )
    )
    directory.log(f"training on {trainer.machine}, from {trainer.images:,} images")
    directory.write_status("running", images=trainer.images)
    evaluation = None
    try:
        watch_discriminator(trainer, tell)
        watch_quality(trainer, tell, command_line())
        status = trainer.train(stop)
        if stop.received is not None:  # also when the last image was drawn: nothing is measured
            status = "stopped"
        if status == "stopped":  # a finished run has just saved its last state and pictures
            trainer.save_checkpoint()
            trainer.write_samples()
        _save_model(trainer, None)
        if status == "finished":
            evaluation = measure_end(trainer, tell)
            _save_model(trainer, evaluation)
    except DivergedError as error:
        directory.log(str(error))
        directory.write_status("diverged", images=trainer.images, reason=str(error))
        tell(_finished(trainer, "diverged", None))
        raise DivergedError(f"{error} (run directory: {directory.path})") from None
    except BaseException as error:
        with suppress(GanvasError):  # the first error is the one to tell
            directory.write_status("failed", images=trainer.images, reason=repr(error))
        raise
    extra = {"signal": stop.received} if stop.received is not None else {}
    directory.write_status(
        status,
        images=trainer.images,
        seconds=round(trainer.seconds, 2),
        evaluation=evaluation,
        **extra,
    )
    _draw_plots(directory, tell)
    directory.log(f"{status} at {trainer.images:,} images")
    tell(_finished(trainer, status, evaluation))
    return Run(directory.path)


def _draw_plots(directory: RunDirectory, tell: Watcher) -> None:
    """Leave the run's figures where they can be drawn; a figure is no reason for a run to fail."""
    try:
        if not has_matplotlib() or not directory.read_metrics("validation"):
            return
        draw_validation(directory.path, directory.plot("validation.png"))
    except GanvasError as error:
        tell(Noted(text=f"no figure of the discriminator: {error}"))


def _save_model(trainer: Trainer, evaluation: dict[str, Any] | None) -> None:
    command = command_line()
    quality = " ".join(in_words(evaluation)) if evaluation else "not measured"
    config = trainer.model_config(command)
    card = model_card(config, licence=trainer.dataset.licence, quality=quality)
    trainer.save_model(command, card)


def _finished(trainer: Trainer, status: str, evaluation: dict[str, Any] | None) -> Finished:
    return Finished(
        directory=trainer.directory.path,
        status=status,
        images=trainer.images,
        seconds=trainer.seconds,
        evaluation=evaluation,
    )


def _use(recipe: Recipe) -> Machine:
    machine = choose_machine(recipe.machine)
    torch.set_num_threads(machine.threads)
    return machine


def _ignore(event: Event) -> None:
    """Watch nothing."""
