"""Recipes whose updates are compared: made by two processes, and by one with the whole batch.

`python -m tests.distributed_cases FILE [CASE]...` as one of several processes trains each of them,
or those named, for some updates and has the first process write every weight and figure to FILE.
"""

import os
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from ganvas.conditions import data_facts
from ganvas.distributed.opening import SHARED_MEMORY, open_group
from ganvas.distributed.processes import Processes
from ganvas.group import Group
from ganvas.plan import resolve
from ganvas.recipe import Optimizers, OptimizerSettings, Recipe
from ganvas.recipes import get_recipe, make_recipe
from ganvas.training import Training
from ganvas.weights import write_weights
from tests.training_helpers import CPU, TINY, tiny_data

BATCH = 8
PLAIN = OptimizerSettings(name="sgd", learning_rate=0.05, beta1=0.0)


def _tiny(name: str, **settings: Any) -> Recipe:
    """The recipe with narrow networks, few images, and plain steps along the gradient.

    Adam divides by the size of gradients that are almost nothing, and so enlarges rounding.
    """
    recipe = get_recipe(name)
    states = recipe.optimizer.discriminator_states
    return make_recipe(
        replace(
            recipe,
            batch_size=BATCH,
            optimizer=Optimizers(generator=PLAIN, discriminator=PLAIN, discriminator_states=states),
        ),
        budget={"images": 64},
        settings={
            "generator.width": 8,
            "discriminator.width": 8,
            "schedule.warmup_images": 0,
            "ema.half_life_images": 32,
            **settings,
        },
    )


CASES: dict[str, Recipe] = {
    "swift": _tiny("swift"),
    "swift, every image changed": _tiny(
        "swift", **{"augment.policy": "colour,translation,cutout", "instance_noise.deviation": 0.2}
    ),
    "dcgan-tf": _tiny("dcgan-tf"),
    "dcgan-tf, apart, with flipped answers": _tiny(
        "dcgan-tf",
        **{"procedure.name": "alternating", "procedure.passes": "apart", "targets.flip": 0.3},
    ),
    "dcgan-tf, R1 through batch norm": _tiny(
        "dcgan-tf", **{"discriminator.architecture": "shallow-z20", "penalty.r1": 1.0}
    ),
    "wgan-gp": _tiny("wgan-gp"),
    "r3": _tiny("r3"),
    "sngan": _tiny("sngan"),
    "smooth-ez": _tiny("smooth-ez"),
    "dropout-cnn": _tiny(
        "dropout-cnn",
        **{
            "procedure.round_images": 20,
            "procedure.discriminator_epochs": 1,
            "procedure.generator_epochs": 1,
            "batch_size": 7,
        },
    ),
    "swift, a cluster of each channel": _tiny(
        "swift", **{"clusters.count": 2, "clusters.components": 2, "clusters.channels": "apart"}
    ),
    "packs, with a D that learns alone first": replace(
        TINY.with_settings(
            {"discriminator.pack": 2, "procedure.pretraining_steps": 1, "conditioning": "none"}
        )
    ),
}


def train(recipe: Recipe, group: Group) -> Iterator[tuple[str, Tensor]]:
    """Train until some updates of both players are made; yield all weights and the last figures."""
    apart = recipe.clusters.channels == "apart"
    data = tiny_data(200, classes=0, channels=3) if apart else tiny_data()
    facts = data_facts(data)
    training = Training(resolve(recipe, facts), data, CPU, group)
    training.iterate(3 * training.procedure.images_per_iteration)
    step = training.step
    for name, network in (
        ("generator", step.generator),
        ("discriminator", step.discriminator),
        ("average", step.average.average),
    ):
        for key, value in network.state_dict().items():
            yield f"{name}/{key}", value.clone()
    for name, figure in training.tally.take().items():
        yield f"figure/{name}", torch.tensor(figure)


def main() -> None:
    torch.set_num_threads(1)
    found: dict[str, Tensor] = {}
    with open_group() as group:
        assert isinstance(group, Processes)
        shared = sys.platform == "linux" and os.environ.get(SHARED_MEMORY, "1") == "1"
        assert group.shares_memory == shared
        for name in sys.argv[2:] or CASES:
            for key, value in train(CASES[name], group):
                if key.startswith("figure"):
                    figure = int(value.double().view(torch.int64).abs())
                    group.require_same(figure, key)
                found[f"{name}/{key}"] = value
        if group.leads:
            write_weights(Path(sys.argv[1]), {k: v.contiguous() for k, v in found.items()}, {})
    # What outlives the group may free a tensor while Python ends, and that kills the process.
    left = [name for name in _names_of_threads() if "gloo" in name]
    assert not left, left


def _names_of_threads() -> list[str]:
    """Return what the system calls this process' threads; nothing where it does not say."""
    return [file.read_text().strip() for file in Path("/proc/self/task").glob("*/comm")]


if __name__ == "__main__":
    main()
