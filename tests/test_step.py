"""One update at a time: who changes, what is shared, and gradients against plain computations."""

from collections.abc import Callable
from copy import deepcopy
from dataclasses import replace

import pytest
import torch
from torch import Tensor

from ganvas.batch import images_to_signal
from ganvas.losses import LOSSES
from ganvas.procedure import Cursor
from ganvas.recipe import LossSettings, Optimizers, OptimizerSettings, PenaltySettings, Recipe
from ganvas.step import Step
from ganvas.trainer import Trainer
from tests.training_helpers import TINY, tiny_trainer, with_procedure

SGD = OptimizerSettings(name="sgd", learning_rate=1.0, beta1=0.0)
PLAIN = replace(TINY, optimizer=Optimizers(generator=SGD, discriminator=SGD))
"""Learning by the bare gradient: the change of a weight is minus its gradient."""


def weights(network: torch.nn.Module) -> list[Tensor]:
    return [parameter.detach().clone() for parameter in network.parameters()]


def change(step: Step, act: Callable[[], object]) -> dict[str, list[Tensor]]:
    """Return how `act` changes each player's weights."""
    players = {"generator": step.generator, "discriminator": step.discriminator}
    before = {name: weights(network) for name, network in players.items()}
    act()
    return {
        name: [b - a for a, b in zip(before[name], weights(network), strict=True)]
        for name, network in players.items()
    }


def one(trainer: Trainer, cursor: Cursor) -> Callable[[], object]:
    update, _ = trainer.procedure.next(cursor, None)
    return lambda: trainer.step.carry_out(update, trainer.feed.fetch(update))


def is_still(tensors: list[Tensor]) -> bool:
    return all(bool((tensor == 0).all()) for tensor in tensors)


def assert_close(first: list[Tensor], second: list[Tensor]) -> None:
    for a, b in zip(first, second, strict=True):
        assert torch.allclose(a, b, rtol=1e-4, atol=1e-6), float((a - b).abs().max())


def test_signals_are_the_pixels_spread_over_minus_one_to_one() -> None:
    pixels = torch.arange(256, dtype=torch.uint8).view(1, 1, 16, 16)
    signal = images_to_signal(pixels).flatten()
    assert float(signal[0]) == -1.0
    assert float(signal[-1]) == pytest.approx(1.0, abs=1e-6)
    back = (signal + 1).mul(127.5).round().to(torch.uint8)
    assert torch.equal(back, pixels.flatten())


@pytest.mark.parametrize("loss", sorted(LOSSES))
def test_each_update_changes_one_player_only(loss: str) -> None:
    recipe = replace(PLAIN, loss=LossSettings(name=loss))  # type: ignore[arg-type]
    trainer = tiny_trainer(recipe)
    d_turn = change(trainer.step, one(trainer, Cursor()))
    assert is_still(d_turn["generator"])
    assert not is_still(d_turn["discriminator"])
    g_turn = change(trainer.step, one(trainer, Cursor(update=1)))
    assert is_still(g_turn["discriminator"])
    assert not is_still(g_turn["generator"])


def test_the_discriminators_change_is_its_losss_gradient() -> None:
    trainer = tiny_trainer(PLAIN)
    update, _ = trainer.procedure.next(Cursor(), None)
    batch = trainer.feed.fetch(update)
    assert batch.real is not None
    step = trainer.step
    fake = step.generator(batch.noise, batch.labels).detach()
    real_logits = step.discriminator(images_to_signal(batch.real), batch.real_labels)
    fake_logits = step.discriminator(fake, batch.labels)
    loss = LOSSES["non_saturating"].discriminator(real=real_logits, fake=fake_logits)
    gradient = torch.autograd.grad(loss, list(step.discriminator.parameters()))
    moved = change(step, lambda: step.carry_out(update, batch))
    assert_close(moved["discriminator"], [-part for part in gradient])


def test_joined_and_separate_passes_agree_without_batch_statistics() -> None:
    moves = []
    for passes in ("separate", "joint"):
        trainer = tiny_trainer(with_procedure(PLAIN, passes=passes))
        moves.append(change(trainer.step, one(trainer, Cursor()))["discriminator"])
    assert_close(*moves)


@pytest.mark.parametrize("loss", sorted(LOSSES))
def test_both_at_once_are_the_two_gradients_of_one_state(loss: str) -> None:
    # The reference: each player's own update from the same untouched weights and draw.
    recipe = replace(PLAIN, loss=LossSettings(name=loss))  # type: ignore[arg-type]
    alone = with_procedure(recipe, generator_noise="same", passes="joint")
    expected = {}
    for player, cursor in (("discriminator", Cursor()), ("generator", Cursor(update=1))):
        trainer = tiny_trainer(alone)
        expected[player] = change(trainer.step, one(trainer, cursor))[player]
    together = tiny_trainer(with_procedure(recipe, name="simultaneous", passes="joint"))
    moved = change(together.step, one(together, Cursor()))
    for player, reference in expected.items():
        assert_close(moved[player], reference)


def test_one_backward_pass_equals_two() -> None:
    # The non-saturating loss takes the short way; without its slope ratio it must go the long one.
    recipe = with_procedure(PLAIN, name="simultaneous", passes="joint")
    short, long = tiny_trainer(recipe), tiny_trainer(recipe)
    long.step.one_pass = False
    moves = [change(trainer.step, one(trainer, Cursor())) for trainer in (short, long)]
    for player in ("generator", "discriminator"):
        assert_close(moves[0][player], moves[1][player])


def test_kept_fakes_give_the_same_update_as_making_them_again() -> None:
    recipe = with_procedure(PLAIN, generator_noise="same")
    moves = []
    for keeps in (True, False):
        trainer = tiny_trainer(recipe)
        update, cursor = trainer.procedure.next(Cursor(), None)
        assert update.keeps_fakes
        batch = trainer.feed.fetch(update)
        trainer.step.carry_out(replace(update, keeps_fakes=keeps), batch)
        assert trainer.step.is_whole is not keeps
        moves.append(change(trainer.step, one(trainer, cursor))["generator"])
        assert trainer.step.is_whole
    assert_close(*moves)


def test_fakes_from_evaluation_leave_the_statistics_alone() -> None:
    for source, moves in (("evaluation", False), ("training", True)):
        trainer = tiny_trainer(with_procedure(PLAIN, fakes_from=source))
        before = [buffer.clone() for buffer in trainer.step.generator.buffers()]
        one(trainer, Cursor())()
        pairs = zip(before, trainer.step.generator.buffers(), strict=True)
        assert any(not torch.equal(a, b) for a, b in pairs) is moves
        assert trainer.step.generator.training


@pytest.mark.parametrize(
    "penalty",
    [
        PenaltySettings(r1=2.0, every=3),
        PenaltySettings(r2=1.0, every=3),
        PenaltySettings(gradient_penalty=10.0, every=3),
    ],
)
def test_lazy_penalties_come_every_few_updates(penalty: PenaltySettings) -> None:
    trainer = tiny_trainer(replace(TINY, penalty=penalty))
    seen = []
    cursor = trainer.procedure.start()
    for _ in range(14):
        update, cursor = trainer.procedure.next(cursor, None)
        report = trainer.step.carry_out(update, trainer.feed.fetch(update))
        if update.player == "discriminator":
            seen.append("penalty" in report)
    assert seen == [True, False, False, True, False, False, True]


def test_a_lazy_penalty_is_scaled_up_by_its_interval() -> None:
    # The loss falls out of the difference: only the penalty depends on `every`.
    moves = []
    for r1, every in ((0.0, 1), (6.0, 1), (2.0, 3)):
        trainer = tiny_trainer(replace(PLAIN, penalty=PenaltySettings(r1=r1, every=every)))
        moves.append(change(trainer.step, one(trainer, Cursor()))["discriminator"])
    none, eager, lazy = moves
    assert_close(eager, lazy)
    assert not all(torch.allclose(a, b) for a, b in zip(none, eager, strict=True))


@pytest.mark.parametrize("dropout", [0.0, 0.5])
def test_a_state_restored_goes_on_bit_for_bit(dropout: float) -> None:
    recipe = replace(
        TINY,
        penalty=PenaltySettings(r1=1.0, every=2),
        discriminator=replace(TINY.discriminator, dropout=dropout, spectral_norm=True),
    )
    straight, resumed = tiny_trainer(recipe), tiny_trainer(replace(recipe, seed=0))
    cursor = straight.procedure.start()
    for _ in range(6):
        update, cursor = straight.procedure.next(cursor, None)
        straight.step.carry_out(update, straight.feed.fetch(update))
    resumed.step.load_state_dict(deepcopy(straight.step.state_dict()))
    for _ in range(5):
        update, cursor = straight.procedure.next(cursor, None)
        for trainer in (straight, resumed):
            trainer.step.carry_out(update, trainer.feed.fetch(update))
    first, second = straight.step.state_dict(), resumed.step.state_dict()
    for player in ("generator", "discriminator", "average"):
        for name, tensor in first[player].items():
            assert torch.equal(tensor, second[player][name]), (player, name)


def test_the_learning_rate_factor_scales_every_optimiser() -> None:
    trainer = tiny_trainer(PLAIN)
    trainer.step.set_learning_rate_factor(0.25)
    rates = [g["lr"] for o in trainer.step.optimizers.values() for g in o.param_groups]
    assert rates == [0.25, 0.25]
    trainer.step.set_learning_rate_factor(1.0)
    assert [g["lr"] for o in trainer.step.optimizers.values() for g in o.param_groups] == [1, 1]


@pytest.mark.parametrize(
    "penalty",
    [PenaltySettings(r1=1.0, r2=1.0), PenaltySettings(gradient_penalty=10.0)],
)
@pytest.mark.parametrize("passes", ["separate", "joint"])
def test_bfloat16_trains_too(penalty: PenaltySettings, passes: str) -> None:
    trainer = tiny_trainer(with_procedure(replace(TINY, penalty=penalty), passes=passes))
    trainer.step.view.precision = torch.bfloat16
    for cursor in (Cursor(), Cursor(update=1)):
        one(trainer, cursor)()
    assert all(bool(torch.isfinite(tensor).all()) for tensor in weights(trainer.step.generator))


def test_an_update_without_the_images_it_needs_is_a_mistake_of_ours() -> None:
    trainer = tiny_trainer()
    update, _ = trainer.procedure.next(Cursor(), None)
    batch = replace(trainer.feed.fetch(update), real=None)
    with pytest.raises(ValueError, match="needs real images"):
        trainer.step.carry_out(update, batch)


def test_recipes_stay_unchanged_by_training() -> None:
    recipe = Recipe.from_json(TINY.to_json())
    trainer = tiny_trainer(recipe)
    one(trainer, Cursor())()
    assert recipe == TINY


@pytest.mark.parametrize("loss", sorted(LOSSES))
def test_accuracies_are_told_where_a_logit_alone_means_something(loss: str) -> None:
    trainer = tiny_trainer(replace(TINY, loss=LossSettings(name=loss)))  # type: ignore[arg-type]
    update, _ = trainer.procedure.next(Cursor(), None)
    report = trainer.step.carry_out(update, trainer.feed.fetch(update))
    assert ("d_accuracy_real" in report) is (loss not in ("wasserstein", "relativistic"))
