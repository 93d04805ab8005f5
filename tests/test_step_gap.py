"""D's learning rate by the gap of its loss: the law, and that training follows it."""

import math
from dataclasses import replace

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from ganvas.errors import UsageError
from ganvas.recipe import Recipe
from ganvas.step.gap import GapAware, gap_factor
from tests.training_helpers import TINY, tiny_trainer

AWARE = replace(TINY, schedule=replace(TINY.schedule, gap_aware=True))


def factor(loss: float, ideal: float) -> float:
    return float(gap_factor(torch.tensor(loss), ideal))


@settings(deadline=None)
@given(ideal=st.floats(0.1, 5), share=st.floats(0, 3), more=st.floats(0, 1))
def test_a_winner_slows_down_and_a_loser_speeds_up(ideal: float, share: float, more: float) -> None:
    assert factor(ideal, ideal) == pytest.approx(1.0, abs=1e-4)
    lower, higher = factor(share * ideal, ideal), factor((share + more) * ideal, ideal)
    assert 0.0999 <= lower <= higher + 1e-6 <= 2.0001


@pytest.mark.parametrize(
    ("share", "wanted"),
    [(0.0, 0.1), (0.9, 0.1), (0.95, math.sqrt(0.1)), (1.05, math.sqrt(2)), (1.1, 2), (9, 2)],
)
def test_the_factor_in_closed_form(share: float, wanted: float) -> None:
    assert factor(share * 2.0, 2.0) == pytest.approx(wanted, rel=1e-4)


def test_it_follows_a_running_mean_and_goes_on_from_its_state() -> None:
    losses = [torch.tensor(value) for value in (1.4, 1.0, 0.3, 0.2, 0.1)]
    whole, first = GapAware(math.log(4)), GapAware(math.log(4))
    assert whole.factor == 1.0
    mean = 1.4
    for place, loss in enumerate(losses):
        whole.read({"d_loss": loss}, images=1)
        mean = float(loss) if place == 0 else 0.95 * mean + 0.05 * float(loss)
        assert whole.factor == pytest.approx(factor(mean, math.log(4)), rel=1e-4)
        whole.read({"g_loss": torch.tensor(7.0)}, images=1)
    for loss in losses[:2]:
        first.read({"d_loss": loss}, images=1)
    second = GapAware(math.log(4))
    second.load_state_dict(first.state_dict())
    for loss in losses[2:]:
        second.read({"d_loss": loss}, images=1)
    assert second.state_dict() == whole.state_dict()


def test_only_the_discriminators_rate_follows() -> None:
    trainer = tiny_trainer(AWARE)
    gap = trainer.step.controllers["gap"]
    gap.load_state_dict({"mean": 0.0})
    trainer.step.set_learning_rate_factor(0.5)
    rates = {
        name: optimizer.param_groups[0]["lr"] / optimizer.param_groups[0]["base_lr"]
        for name, optimizer in trainer.step.optimizers.items()
    }
    assert rates.pop("generator") == pytest.approx(0.5)
    assert list(rates.values()) == pytest.approx([0.05] * len(rates))


def test_a_training_that_was_stopped_goes_on_bit_for_bit() -> None:
    whole, first = (tiny_trainer(AWARE) for _ in range(2))
    for _ in range(12):
        whole.advance()
    for _ in range(5):
        first.advance()
    second = tiny_trainer(AWARE)
    second.load_state_dict(first.state_dict())
    for _ in range(7):
        second.advance()
    for one, other in zip(
        whole.step.discriminator.parameters(), second.step.discriminator.parameters(), strict=True
    ):
        assert torch.equal(one, other)
    assert whole.step.controllers["gap"].state_dict() == second.step.controllers["gap"].state_dict()


@pytest.mark.parametrize(
    "changes",
    [
        {"loss.name": "wasserstein", "loss.class_weight": 0},
        {"procedure.name": "alternating", "procedure.passes": "apart",
         "procedure.fake_labels": "drawn"},
    ],
)  # fmt: skip
def test_a_recipe_without_an_ideal_refuses_it(changes: dict[str, object]) -> None:
    recipe: Recipe = TINY.with_settings(changes)
    with pytest.raises(UsageError, match=r"schedule\.gap_aware"):
        recipe.with_settings({"schedule.gap_aware": True})


def test_a_remedy_can_switch_it_on_while_a_training_runs() -> None:
    trainer = tiny_trainer(TINY)
    trainer.advance()
    assert "gap" not in trainer.step.controllers
    trainer.revise({"schedule.gap_aware": True})
    trainer.advance()
    assert "d_gap_factor" in trainer.tally.take()
    trainer.revise({})
    assert "gap" not in trainer.step.controllers
