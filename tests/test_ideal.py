"""The ideal of D's loss is what the best D comes to that cannot tell: by trying every logit."""

import math
from dataclasses import replace

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from ganvas.ideal import IDEAL_DISCRIMINATOR_LOSS, ideal_discriminator_loss
from ganvas.losses import LOSSES
from ganvas.recipe import LossSettings, ProcedureSettings, Recipe, TargetSettings
from ganvas.report.ideals import ideal_of
from ganvas.step.targets import game_loss
from ganvas.step.view import Logits

LOGITS = torch.linspace(-8, 8, 3201)
SIDES = ("non_saturating", "hinge", "least_squares")


def least(recipe: Recipe) -> float:
    """The least loss over all logits that real and fake images share."""
    found = [
        float(game_loss(recipe, Logits(real=logit[None], fake=logit[None]), 0))
        for logit in LOGITS[:: 4 if recipe.targets.are_plain else 1]
    ]
    return min(found)


@pytest.mark.parametrize("name", list(LOSSES))
def test_plain_games_have_their_published_ideal(name: str) -> None:
    recipe = Recipe(loss=LossSettings(name=name))  # type: ignore[arg-type]
    assert ideal_discriminator_loss(recipe) == pytest.approx(IDEAL_DISCRIMINATOR_LOSS[name])
    assert ideal_of(recipe.to_json()) == ideal_discriminator_loss(recipe)


@settings(deadline=None, max_examples=15)
@given(
    name=st.sampled_from(SIDES),
    real=st.floats(0.6, 1.0),
    fake=st.floats(0.0, 0.4),
    mean_over=st.sampled_from(["sides", "batch"]),
)
def test_the_ideal_is_the_least_loss_of_a_logit_for_all(
    name: str, real: float, fake: float, mean_over: str
) -> None:
    recipe = Recipe(
        loss=LossSettings(name=name, mean_over=mean_over),  # type: ignore[arg-type]
        targets=TargetSettings(real=real, fake=fake),
    )
    ideal = ideal_discriminator_loss(recipe)
    assert ideal is not None
    assert ideal == pytest.approx(least(recipe), abs=2e-3)
    flipped = replace(recipe, targets=TargetSettings(real=real, fake=fake, flip=0.25))
    assert ideal_discriminator_loss(flipped) == ideal


def test_what_the_log_adds_of_two_updates_is_not_halved() -> None:
    halves = LossSettings(mean_over="batch")
    together = Recipe(loss=halves)
    apart = Recipe(loss=halves, procedure=ProcedureSettings(passes="apart"))
    assert ideal_discriminator_loss(together) == pytest.approx(math.log(2))
    assert ideal_discriminator_loss(apart) == pytest.approx(math.log(4))


def test_where_there_is_no_least_value_none_is_drawn() -> None:
    smooth = TargetSettings(real=0.9)
    assert (
        ideal_discriminator_loss(Recipe(loss=LossSettings(name="wasserstein"), targets=smooth))
        is None
    )
    assert ideal_of({"loss": {"name": "nonsense"}}) is None
    assert ideal_of({"batch_size": "many"}) is None
