"""The order of updates of each procedure, and that it is a function of the cursor alone."""

from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ganvas.errors import UsageError
from ganvas.procedure import Cursor, Procedure, Update, make_procedure
from ganvas.recipe import LossSettings, ProcedureSettings, Recipe


def make(batch_size: int = 8, pairs_real: bool = False, **settings: object) -> Procedure:
    recipe = Recipe(batch_size=batch_size, procedure=ProcedureSettings(**settings))  # type: ignore[arg-type]
    return make_procedure(recipe, pairs_real=pairs_real)


def take(procedure: Procedure, count: int, cursor: Cursor | None = None) -> list[Update]:
    updates = []
    cursor = cursor or procedure.start()
    for _ in range(count):
        update, cursor = procedure.next(cursor, None)
        updates.append(update)
    return updates


def iteration(procedure: Procedure, number: int = 0) -> list[Update]:
    updates: list[Update] = []
    cursor = Cursor(iteration=number)
    while not updates or not updates[-1].ends_iteration:
        update, cursor = procedure.next(cursor, None)
        updates.append(update)
    assert cursor == Cursor(iteration=number + 1)
    return updates


any_settings = st.one_of(
    st.builds(
        ProcedureSettings,
        name=st.just("alternating"),
        discriminator_steps=st.integers(1, 4),
        generator_steps=st.integers(1, 3),
        generator_noise=st.sampled_from(["fresh", "same"]),
        passes=st.sampled_from(["separate", "joint", "apart"]),
        pretraining_steps=st.integers(0, 3),
    ),
    st.builds(ProcedureSettings, name=st.just("simultaneous"), pretraining_steps=st.integers(0, 3)),
    st.builds(
        ProcedureSettings,
        name=st.just("rounds"),
        generator_noise=st.sampled_from(["fresh", "same"]),
        round_images=st.integers(8, 40).filter(lambda images: images % 4 != 1),
        discriminator_epochs=st.integers(1, 3),
        generator_epochs=st.integers(1, 3),
    ),
)


@given(settings=any_settings, count=st.integers(1, 60))
def test_any_point_is_reached_at_once(settings: ProcedureSettings, count: int) -> None:
    procedure = make_procedure(Recipe(batch_size=8, procedure=settings), pairs_real=False)
    cursor = procedure.start()
    for _ in range(count):
        update, after = procedure.next(cursor, None)
        again, _ = procedure.next(replace(cursor), None)
        assert again == update
        cursor = after


@given(settings=any_settings)
def test_each_iteration_draws_its_images_once(settings: ProcedureSettings) -> None:
    procedure = make_procedure(Recipe(batch_size=8, procedure=settings), pairs_real=False)
    for number in (0, 3):
        updates = iteration(procedure, number)
        assert sum(update.images for update in updates) == procedure.images_per_iteration
        assert [update.ends_iteration for update in updates].count(True) == 1


def test_the_plain_game_takes_turns_on_new_batches() -> None:
    updates = take(make(), 4)
    assert [update.player for update in updates] == ["discriminator", "generator"] * 2
    assert updates[0].real is not None
    assert updates[2].real is not None
    assert (updates[0].real.draw, updates[2].real.draw) == (0, 1)
    assert updates[1].real is None
    draws = [update.noise.draw for update in updates]
    assert len(set(draws)) == 4  # fresh noise for everyone


def test_the_generator_twice_on_the_discriminators_noise() -> None:
    updates = iteration(make(generator_steps=2, generator_noise="same"), 5)
    assert [update.player for update in updates] == ["discriminator", "generator", "generator"]
    assert len({update.noise for update in updates}) == 1
    assert [update.keeps_fakes for update in updates] == [True, False, False]
    following = iteration(make(generator_steps=2, generator_noise="same"), 6)
    assert following[0].noise != updates[0].noise


def test_five_discriminator_steps_each_on_a_new_batch() -> None:
    procedure = make(discriminator_steps=5)
    updates = take(procedure, 12)
    assert [update.player[0] for update in updates] == list("dddddg" * 2)
    reals = [update.real.draw for update in updates if update.real is not None]
    assert reals == list(range(10))
    assert procedure.images_per_iteration == 40


def test_only_the_last_of_several_discriminator_steps_keeps_its_fakes() -> None:
    updates = iteration(make(discriminator_steps=3, generator_noise="same"), 1)
    assert [update.keeps_fakes for update in updates] == [False, False, True, False]
    assert updates[2].noise == updates[3].noise
    assert len({update.noise for update in updates[:3]}) == 3


def test_fakes_from_evaluation_are_never_kept_for_training() -> None:
    updates = iteration(make(generator_noise="same", fakes_from="evaluation"))
    assert not any(update.keeps_fakes for update in updates)


def test_a_pairing_loss_shows_the_generator_the_last_real_batch() -> None:
    updates = iteration(make(discriminator_steps=2, pairs_real=True), 4)
    assert updates[-1].player == "generator"
    assert updates[-1].real == updates[-2].real


def test_simultaneous_players_share_everything() -> None:
    updates = take(make(name="simultaneous"), 3)
    assert {update.player for update in updates} == {"both"}
    assert {update.optimizer for update in updates} == {("generator", "discriminator")}
    for before, after in pairwise(updates):
        assert before.real != after.real
        assert before.noise != after.noise


def test_a_round_is_two_phases_on_one_buffer() -> None:
    procedure = make(
        name="rounds", round_images=20, discriminator_epochs=3, generator_epochs=2, batch_size=8
    )
    updates = iteration(procedure, 2)
    players = [update.player for update in updates]
    # Half of each batch of 8 is real: 20 real images make 5 batches an epoch for D, 3 for G.
    assert players == ["discriminator"] * 15 + ["generator"] * 6
    assert {update.noise.draw for update in updates[:15]} == {4}  # G's noise is fresh
    assert {update.noise.draw for update in updates[15:]} == {5}
    assert {update.noise.size for update in updates} == {20}
    for epoch in range(3):
        part = updates[5 * epoch : 5 * epoch + 5]
        for side in ("real", "noise"):
            rows = [row for update in part for row in getattr(update, side).pick]
            assert sorted(rows) == list(range(20))
    for epoch in range(2):
        part = updates[15 + 3 * epoch : 18 + 3 * epoch]
        assert sorted(row for u in part for row in u.noise.pick or ()) == list(range(20))


def test_mixed_batches_of_a_round_hold_every_image_of_both_kinds_once() -> None:
    recipe = Recipe(
        batch_size=8,
        loss=LossSettings(mean_over="batch"),
        procedure=ProcedureSettings(
            name="rounds",
            round_images=20,
            round_batches="mixed",
            passes="joint",
            fakes_from="evaluation",
        ),
    )
    updates = iteration(make_procedure(recipe, pairs_real=False), 1)
    batches = [update for update in updates if update.player == "discriminator"]
    assert len(batches) == 5  # 40 images of both kinds in batches of 8
    for update in batches:
        assert update.real is not None
        assert len(update.real.pick or ()) + len(update.noise.pick or ()) == 8
        # The fakes' classes are those of as many real images of the round.
        assert (update.classes.draw, update.classes.pick) == (1, update.noise.pick)
    assert sorted(row for u in batches if u.real for row in u.real.pick or ()) == list(range(20))
    assert sorted(row for u in batches for row in u.noise.pick or ()) == list(range(20))


def test_a_round_may_teach_g_on_the_noise_of_ds_fakes() -> None:
    updates = iteration(make(name="rounds", round_images=20, generator_noise="same"), 2)
    assert {update.noise.draw for update in updates} == {2}


def test_each_epoch_of_a_round_has_an_order_of_its_own() -> None:
    procedure = make(name="rounds", round_images=20, discriminator_epochs=2)
    first, second = (iteration(procedure, number) for number in (0, 1))
    picks = [u.noise.pick for u in first[:10:5]] + [u.noise.pick for u in second[:10:5]]
    assert len(set(picks)) == len(picks) == 4


def test_the_seed_orders_the_rounds() -> None:
    settings = ProcedureSettings(name="rounds", round_images=20)
    orders = set()
    for seed in (0, 1):
        recipe = Recipe(seed=seed, batch_size=8, procedure=settings)
        update, _ = make_procedure(recipe, pairs_real=False).next(Cursor(), None)
        orders.add(update.noise.pick)
    assert len(orders) == 2


@pytest.mark.parametrize("name", ["alternating", "simultaneous", "rounds"])
def test_these_procedures_decide_without_reports(name: str) -> None:
    assert not make(name=name).reads_reports


def test_settings_that_a_procedure_does_not_read_are_refused() -> None:
    with pytest.raises(UsageError, match=r"procedure\.discriminator_steps means nothing"):
        make(name="simultaneous", discriminator_steps=5)
    with pytest.raises(UsageError, match=r"procedure\.round_images means nothing"):
        make(name="alternating", round_images=20)
    with pytest.raises(UsageError, match=r"procedure\.fake_threshold means nothing"):
        make(name="alternating", fake_threshold=0.3)
    with pytest.raises(UsageError, match=r"procedure\.frozen means nothing"):
        make(name="simultaneous", frozen=False)
    with pytest.raises(UsageError, match=r"procedure\.passes cannot be 'apart'"):
        make(name="rounds", passes="apart")
    with pytest.raises(UsageError, match=r"procedure\.round_batches must be halves"):
        make(name="rounds", round_batches="mixed")


def test_a_round_leaves_no_batch_with_one_image() -> None:
    with pytest.raises(UsageError, match=r"procedure\.round_images must be such that"):
        make(name="rounds", round_images=25)


def test_fakes_take_the_classes_of_the_real_images_beside_them() -> None:
    for number in range(3):
        updates = iteration(make(discriminator_steps=2), number)
        for update in updates[:2]:
            assert update.classes == update.real
        assert updates[2].classes == updates[1].real
