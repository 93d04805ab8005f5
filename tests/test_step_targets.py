"""What D is taught: smoothed and flipped targets, and over what its loss is averaged."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from ganvas.errors import UsageError
from ganvas.losses import LOSSES
from ganvas.recipe import LossSettings, PenaltySettings, ProcedureSettings, Recipe, TargetSettings
from ganvas.step.targets import game_loss, side_losses
from ganvas.step.view import Logits
from tests.training_helpers import TINY, tiny_trainer, with_procedure

REAL, FAKE = torch.tensor([2.0, -1.0, 0.5]), torch.tensor([-2.0, 0.25])
LOGITS = Logits(real=REAL, fake=FAKE)
SINGLE = sorted(name for name, loss in LOSSES.items() if loss.of_real is not None)


def sigmoid(x: torch.Tensor) -> np.ndarray:
    share: np.ndarray = 1 / (1 + np.exp(-x.double().numpy()))
    return share


@pytest.mark.parametrize("name", SINGLE)
def test_the_losses_of_single_images_add_up_to_the_game(name: str) -> None:
    game = LOSSES[name]
    real, fake = side_losses(game, TargetSettings(), LOGITS)
    whole = game.discriminator(real=REAL, fake=FAKE)
    assert float(real.mean() + fake.mean()) == pytest.approx(float(whole), rel=1e-6)


def test_one_mean_over_the_batch_weighs_every_image_alike() -> None:
    recipe = Recipe(loss=LossSettings(mean_over="batch"))
    terms = [*-np.log(sigmoid(REAL)), *-np.log(1 - sigmoid(FAKE))]
    assert float(game_loss(recipe, LOGITS, 0)) == pytest.approx(np.mean(terms), rel=1e-6)


def test_equal_counts_make_the_mean_over_the_batch_half_of_the_sum() -> None:
    logits = Logits(real=REAL[:2], fake=FAKE)
    sides, batch = (
        float(game_loss(Recipe(loss=LossSettings(mean_over=over)), logits, 0))
        for over in ("sides", "batch")
    )
    assert batch == pytest.approx(sides / 2, rel=1e-6)


def test_smoothed_targets_are_the_cross_entropy_with_them() -> None:
    targets = TargetSettings(real=0.9, fake=0.1)
    for side, logits, target in zip(
        side_losses(LOSSES["non_saturating"], targets, LOGITS),
        (REAL, FAKE),
        (0.9, 0.1),
        strict=True,
    ):
        share = sigmoid(logits)
        expected = -(target * np.log(share) + (1 - target) * np.log(1 - share))
        np.testing.assert_allclose(side.numpy(), expected, rtol=1e-5)


def test_smoothed_least_squares_have_the_slope_of_the_square_to_the_target() -> None:
    real = REAL.clone().requires_grad_(True)
    logits = Logits(real=real, fake=FAKE)
    on_real, _ = side_losses(LOSSES["least_squares"], TargetSettings(real=0.8), logits)
    (slope,) = torch.autograd.grad(on_real.sum(), real)
    assert torch.allclose(slope, 2 * (REAL - 0.8), atol=1e-6)


def test_flips_teach_the_other_answer_to_their_share_of_images() -> None:
    targets = TargetSettings(real=0.9, flip=0.2)
    logits = Logits(real=torch.full((20_000,), 1.5), fake=torch.full((20_000,), -0.5))
    generator = torch.Generator().manual_seed(3)
    game = LOSSES["non_saturating"]
    flipped = side_losses(game, targets, logits, generator)
    plain = side_losses(game, replace(targets, flip=0.0), logits)
    for with_flips, without in zip(flipped, plain, strict=True):
        share = float((with_flips != without).float().mean())
        assert share == pytest.approx(0.2, abs=0.015)  # five standard errors
    # A flipped real image is taught the fake ones' target 0.
    other = float(torch.nn.functional.softplus(torch.tensor(1.5)))
    assert float(flipped[0].max()) == pytest.approx(other, rel=1e-5)


def test_flips_follow_from_seed_and_update() -> None:
    recipe = Recipe(targets=TargetSettings(flip=0.4))
    logits = Logits(real=torch.linspace(-1, 1, 50), fake=torch.linspace(0, 2, 50))
    first, again, later = (float(game_loss(recipe, logits, position)) for position in (0, 0, 1))
    assert first == again != later


def test_smoothing_is_learnt_from_both_at_once_too() -> None:
    # One backward pass for both players holds for plain targets alone.
    recipe = with_procedure(TINY, name="simultaneous", passes="joint")
    assert tiny_trainer(recipe).step.one_pass
    assert not tiny_trainer(replace(recipe, targets=TargetSettings(real=0.9))).step.one_pass


def test_pairs_know_no_targets_of_their_own() -> None:
    pairs = LossSettings(name="relativistic")
    with pytest.raises(UsageError, match="targets must be real 1, fake 0"):
        Recipe(loss=pairs, targets=TargetSettings(real=0.9))
    with pytest.raises(UsageError, match=r"loss\.mean_over must be sides"):
        Recipe(loss=replace(pairs, mean_over="batch"))
    with pytest.raises(UsageError, match=r"procedure\.passes must be joint or separate"):
        Recipe(loss=pairs, procedure=ProcedureSettings(passes="apart"))
    with pytest.raises(UsageError, match=r"procedure\.name must be another"):
        Recipe(loss=pairs, procedure=ProcedureSettings(name="balanced"))


def test_a_penalty_between_real_and_fake_needs_both() -> None:
    with pytest.raises(UsageError, match=r"penalty\.gradient_penalty must be 0"):
        Recipe(
            penalty=PenaltySettings(gradient_penalty=10.0),
            procedure=ProcedureSettings(passes="apart"),
        )


def test_penalties_apart_fall_on_their_own_side() -> None:
    recipe = replace(TINY, penalty=PenaltySettings(r1=1.0, every=2))
    trainer = tiny_trainer(with_procedure(recipe, passes="apart"))
    cursor, seen = trainer.procedure.start(), []
    for _ in range(12):  # four turns of real, fake, G
        update, cursor = trainer.procedure.next(cursor, None)
        report = trainer.step.carry_out(update, trainer.feed.fetch(update))
        seen.append("penalty" in report)
    assert [number for number, found in enumerate(seen) if found] == [0, 6]


@pytest.mark.parametrize(
    "targets", [{"real": 1.1}, {"fake": -0.1}, {"real": 0.2, "fake": 0.3}, {"flip": 0.5}]
)
def test_targets_outside_their_rule_are_refused(targets: dict[str, float]) -> None:
    with pytest.raises(UsageError, match="targets"):
        TargetSettings(**targets)
