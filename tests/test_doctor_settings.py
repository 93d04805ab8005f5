"""What is found before anything is trained: settings that cannot work, and none published."""

from dataclasses import replace
from typing import Any

import pytest

from ganvas.doctor import Doctor
from ganvas.recipes import RECIPES, make_recipe
from tests.doctor_helpers import FACTS, SWIFT

SETTINGS = [
    ("frozen_network", {"optimizer.generator.learning_rate": 0}),
    ("learning_rate_high", {"optimizer.generator.learning_rate": 0.1}),
    ("learning_rate_high", {"optimizer.generator.learning_rate": 6e-3}),
    (
        "learning_rate_high",
        {"optimizer.generator.name": "sgd", "optimizer.generator.learning_rate": 1.0},
    ),
    ("learning_rate_low", {"optimizer.discriminator.learning_rate": 4e-5}),
    ("learning_rates_apart", {"optimizer.discriminator.learning_rate": 1e-4}),
    ("momentum_too_high", {"optimizer.generator.beta1": 0.99}),
    ("momentum_with_penalty", {"optimizer.discriminator.beta1": 0.9}),
    ("gradients_clipped", {"optimizer.generator.clip_norm": 1e-9}),
    ("penalty_too_strong", {"penalty.r1": 500}),
    ("critic_unbounded", {"loss.name": "wasserstein", "penalty.r1": 0}),
    (
        "updates_apart",
        {"procedure.name": "alternating", "procedure.discriminator_steps": 9},
    ),
    (
        "updates_apart",
        {"procedure.name": "alternating", "procedure.generator_steps": 9},
    ),
    ("weight_decay_too_strong", {"optimizer.discriminator.weight_decay": 0.02}),
    (
        "weight_decay_too_strong",
        {"optimizer.generator.name": "adamw", "optimizer.generator.weight_decay": 1.0},
    ),
    ("dropout_too_strong", {"discriminator.dropout": 0.9}),
    ("lessons_too_noisy", {"instance_noise.deviation": 1.5}),
    ("lessons_too_noisy", {"targets.flip": 0.3}),
    ("learning_rate_low", {"schedule.warmup_images": 40_000}),
    ("ema_lags", {"ema.half_life_images": 20_000, "ema.ramp_up": 1.0}),
    ("batch_too_small", {"batch_size": 2}),
    ("latent_too_small", {"latent.size": 1}),
    ("networks_unequal", {"discriminator.width": 640}),
    ("networks_unequal", {"generator.width": 2}),
    ("layer_order", {"generator.dropout": 0.3, "generator.order": "dropout_norm_activation"}),
    (
        "layer_order",
        {"discriminator.dropout": 0.3, "discriminator.order": "activation_dropout_norm"},
    ),
]


@pytest.mark.parametrize(("name", "changes"), SETTINGS)
def test_settings_that_cannot_work_are_seen_at_once(name: str, changes: dict[str, Any]) -> None:
    begun = Doctor(replace(FACTS, recipe=SWIFT.with_settings(changes))).begin()
    assert name in [finding.name for finding in begun[:2]]


def test_a_recipe_s_own_warm_up_is_no_trouble_of_a_short_run() -> None:
    short = replace(FACTS, total_images=1_000)
    assert [f.name for f in Doctor(short).begin()] == ["learning_rate_low"]
    assert Doctor(replace(short, published=SWIFT)).begin() == []


def test_a_rate_far_above_the_recipe_s_own_is_high() -> None:
    slow = SWIFT.with_settings({"optimizer.generator.learning_rate": 1e-4})
    fast = SWIFT.with_settings({"optimizer.generator.learning_rate": 2.1e-3})
    for published, names in ((slow, ["learning_rate_high"]), (SWIFT, []), (None, [])):
        begun = Doctor(replace(FACTS, recipe=fast, published=published)).begin()
        assert [finding.name for finding in begun] == names


@pytest.mark.parametrize("name", RECIPES)
def test_no_published_recipe_is_warned_of_at_its_start(name: str) -> None:
    recipe = make_recipe(name, budget={})
    begun = Doctor(replace(FACTS, recipe=recipe)).begin()
    in_evaluation = recipe.generator.dropout and recipe.procedure.fakes_from == "evaluation"
    notes = ["dropout_in_evaluation"] if in_evaluation else []
    assert [(finding.name, finding.severity) for finding in begun] == [(n, "note") for n in notes]


@pytest.mark.parametrize("order", ["norm_activation_dropout", "activation_norm_dropout"])
def test_dropout_behind_the_norm_is_right(order: str) -> None:
    changes = {"generator.dropout": 0.3, "generator.order": order}
    assert Doctor(replace(FACTS, recipe=SWIFT.with_settings(changes))).begin() == []
