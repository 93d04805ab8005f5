"""A tiny run for tests of training: 8x8 images, small networks, a few updates."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import torch

from ganvas.conditions import data_facts
from ganvas.data import DataSet, from_arrays
from ganvas.device import Machine
from ganvas.plan import resolve
from ganvas.procedure import Update, make_procedure
from ganvas.recipe import (
    Budget,
    DiscriminatorSettings,
    EmaSettings,
    EvaluationSettings,
    GeneratorSettings,
    LatentSettings,
    LogSettings,
    MachineSettings,
    Recipe,
    ScheduleSettings,
)
from ganvas.runlog import RunDirectory
from ganvas.trainer import Trainer

CPU = Machine(device=torch.device("cpu"), precision=torch.float32, threads=1, why="test")

TINY = Recipe(
    name="tiny",
    batch_size=8,
    budget=Budget(amount=64),
    latent=LatentSettings(size=4),
    generator=GeneratorSettings(width=8),
    discriminator=DiscriminatorSettings(width=4),
    schedule=ScheduleSettings(warmup_images=16, decay_from=0.5),
    ema=EmaSettings(half_life_images=32, ramp_up=0.5),
    log=LogSettings(every_images=16, samples_every_images=32),
    machine=MachineSettings(threads=1),  # on a busy machine two wait for each other
    evaluation=EvaluationSettings(samples=0),
)


def tiny_data(count: int = 60, classes: int = 3, channels: int = 1) -> DataSet:
    """Random 8x8 images; with classes, one brightness for each."""
    rng = np.random.default_rng(0)
    images = rng.integers(0, 120, (count, 8, 8, channels), dtype=np.uint8)
    if not classes:
        return from_arrays(images, held_out=8)
    labels = np.arange(count) % classes
    images += (labels * (130 // classes)).astype(np.uint8)[:, None, None, None]
    return from_arrays(images, labels, held_out=8)


def tiny_trainer(
    recipe: Recipe = TINY, data: DataSet | None = None, folder: Path = Path()
) -> Trainer:
    """A trainer on the tiny data; it writes nothing unless `train` is called with a folder."""
    data = data or tiny_data()
    facts = data_facts(data)
    return Trainer(resolve(recipe, facts), data, RunDirectory(folder), CPU, lambda event: None)


def with_procedure(recipe: Recipe = TINY, **settings: Any) -> Recipe:
    """The recipe with settings of its procedure replaced."""
    return replace(recipe, procedure=replace(recipe.procedure, **settings))


def updates_of(recipe: Recipe, count: int) -> list[Update]:
    """Return the first updates of a recipe whose losses decide nothing."""
    procedure = make_procedure(recipe, pairs_real=False)
    cursor, updates = procedure.start(), []
    for _ in range(count):
        update, cursor = procedure.next(cursor, None)
        updates.append(update)
    return updates
