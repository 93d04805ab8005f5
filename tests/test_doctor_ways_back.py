"""Remedies that go back to the best networks, let the rate fall, or end the run."""

from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
import torch

from ganvas.checkpoint import best_checkpoint, save_checkpoint
from ganvas.doctor import Finding
from ganvas.doctor.treatment import Given, Order, decide
from ganvas.recipe import Recipe
from ganvas.recipes import make_recipe
from ganvas.schedule import learning_rate_factor
from ganvas.trainer import Trainer
from tests.training_helpers import TINY, tiny_trainer, with_procedure

SWIFT = make_recipe("swift", budget={})
D_RATE = "optimizer.discriminator.learning_rate"
G_RATE = "optimizer.generator.learning_rate"


def ask(
    given: list[Given], name: str, images: int, *, has_best: bool = True, recipe: Recipe = SWIFT
) -> Order | None:
    severity: Any = "note" if name == "no_progress" else "warning"
    found = Finding(name=name, severity=severity, images=500, since_images=500, evidence={})
    return decide(
        given,
        recipe=recipe,
        published=SWIFT,
        changes={},
        findings=[found],
        images=images,
        total_images=10_000,
        patience=100,
        has_best=has_best,
    )


def orders(name: str, *, has_best: bool) -> list[Order]:
    """What is ordered against a finding that nothing ends, without what undoes it."""
    given: list[Given] = []
    asked = [ask(given, name, images, has_best=has_best) for images in range(1_000, 5_000, 100)]
    return [order for order in asked if order is not None and "undone" not in order.words]


def test_lost_quality_leads_back_slower_each_time_and_at_last_to_an_end() -> None:
    found = orders("quality_lost", has_best=True)
    assert [order.back for order in found] == [True, True, False, True]
    assert [order.stop for order in found] == [False, False, False, True]
    rates = [order.changes[D_RATE] for order in found[:2]]
    assert 2e-3 > rates[0] > rates[1]


def test_without_a_best_model_nothing_leads_back() -> None:
    found = orders("quality_lost", has_best=False)
    assert [(order.back, order.stop) for order in found] == [(False, False)]


def test_where_nothing_improves_the_rate_falls_to_the_end_and_that_is_kept() -> None:
    given: list[Given] = []
    constant = SWIFT.with_settings({"schedule.decay_from": 1.0})
    order = ask(given, "no_progress", 1_239, recipe=constant)
    assert order is not None
    assert order.changes == {"schedule.decay_from": 0.123}
    assert not order.stop
    schedule = constant.with_settings(dict(order.changes)).schedule
    factors = [learning_rate_factor(schedule, n, 10_000) for n in (1_239, 5_000, 10_000)]
    assert 1 > factors[0] > factors[1] > factors[2] == 0
    later = [ask(given, "no_progress", images, recipe=constant) for images in (2_000, 3_000)]
    assert later == [None, None]
    assert [one["outcome"] for one in given] == ["kept"]
    assert ask([], "no_progress", 1_000) is None  # swift's rate falls there anyway


def weights(trainer: Trainer) -> dict[str, torch.Tensor]:
    step = trainer.step
    return {
        f"{name}.{key}": tensor
        for name, network in (
            ("g", step.generator),
            ("d", step.discriminator),
            ("average", step.average.average),
        )
        for key, tensor in network.state_dict().items()
    }


def same(left: dict[str, torch.Tensor], right: dict[str, torch.Tensor]) -> bool:
    return all(torch.equal(left[name], right[name]) for name in left)


def test_going_back_takes_the_networks_and_nothing_else() -> None:
    trainer = tiny_trainer()
    trainer.iterate(24)
    best = deepcopy(trainer.state_dict())
    then = deepcopy(weights(trainer))
    trainer.iterate(24)
    counts, cursor = dict(trainer.step.counts), trainer.cursor
    assert not same(weights(trainer), then)
    trainer.go_back(best)
    assert same(weights(trainer), then)
    assert (trainer.images, trainer.cursor, trainer.step.counts) == (48, cursor, counts)


ORDERS: dict[str, dict[str, Any]] = {
    "alternating": {},
    "simultaneous": {},
    "balanced": {},
    "rounds": {"round_images": 16, "discriminator_epochs": 2, "generator_epochs": 2},
}


@pytest.mark.parametrize("order", ORDERS)
def test_what_follows_is_decided_by_the_state_alone(order: str) -> None:
    recipe = with_procedure(TINY, name=order, **ORDERS[order])
    one = tiny_trainer(recipe)
    one.iterate(24)
    best = deepcopy(one.state_dict())
    one.iterate(24)
    one.revise({G_RATE: 1e-4})
    one.go_back(best)
    other = tiny_trainer(recipe)
    other.load_state_dict(deepcopy(one.state_dict()))
    for trainer in (one, other):
        trainer.iterate(24)
    assert same(weights(one), weights(other))


def test_settings_of_now_hold_for_networks_of_then() -> None:
    """Also where then there was another controller, and another learning rate."""
    trainer = tiny_trainer()
    trainer.revise({"schedule.gap_aware": True, D_RATE: 0.5})
    trainer.iterate(16)
    best = deepcopy(trainer.state_dict())
    now = {"augment.policy": "translation", G_RATE: 1e-5}
    trainer.revise(now)
    trainer.iterate(16)
    trainer.go_back(best)
    assert trainer.changes == now
    rates = {
        name: group["base_lr"]
        for name, optimizer in trainer.step.optimizers.items()
        for group in optimizer.param_groups
    }
    assert rates == {"generator": 1e-5, "discriminator": TINY.optimizer.discriminator.learning_rate}
    assert trainer.step.recipe == trainer.recipe.with_settings(now)
    trainer.iterate(16)


def test_the_learning_rate_follows_a_schedule_that_was_changed_on_the_way() -> None:
    trainer = tiny_trainer()
    trainer.revise({"schedule.decay_from": 1.0})
    trainer.iterate(48)  # three quarters of the run
    assert trainer.learning_rate_factor() == 1.0
    trainer.revise({"schedule.decay_from": 0.5})
    assert trainer.learning_rate_factor() == 0.5
    trainer.revise({})
    assert trainer.learning_rate_factor() == 0.5  # TINY's own


def test_the_best_checkpoint_is_the_one_named_unless_it_is_of_the_future(tmp_path: Path) -> None:
    assert best_checkpoint(tmp_path, at_most=99) is None
    for images in (10, 20, 30):
        save_checkpoint(tmp_path, images, {"a": 1}, keep=1, is_best=images == 20)
    best = best_checkpoint(tmp_path, at_most=30)
    assert best is not None
    assert best.name == "000000020"
    assert best_checkpoint(tmp_path, at_most=19) is None
    (tmp_path / "best").write_text("../elsewhere")
    assert best_checkpoint(tmp_path, at_most=30) is None
