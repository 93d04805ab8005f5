"""A recipe meets its data: what auto means, budgets, refusals."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor

from ganvas.errors import UsageError
from ganvas.plan import (
    DataFacts,
    budget_to_images,
    disk_bytes,
    require_shareable,
    resolve,
    speed_trial,
)
from ganvas.procedure import make_procedure
from ganvas.recipe import Budget, Optimizers, ProcedureSettings, Recipe
from ganvas.recipes import get_recipe
from tests.training_helpers import TINY, tiny_trainer

LABELLED = DataFacts(name="digits", num_train=1000, num_held_out=90, num_classes=10)
PLAIN = DataFacts(name="pictures", num_train=1000, num_held_out=0, num_classes=0)


def test_auto_conditions_on_classes_where_there_are_any() -> None:
    assert resolve(Recipe(), LABELLED).conditioning == "class"
    assert resolve(Recipe(), PLAIN).conditioning == "none"
    one = DataFacts(name="ones", num_train=1000, num_held_out=0, num_classes=1)
    assert resolve(Recipe(), one).conditioning == "none"


@pytest.mark.parametrize(("agree", "settings", "channels"), [
    (0.03, {}, "apart"), (0.5, {}, "together"),
    (0.03, {"clusters.channels": "together"}, "together"),
    (0.5, {"clusters.channels": "apart"}, "apart"),
    (0.03, {"discriminator.classes": "auxiliary"}, "together"),
])  # fmt: skip
def test_channels_have_clusters_of_their_own_where_they_do_not_agree(
    agree: float, settings: dict[str, object], channels: str
) -> None:
    recipe = Recipe().with_settings({"clusters.count": 4, **settings})
    colour = replace(PLAIN, num_channels=3, channels_agree=agree)
    assert resolve(recipe, colour).clusters.channels == channels


def test_a_single_channel_is_the_image() -> None:
    recipe = Recipe().with_settings({"clusters.count": 4, "clusters.channels": "apart"})
    assert resolve(recipe, PLAIN).clusters.channels == "together"


def test_clusters_of_all_channels_together_are_as_many_as_a_model_may_name() -> None:
    recipe = Recipe().with_settings({"clusters.count": 10_000})
    many = replace(PLAIN, num_train=1_000_000, num_channels=3)
    assert resolve(recipe, replace(many, channels_agree=0.03)).clusters.count == 3_333
    assert resolve(recipe, many).clusters.count == 10_000


def test_an_auxiliary_discriminator_tells_one_class_not_one_of_each_channel() -> None:
    with pytest.raises(UsageError, match=r"where clusters\.channels is apart"):
        Recipe().with_settings({"clusters.channels": "apart", "discriminator.classes": "auxiliary"})


def test_what_was_asked_is_kept_and_the_data_is_named() -> None:
    resolved = resolve(Recipe(conditioning="none"), LABELLED)
    assert resolved.conditioning == "none"
    assert resolved.data.name == "digits"
    assert resolved.data.held_out == 90


def test_conditioning_without_labels_is_refused() -> None:
    with pytest.raises(UsageError, match="no labels"):
        resolve(Recipe(conditioning="class"), PLAIN)


@pytest.mark.parametrize(
    "recipe",
    [
        Recipe(batch_size=1001),
        Recipe(batch_size=10, procedure=ProcedureSettings(name="rounds", round_images=1004)),
    ],
)
def test_fewer_images_than_are_drawn_at_once_are_refused(recipe: Recipe) -> None:
    with pytest.raises(UsageError, match=r"1000 training images, fewer than the 100[14]"):
        resolve(recipe, LABELLED)


@given(
    amount=st.integers(1, 10**6),
    batch_size=st.integers(2, 300),
    steps=st.integers(1, 5),
)
def test_images_are_rounded_up_to_whole_iterations(
    amount: int, batch_size: int, steps: int
) -> None:
    recipe = Recipe(batch_size=batch_size, procedure=ProcedureSettings(discriminator_steps=steps))
    procedure = make_procedure(recipe, pairs_real=False)
    each = batch_size * steps
    images = budget_to_images(Budget(amount=amount, unit="images"), procedure, 1000)
    assert images % each == 0
    assert amount <= images < amount + each


def test_epochs_and_steps_come_to_images() -> None:
    procedure = make_procedure(Recipe(batch_size=50), pairs_real=False)
    assert budget_to_images(Budget(amount=2, unit="epochs"), procedure, 1000) == 2000
    assert budget_to_images(Budget(amount=7, unit="steps"), procedure, 1000) == 350
    for unit in ("epochs", "steps"):
        with pytest.raises(UsageError, match="at most 1,000,000,000,000,000 images"):
            budget_to_images(Budget(amount=10**14, unit=unit), procedure, 1000)


def test_rounds_are_never_cut() -> None:
    settings = ProcedureSettings(name="rounds", round_images=256)
    procedure = make_procedure(replace(Recipe(), procedure=settings), pairs_real=False)
    assert budget_to_images(Budget(amount=257, unit="images"), procedure, 1000) == 512


def test_a_speed_trial_of_rounds_keeps_their_ratio() -> None:
    rounds = ProcedureSettings(
        name="rounds", discriminator_epochs=20, generator_epochs=40, pretraining_steps=9
    )
    short, longer = speed_trial(Recipe(procedure=rounds))
    assert longer == 20
    assert (short.procedure.discriminator_epochs, short.procedure.generator_epochs) == (1, 2)
    assert short.procedure.pretraining_steps == 0
    plain = Recipe()
    assert speed_trial(plain) == (plain, 1)


def bytes_of(state: Any) -> int:
    if isinstance(state, Tensor):
        return state.numel() * state.element_size()
    parts = state.values() if isinstance(state, dict) else state
    return sum(map(bytes_of, parts)) if isinstance(state, dict | list | tuple) else 0


@pytest.mark.parametrize(
    ("procedure", "states"),
    [
        (ProcedureSettings(), "one"),
        (ProcedureSettings(passes="apart"), "two"),
        (ProcedureSettings(frozen=False), "one"),
    ],
    ids=["plain", "two optimisers of D", "D moved by G's optimiser"],
)
def test_a_checkpoint_takes_as_much_room_as_was_planned(
    procedure: ProcedureSettings, states: Any
) -> None:
    recipe = replace(TINY, procedure=procedure, optimizer=Optimizers(discriminator_states=states))
    training = tiny_trainer(recipe)
    training.iterate(16)
    networks = training.step.generator, training.step.discriminator
    generator, discriminator = (sum(p.numel() for p in part.parameters()) for part in networks)
    two, one = (
        disk_bytes(
            training.recipe,
            generator=generator,
            discriminator=discriminator,
            num_images=64,
            checkpoints=kept,
        )
        for kept in (2, 1)
    )
    small_files = 200_000
    assert bytes_of(training.step.state_dict()) == pytest.approx(two - one - small_files, rel=0.03)


def test_a_batch_must_be_cut_evenly_among_processes() -> None:
    recipe = replace(TINY, batch_size=6)
    for processes in (1, 2, 3, 6):
        require_shareable(recipe, processes)
    with pytest.raises(UsageError, match="4 processes get equal parts of it, not 6; set it to 8"):
        require_shareable(recipe, 4)
    packed = recipe.with_settings({"discriminator.pack": 2, "conditioning": "none"})
    require_shareable(packed, 3)
    with pytest.raises(UsageError, match="in packs of 2"):
        require_shareable(packed, 2)


def test_mixed_rounds_are_shared_only_where_all_images_count_alike() -> None:
    mixed = get_recipe("dropout-cnn")
    require_shareable(mixed, 3)  # uneven parts are weighed
    with pytest.raises(UsageError, match="left to chance"):
        require_shareable(mixed.with_settings({"penalty.r1": 1.0}), 2)


def test_no_batch_of_a_round_is_left_with_one_image() -> None:
    rounds = {"procedure.name": "rounds", "procedure.round_images": 256}
    mixed = {**rounds, "procedure.round_batches": "mixed", "loss.mean_over": "batch"}
    mixed |= {"procedure.passes": "joint", "procedure.fakes_from": "evaluation"}
    resolve(Recipe().with_settings({**mixed, "batch_size": 32}), LABELLED)
    odd = Recipe().with_settings({**mixed, "batch_size": 73})  # of 512, D's, one is left
    with pytest.raises(UsageError, match="no batch of 73 is left with one image"):
        resolve(odd, LABELLED)
    assert Recipe.from_json(odd.to_json()) == odd  # a run that has it is read all the same


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"loss.name": "least_squares"}, "loss.name must be non_saturating where"),
        ({"loss.name": "hinge"}, "loss.name must be non_saturating where"),
        (
            {"procedure.fake_threshold": 0.7, "procedure.generator_threshold": 0.7},
            "less than 2 log 2",
        ),
    ],
)
def test_a_balanced_game_that_can_stand_still_for_good_is_refused(
    changes: dict[str, Any], words: str
) -> None:
    balanced = Recipe().with_settings({"procedure.name": "balanced"})
    resolve(balanced, LABELLED)
    still = balanced.with_settings(changes)
    with pytest.raises(UsageError, match=words):
        resolve(still, LABELLED)
    assert Recipe.from_json(still.to_json()) == still
