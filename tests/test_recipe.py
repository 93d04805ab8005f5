"""A recipe says everything: round trips, and every rule refused by name."""

import json
from dataclasses import fields
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ganvas.errors import UsageError
from ganvas.recipe import Recipe
from ganvas.recipes import RECIPES, get_recipe
from ganvas.settings import flatten

# Names that scripts and issues rely on.
AGREED = [
    "optimizer.generator.learning_rate",
    "optimizer.discriminator.learning_rate",
    "checkpoint.every_images",
    "ema.half_life_images",
    "loss.name",
    "batch_size",
    "data.held_out",
    "data.order",
]


@pytest.mark.parametrize("name", sorted(RECIPES))
def test_json_gives_the_same_recipe_back(name: str) -> None:
    recipe = get_recipe(name)
    assert Recipe.from_json(json.loads(json.dumps(recipe.to_json()))) == recipe


def test_the_agreed_names_are_settings() -> None:
    assert set(AGREED) <= {name for name, _ in flatten(Recipe())}


@given(
    seed=st.integers(0, 2**63 - 1),
    batch_size=st.integers(2, 10_000),
    rate=st.floats(0, 10, allow_nan=False),
    order=st.sampled_from(["shuffled", "sequential", "with_replacement"]),
)
def test_settings_typed_as_text_arrive_unchanged(
    seed: int, batch_size: int, rate: float, order: str
) -> None:
    changed = Recipe().with_settings(
        {
            "seed": str(seed),
            "batch_size": str(batch_size),
            "optimizer.generator.learning_rate": repr(rate),
            "data.order": order,
        }
    )
    assert (changed.seed, changed.batch_size, changed.data.order) == (seed, batch_size, order)
    assert changed.optimizer.generator.learning_rate == rate


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("seed", -1),
        ("batch_size", 1),
        ("budget.amount", 0),
        ("budget.amount", 9e99),
        ("budget.unit", "hours"),
        ("data.held_out", -1),
        ("data.order", "random"),
        ("latent.size", 0),
        ("latent.distribution", "cauchy"),
        ("generator.width", 0),
        ("generator.width", 10**9),
        ("discriminator.dropout", 1.0),
        ("loss.name", "vanilla"),
        ("loss.class_weight", -0.1),
        ("penalty.r1", -1),
        ("penalty.every", 0),
        ("optimizer.generator.learning_rate", -1e-3),
        ("optimizer.discriminator.beta1", 1.0),
        ("optimizer.discriminator.epsilon", 0),
        ("schedule.decay_from", 1.5),
        ("ema.half_life_images", -1),
        ("ema.ramp_up", 0),
        ("procedure.generator_steps", 0),
        ("procedure.passes", "both"),
        ("machine.threads", 0),
        ("machine.precision", "float16"),
        ("checkpoint.every_images", 0),
        ("checkpoint.keep", 0),
        ("log.every_images", 0),
        ("evaluation.samples", 128),
        ("batch_size", "many"),
        ("batch_size", 2.5),
        ("seed", True),
    ],
)
def test_values_outside_their_rule_are_refused_by_name(name: str, value: Any) -> None:
    with pytest.raises(UsageError) as caught:
        Recipe().with_settings({name: value})
    message = str(caught.value)
    assert name.rsplit(".", maxsplit=1)[-1] in message
    assert "\n" not in message


def test_unknown_settings_name_the_nearest() -> None:
    with pytest.raises(UsageError, match="did you mean 'batch_size'"):
        Recipe().with_settings({"batchsize": 3})
    with pytest.raises(UsageError, match=r"did you mean 'optimizer\.generator\.learning_rate'"):
        Recipe().with_settings({"optimizer.generator.learnin_rate": 3})
    with pytest.raises(UsageError, match=r"mean 'generator\.width' or 'discriminator\.width'\?"):
        Recipe().with_settings({"width": 3})


def test_a_round_holds_at_least_a_batch() -> None:
    with pytest.raises(UsageError, match=r"procedure\.round_images"):
        Recipe().with_settings({"procedure.name": "rounds", "procedure.round_images": 8})


def test_halves_of_a_batch_are_two_images_at_least() -> None:
    rounds = {"procedure.name": "rounds", "procedure.round_images": 256}
    for size in (2, 3):
        with pytest.raises(UsageError, match=r"batch_size must be 4 or more where .* halves"):
            Recipe().with_settings({**rounds, "batch_size": size})


def test_mixed_batches_take_no_penalty_between_real_and_fake_images() -> None:
    mixed = get_recipe("dropout-cnn")
    with pytest.raises(UsageError, match=r"gradient_penalty must be 0 where .* mixed"):
        mixed.with_settings({"penalty.gradient_penalty": 10})


@pytest.mark.parametrize(
    ("name", "value", "goes_with"),
    [
        ("procedure.pretraining_fakes", "noise", {"procedure.pretraining_steps": 3}),
        ("instance_noise.until", 0.5, {"instance_noise.deviation": 0.1}),
        ("ema.ramp_up", 0.1, {"ema.half_life_images": 1_000}),
        ("schedule.shape", "cosine", {"schedule.decay_from": 0.5}),
        ("schedule.final", 0.1, {"schedule.decay_from": 0.5}),
        ("augment.most", 0.5, {"augment.adaptive": True, "augment.policy": "colour"}),
    ],
)
def test_a_setting_without_effect_is_refused_and_says_what_it_goes_with(
    name: str, value: Any, goes_with: dict[str, Any]
) -> None:
    with pytest.raises(
        UsageError, match=f"^{name} must be left at .* unless .*{next(iter(goes_with))}"
    ):
        Recipe().with_settings({name: value})
    Recipe().with_settings({name: value, **goes_with})


def test_targets_are_refused_in_words() -> None:
    with pytest.raises(
        UsageError, match=r"^targets must be .*, not 'real 0\.5, fake 0\.6, flip 0'$"
    ):
        Recipe().with_settings({"targets.real": 0.5, "targets.fake": 0.6})
    with pytest.raises(UsageError, match=r"not 'real 0\.9, fake 0, flip 0'; the relativistic loss"):
        Recipe().with_settings({"targets.real": 0.9, "loss.name": "relativistic"})


def test_recipes_cannot_be_changed_in_place() -> None:
    recipe = Recipe()
    for field in fields(recipe):
        with pytest.raises(AttributeError):
            setattr(recipe, field.name, None)
