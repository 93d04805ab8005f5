"""One update of several processes, of which one plays them all: what each of them learns of it."""

from dataclasses import replace
from typing import Literal

import pytest
import torch
from torch import Tensor

from ganvas.group import Group
from ganvas.procedure import share_of
from ganvas.recipe import GeneratorSettings
from ganvas.step import Gauge
from ganvas.training import Training
from tests.training_helpers import CPU, TINY, tiny_data, tiny_trainer, updates_of, with_procedure


class Alike(Group):
    """Processes that all have the rows of this one."""

    def __init__(self, size: int, rank: int = 0) -> None:
        self.size, self.rank = size, rank
        self.gathered = 0

    def gather(self, values: Tensor) -> Tensor:
        self.gathered += 1
        return values.expand(self.size, *values.shape)


def training(group: Group, name: Literal["alternating", "simultaneous"], norm: str) -> Training:
    recipe = replace(
        with_procedure(TINY, name=name),
        generator=GeneratorSettings(width=8, norm=norm),  # type: ignore[arg-type]
    )
    return Training(tiny_trainer(recipe).recipe, tiny_data(), CPU, group)


@pytest.mark.parametrize("name", ["alternating", "simultaneous"])
def test_an_update_that_each_process_makes_whole_is_that_of_one(
    name: Literal["alternating", "simultaneous"],
) -> None:
    alone, among = training(Group(), name, "batch"), training(Alike(9), name, "batch")
    for _ in range(2):
        alone.advance()
        among.advance()
    for network in ("generator", "discriminator"):
        found = getattr(among.step, network).state_dict()
        for key, value in getattr(alone.step, network).state_dict().items():
            assert torch.allclose(found[key], value, rtol=1e-5, atol=1e-6), key


def test_an_update_that_is_cut_shares_its_statistics() -> None:
    group = Alike(2)
    training(group, "alternating", "batch").advance()
    assert group.gathered


@pytest.mark.parametrize("name", ["alternating", "simultaneous"])
def test_the_slope_at_the_fakes_is_measured_as_if_all_were_here(
    name: Literal["alternating", "simultaneous"],
) -> None:
    def measured(group: Group) -> tuple[float, int]:
        trained = training(group, name, "layer")
        trained.step.gauge = Gauge()
        updates = updates_of(trained.recipe, 2)
        update = next(update for update in updates if update.player != "discriminator")
        mine, share = share_of(update, rank=group.rank, size=group.size)
        trained.step.carry_out(mine, trained.feed.fetch(mine), share)
        return trained.step.gauge.figures()["fake_gradient_norm"], share.fake.count

    whole, num_fakes = measured(Group())
    parts = [measured(Alike(3, rank)) for rank in range(3)]
    assert len({rows for _, rows in parts}) == 2  # uneven: 8 fakes among 3 processes
    assert sum(norm * rows for norm, rows in parts) / num_fakes == pytest.approx(whole, rel=1e-4)
