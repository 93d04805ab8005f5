"""Between two lines of the log an update never waits for the device: nothing is read back."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import torch
from torch.utils._python_dispatch import TorchDispatchMode

from ganvas.conditions import data_facts
from ganvas.plan import resolve
from ganvas.recipe import Recipe
from ganvas.recipes import make_recipe
from ganvas.training import Training
from tests.training_helpers import CPU, tiny_data

READS = {
    torch.ops.aten._local_scalar_dense.default,  # item(), float(), bool() of a tensor
    torch.ops.aten.nonzero.default,  # how many there are is read back
    torch.ops.aten.equal.default,
    torch.ops.aten.unique_dim.default,
    torch.ops.aten._unique2.default,
    torch.ops.aten.masked_select.default,
}


class Watch(TorchDispatchMode):
    """Notes every operator whose result the processor must wait for."""

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.seen: list[str] = []

    def __torch_dispatch__(
        self, func: Any, types: Any, args: tuple[Any, ...] = (), kwargs: Any = None
    ) -> Any:
        if func in READS:
            self.seen.append(str(func))
        return func(*args, **(kwargs or {}))


@contextmanager
def watching() -> Iterator[list[str]]:
    with Watch() as watch:
        yield watch.seen


def training_of(name: str, **settings: Any) -> Training:
    narrow = {"batch_size": 8, "generator.width": 8, "discriminator.width": 8}
    recipe: Recipe = make_recipe(name, budget={"images": 640}, settings={**narrow, **settings})
    data = tiny_data()
    facts = data_facts(data)
    return Training(resolve(recipe, facts), data, CPU)


def test_the_watch_sees_what_is_read() -> None:
    with watching() as seen:
        float(torch.ones(1))
        torch.ones(3).nonzero()
    assert len(seen) == 2


@pytest.mark.parametrize(
    ("name", "settings"),
    [
        ("swift", {}),
        ("swift", {"augment.policy": "colour,translation,cutout", "instance_noise.deviation": 0.1}),
        ("swift", {"conditioning": "none", "optimizer.generator.clip_norm": 1.0}),
        ("dcgan-tf", {"targets.flip": 0.1}),
        ("wgan-gp", {}),
        ("r3", {}),
        ("sngan", {}),
        (
            "dropout-cnn",
            {
                "procedure.round_images": 16,
                "procedure.discriminator_epochs": 1,
                "procedure.generator_epochs": 1,
            },
        ),
    ],
)
def test_updates_do_not_wait(name: str, settings: dict[str, Any]) -> None:
    training = training_of(name, **settings)
    training.iterate(1)  # what is made once may be read once
    with watching() as seen:
        training.iterate(2 * training.procedure.images_per_iteration)
    assert seen == []
    with watching() as seen:
        training.tally.take()
    assert seen  # here, and only here, figures are read
