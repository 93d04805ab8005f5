"""The modern recipes have their papers' settings."""

from ganvas.recipes import get_recipe
from tests.training_helpers import updates_of


def test_wgan_gp_takes_five_steps_of_d_and_a_penalty_of_ten() -> None:
    recipe = get_recipe("wgan-gp")
    assert [u.player[0] for u in updates_of(recipe, 12)] == list("dddddg" * 2)
    adam = recipe.optimizer.discriminator
    assert (adam.learning_rate, adam.beta1, adam.beta2) == (1e-4, 0.0, 0.9)
    assert (recipe.penalty.gradient_penalty, recipe.penalty.every) == (10.0, 1)


def test_r3_penalises_both_sides_in_every_step() -> None:
    recipe = get_recipe("r3")
    assert recipe.loss.name == "relativistic"
    assert (recipe.penalty.r1, recipe.penalty.r2, recipe.penalty.every) == (1.0, 1.0, 1)


def test_sngan_and_lsgan_have_their_papers_losses() -> None:
    sngan, lsgan = get_recipe("sngan"), get_recipe("lsgan")
    assert (sngan.loss.name, sngan.discriminator.spectral_norm) == ("hinge", True)
    assert (lsgan.loss.name, lsgan.loss.mean_over) == ("least_squares", "batch")
    for recipe in (sngan, lsgan):
        assert recipe.optimizer.generator.learning_rate == 2e-4
        assert recipe.optimizer.generator.beta1 == 0.5
