"""EZGAN's controller against a trace made by hand, and D's pre-training before any procedure."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ganvas.errors import UsageError
from ganvas.procedure import Balanced, Cursor, Update, make_procedure
from ganvas.recipe import Optimizers, ProcedureSettings, Recipe
from tests.training_helpers import TINY, tiny_trainer, with_procedure

BALANCED = ProcedureSettings(name="balanced")
CONTROLLER = Balanced(settings=BALANCED, batch_size=8, splits_states=True)

Losses = tuple[float, float, float]


def report(losses: Losses | None) -> dict[str, float] | None:
    """The report of an update after which the losses (on real, on fake, of G) are these."""
    if losses is None:
        return None
    return dict(zip(("d_real_loss", "d_fake_loss", "g_loss"), losses, strict=True))


def who(update: Update) -> str:
    return update.optimizer[0] if update.optimizer else update.player


# What runs, and the losses (D on real, D on fake, G) after it. Thresholds 0.45, 0.6 and 0.5.
TRACE: list[tuple[str, Losses | None, bool]] = [
    # iteration 0 starts from (1, 1, 0)
    ("discriminator_fake", (1.0, 0.55, 0.9), False),  # 1 > 0.6; G was at 0, is now at 0.9
    ("generator", (1.0, 0.7, 0.45), False),  # 0.9 > 0.5
    ("discriminator_real", (0.44, 0.7, 0.45), True),  # 1 > 0.45
    # iteration 1: D on fakes is at 0.7
    ("discriminator_fake", (0.46, 0.6, 0.5), False),
    # G is at 0.5, which is not above 0.5
    ("discriminator_real", (0.45, 0.6, 0.5), True),
    # iterations 2 and 3: all at or below their thresholds, so nobody learns; both count
    ("nobody", None, True),
    ("nobody", None, True),
]


def test_the_controller_follows_the_trace() -> None:
    cursor, last = CONTROLLER.start(), None
    assert cursor.memory == (1.0, 1.0, 0.0)
    for expected, losses, ends in TRACE:
        update, cursor = CONTROLLER.next(cursor, last)
        assert (who(update), update.ends_iteration) == (expected, ends)
        assert update.re_evaluates is (expected != "nobody")
        last = report(losses) or {}
    assert cursor.iteration == 4
    assert cursor.memory == (0.45, 0.6, 0.5)


any_loss = st.floats(0, 2, allow_nan=False)


@given(losses=st.lists(st.tuples(any_loss, any_loss, any_loss), min_size=1, max_size=30))
def test_each_iteration_draws_one_real_batch_whoever_learns(losses: list[Losses]) -> None:
    cursor, last = CONTROLLER.start(), None
    noises = []
    for made in losses:
        before = cursor
        update, cursor = CONTROLLER.next(cursor, last)
        again, same = CONTROLLER.next(replace(before), last)
        assert (again, same) == (update, cursor)
        assert update.real is not None
        assert update.real.draw == before.iteration
        assert update.images == (8 if update.ends_iteration else 0)
        assert cursor.update == 0 if update.ends_iteration else cursor.update > before.update
        if update.player != "nobody":
            noises.append(update.noise.draw)
        last = report(made) if update.player != "nobody" else {}
    assert len(set(noises)) == len(noises)  # fresh for each update


def test_an_update_reports_the_losses_after_it() -> None:
    # With the rates at 0 nothing changes, so the losses after are those before.
    recipe = with_procedure(TINY, name="balanced")
    for rate, moves in ((0.0, False), (0.05, True)):
        still = recipe.with_settings(
            {f"optimizer.{p}.learning_rate": rate for p in ("generator", "discriminator")}
        )
        trainer = tiny_trainer(still)
        update, cursor = trainer.procedure.next(trainer.procedure.start(), None)
        batch = trainer.feed.fetch(update)
        first = trainer.step.carry_out(update, batch)
        second = trainer.step.carry_out(update, batch)
        assert set(first) >= {"d_real_loss", "d_fake_loss", "g_loss"}
        assert (abs(float(first["d_fake_loss"] - second["d_fake_loss"])) > 1e-4) is moves
        assert cursor.update == 1


def test_the_log_tells_how_often_each_ran() -> None:
    recipe = TINY.with_settings(
        {"procedure.name": "balanced", "optimizer.discriminator_states": "two"}
    )
    trainer = tiny_trainer(recipe)
    trainer.iterate(64)
    counts = trainer._update_counts()
    assert set(counts) == {
        "updates_generator",
        "updates_discriminator_real",
        "updates_discriminator_fake",
    }
    assert counts["updates_discriminator_fake"] >= 1
    assert tiny_trainer()._update_counts() == {}


@pytest.mark.parametrize("fakes", ["generator", "noise"])
@pytest.mark.parametrize(
    "settings",
    [{}, {"passes": "apart"}, {"name": "simultaneous", "passes": "joint"}, {"name": "balanced"}],
)
def test_pretraining_teaches_d_alone_and_counts_no_images(
    settings: dict[str, str], fakes: str
) -> None:
    recipe = with_procedure(TINY, **settings, pretraining_steps=3, pretraining_fakes=fakes)
    trainer = tiny_trainer(recipe)
    length = 2 if trainer.recipe.procedure.learns_apart else 1
    before = {name: w.clone() for name, w in trainer.step.generator.named_parameters()}
    real_draws = []
    for _ in range(3 * length):
        update, trainer.cursor = trainer.procedure.next(trainer.cursor, None)
        assert update.player == "discriminator"
        assert update.fakes_from == ("noise" if fakes == "noise" else "training")
        assert update.real is not None
        real_draws.append(update.real.draw)
        trainer.step.carry_out(update, trainer.feed.fetch(update))
        assert not update.images
    assert real_draws == [step for step in range(3) for _ in range(length)]
    for name, weight in trainer.step.generator.named_parameters():
        assert bool((weight == before[name]).all())
    update, _ = trainer.procedure.next(trainer.cursor, None)
    assert update.real is not None
    assert update.real.draw == 3  # the next images of the data, none twice
    assert trainer.cursor.iteration == 0


@pytest.mark.parametrize("settings", [{}, {"passes": "apart"}, {"name": "balanced"}])
def test_the_warmup_begins_after_pretraining(settings: dict[str, str]) -> None:
    trainer = tiny_trainer(with_procedure(TINY, **settings, pretraining_steps=3))
    warmup = TINY.schedule.warmup_images
    (group,) = trainer.step.optimizers["discriminator"].param_groups
    factors = []
    while trainer.cursor.iteration < 2:
        trainer.advance()
        factors.append(group["lr"] / group["base_lr"])
    before = 3 * (2 if trainer.recipe.procedure.learns_apart else 1)
    assert factors[:before] == [1.0] * before
    assert set(factors[before:]) == {1 / warmup, (1 + TINY.batch_size) / warmup}


def test_the_procedure_after_pretraining_does_not_read_its_reports() -> None:
    settings = replace(BALANCED, pretraining_steps=1)
    procedure = make_procedure(Recipe(batch_size=8, procedure=settings), pairs_real=False)
    cursor = procedure.start()
    for _ in range(2):
        _, cursor = procedure.next(cursor, None)
    update, cursor = procedure.next(cursor, report((0.0, 0.0, 0.0)))
    assert (update.player, update.learns_from) == ("discriminator", "fake")  # by (1, 1, 0)
    assert cursor == Cursor(update=3, memory=(1.0, 1.0, 0.0))


def test_two_states_need_updates_apart() -> None:
    with pytest.raises(UsageError, match=r"optimizer\.discriminator_states must be one unless"):
        Recipe(optimizer=Optimizers(discriminator_states="two"))
