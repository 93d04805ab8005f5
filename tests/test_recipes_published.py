"""The published recipes: who learns when, from what, towards what, by which optimiser."""

from dataclasses import replace
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
import torch

from ganvas.batch import images_to_signal
from ganvas.data import from_arrays
from ganvas.procedure import Cursor, Update
from ganvas.recipes import get_recipe
from ganvas.trainer import Trainer
from tests.recipe_names import IMAGE_RECIPES
from tests.training_helpers import tiny_data, tiny_trainer, updates_of

SMALL = {"generator.width": 4, "discriminator.width": 4, "evaluation.samples": 0}


def small(name: str, **changes: Any) -> Trainer:
    """The recipe's trainer with narrow networks on 60 images of 8x8, float32."""
    recipe = get_recipe(name).with_settings({**SMALL, **changes})
    return tiny_trainer(recipe, tiny_data(classes=0))


def brief(update: Update) -> tuple[str, str, str, str]:
    return update.player, update.optimizer[0], update.learns_from, update.passes


def test_dropout_cnn_goes_round_by_round() -> None:
    recipe = get_recipe("dropout-cnn")
    # 20 epochs over 512 images in batches of 128 are 80 updates of D; 40 over 256 are 80 of G.
    updates = updates_of(recipe, 160)
    assert [update.player for update in updates] == ["discriminator"] * 80 + ["generator"] * 80
    assert [update.ends_iteration for update in updates].index(True) == 159
    assert sum(update.images for update in updates) == 256
    for epoch in range(20):
        batches = updates[4 * epoch : 4 * epoch + 4]
        sizes = [len(u.real.pick or ()) + len(u.noise.pick or ()) for u in batches if u.real]
        assert sizes == [128] * 4
        real = [row for u in batches if u.real for row in u.real.pick or ()]
        fake = [row for u in batches for row in u.noise.pick or ()]
        assert sorted(real) == sorted(fake) == list(range(256))
    counts = {len(update.real.pick or ()) for update in updates[:80] if update.real}
    assert len(counts) > 1  # mixed by chance, as Keras shuffles the 512
    assert {update.fakes_from for update in updates[:80]} == {"evaluation"}
    assert {update.noise.draw for update in updates[:80]} == {0}
    assert {update.noise.draw for update in updates[80:]} == {1}  # G's noise is fresh
    second = updates_of(recipe, 161)[160]
    assert (second.noise.draw, second.real and second.real.draw) == (2, 1)


def test_dropout_cnn_has_its_two_dropouts_and_clipped_adams() -> None:
    recipe = get_recipe("dropout-cnn")
    assert (recipe.generator.dropout, recipe.discriminator.dropout) == (0.8, 0.0)
    told = recipe.with_settings({"discriminator.dropout": 0.8})
    assert told.discriminator.dropout == 0.8
    d, g = recipe.optimizer.discriminator, recipe.optimizer.generator
    assert (d.learning_rate, d.decay, d.clip_value) == (1e-4, 1e-10, 1.0)
    assert (g.learning_rate, g.decay, g.clip_value) == (2e-4, 0.0, 1.0)
    assert recipe.latent.distribution == "uniform"
    assert (recipe.budget.amount, recipe.budget.unit) == (500, "steps")


def test_dcgan_rmsprop_joins_the_batch_and_freezes_d() -> None:
    recipe = get_recipe("dcgan-rmsprop")
    first, second, third = updates_of(recipe, 3)
    assert brief(first) == ("discriminator", "discriminator", "both", "joint")
    assert first.fakes_from == "evaluation"
    assert brief(second)[:2] == ("generator", "generator")
    assert not second.moves_discriminator
    assert [u.noise.draw for u in (first, second, third)] == [0, 1, 2]  # fresh each time
    d, g = recipe.optimizer.discriminator, recipe.optimizer.generator
    assert (d.name, d.learning_rate, d.decay, d.beta2) == ("rmsprop", 2e-4, 6e-8, 0.9)
    assert (g.name, g.learning_rate, g.decay, g.epsilon) == ("rmsprop", 1e-4, 3e-8, 1e-7)
    assert recipe.log.samples_every_images == 500 * 256


def test_an_unfrozen_d_is_moved_by_gs_optimiser_towards_calling_fakes_real() -> None:
    changes = {"batch_size": 8, "discriminator.dropout": 0.0, "generator.dropout": 0.0}
    for frozen in (True, False):
        trainer = small("dcgan-rmsprop", **changes, **{"procedure.frozen": frozen})
        before = [w.detach().clone() for w in trainer.step.discriminator.parameters()]
        update, _ = trainer.procedure.next(Cursor(update=1), None)
        batch = trainer.feed.fetch(update)
        with torch.no_grad():
            fake = trainer.step.generator(batch.noise)
            logit = float(trainer.step.discriminator(fake).mean())
        trainer.step.carry_out(update, batch)
        with torch.no_grad():
            after = float(trainer.step.discriminator(fake).mean())
        after_weights = trainer.step.discriminator.parameters()
        still = all(torch.equal(a, b) for a, b in zip(before, after_weights, strict=True))
        assert still is frozen
        assert (after > logit) is not frozen


def test_shallow_z20_teaches_g_twice_on_ds_noise_in_the_order_of_the_file() -> None:
    recipe = get_recipe("shallow-z20")
    updates = updates_of(recipe, 6)
    assert [update.player[0] for update in updates] == list("dggdgg")
    assert updates[0].noise == updates[1].noise == updates[2].noise != updates[3].noise
    assert updates[0].passes == "separate"
    trainer = small("shallow-z20", batch_size=10)
    for number, cursor in enumerate((Cursor(), Cursor(iteration=1), Cursor(iteration=5))):
        update, _ = trainer.procedure.next(cursor, None)
        batch = trainer.feed.fetch(update)
        first = (0, 10, 50)[number]
        rows = (first + np.arange(10)) % len(trainer.dataset.train)
        assert batch.real is not None
        assert np.array_equal(batch.real.numpy(), trainer.dataset.train.take(rows))
    for optimizer in (recipe.optimizer.generator, recipe.optimizer.discriminator):
        assert (optimizer.learning_rate, optimizer.beta1, optimizer.epsilon) == (2e-4, 0.5, 1e-8)


def test_cifar_cars_updates_d_on_real_then_on_fake_then_g_on_fresh_noise() -> None:
    recipe = get_recipe("cifar-cars")
    updates = updates_of(recipe, 6)
    assert [brief(update)[:3] for update in updates[:3]] == [
        ("discriminator", "discriminator", "real"),
        ("discriminator", "discriminator", "fake"),
        ("generator", "generator", "both"),
    ]
    assert [update.images for update in updates] == [20, 0, 0] * 2
    assert updates[1].fakes_from == "evaluation"
    assert [update.noise.draw for update in updates[1:6]] == [0, 1, 2, 2, 3]
    assert (recipe.data.order, recipe.latent.size) == ("with_replacement", 32)
    d, g = recipe.optimizer.discriminator, recipe.optimizer.generator
    assert (d.learning_rate, g.learning_rate, d.beta1, g.beta1) == (1e-4, 2e-4, 0.5, 0.5)


def test_cifar_cars_draws_with_replacement() -> None:
    trainer = small("cifar-cars")
    update, _ = trainer.procedure.next(Cursor(), None)
    assert update.real is not None
    rows = [trainer.feed._real_rows(replace(update.real, draw=draw)) for draw in range(12)]
    assert any(len(set(part.tolist())) < 20 for part in rows)  # some image twice in a batch


def test_each_update_of_d_apart_has_the_gradient_of_its_own_images() -> None:
    # SGD at rate 1: the change is minus the gradient, of the mean over the 20 images alone.
    sgd = {"optimizer.discriminator.name": "sgd", "optimizer.discriminator.beta1": 0.0}
    plain = {"optimizer.discriminator.bias_correction": "moments", "discriminator.dropout": 0.0}
    rate = {"optimizer.discriminator.learning_rate": 1.0}
    trainer = small("cifar-cars", **sgd, **plain, **rate)
    network = trainer.step.discriminator
    cursor = Cursor()
    for side in ("real", "fake"):
        update, cursor = trainer.procedure.next(cursor, None)
        batch = trainer.feed.fetch(update)
        assert batch.real is not None
        with torch.no_grad():
            fake = trainer.step.generator.eval()(batch.noise)
            trainer.step.generator.train()
        logits = network(images_to_signal(batch.real) if side == "real" else fake)
        sign = -1 if side == "real" else 1
        loss = torch.nn.functional.softplus(sign * logits).mean()
        weights = list(network.parameters())
        gradient = torch.autograd.grad(loss, weights)
        before = [w.detach().clone() for w in weights]
        report = trainer.step.carry_out(update, batch)
        assert float(report[f"d_{side}_loss"]) == pytest.approx(float(loss.detach()), rel=1e-5)
        for old, new, slope in zip(before, weights, gradient, strict=True):
            assert torch.allclose(old - slope, new, rtol=1e-4, atol=1e-6)


def test_smooth_ez_has_three_optimisers_and_smooth_targets() -> None:
    recipe = get_recipe("smooth-ez")
    assert (recipe.targets.real, recipe.targets.fake) == (0.9, 0.0)
    assert recipe.latent.distribution == "truncated"
    trainer = small("smooth-ez", batch_size=8)
    names = {"generator", "discriminator_real", "discriminator_fake"}
    assert set(trainer.step.optimizers) == names
    # A short pre-training: D on real images, D on fakes, 300 times.
    updates = updates_of(recipe, 600)
    assert [brief(u)[1] for u in updates[:4]] == ["discriminator_real", "discriminator_fake"] * 2
    assert {u.player for u in updates} == {"discriminator"}
    assert not any(u.ends_iteration or u.images for u in updates)
    for before, after in pairwise(updates[::2]):
        assert after.real is not None
        assert before.real is not None
        assert after.real.draw == before.real.draw + 1


def test_smoothed_targets_are_cross_entropy_with_nine_tenths() -> None:
    trainer = small("smooth-ez", batch_size=8)
    update, _ = trainer.procedure.next(Cursor(memory=(1.0, 1.0, 0.0)), None)
    batch = trainer.feed.fetch(update)
    assert batch.real is not None
    with torch.no_grad():
        logits = trainer.step.discriminator(images_to_signal(batch.real)).double().numpy()
    share = 1 / (1 + np.exp(-logits))
    expected = -(0.9 * np.log(share) + 0.1 * np.log(1 - share)).mean()
    report = trainer.step.carry_out(update, batch)
    assert float(report["d_real_loss"]) == pytest.approx(expected, rel=1e-5)


def test_dcgan_tf_shares_one_forward_pass() -> None:
    (update,) = updates_of(get_recipe("dcgan-tf"), 1)
    assert update.player == "both"
    assert update.images == 256


def test_a_round_makes_its_fakes_once_and_they_are_those_of_each_batch() -> None:
    changes = {"batch_size": 16, "procedure.round_images": 40, "conditioning": "class"}
    recipe = get_recipe("dropout-cnn").with_settings({**SMALL, **changes})
    trainer = tiny_trainer(recipe)
    passes = []
    trainer.step.generator.register_forward_hook(lambda *given: passes.append(len(given[1][0])))
    cursor = trainer.procedure.start()
    for number in range(5):
        update, cursor = trainer.procedure.next(cursor, None)
        batch = trainer.feed.fetch(update)
        made = trainer.step._fakes.for_discriminator(update, batch, number)
        assert passes == [16, 16, 8]  # the 40 fakes in batches of 16, before the first update
        with torch.no_grad():
            alone = trainer.step.generator.eval()(batch.noise, batch.labels)
            trainer.step.generator.train()
        passes.pop()
        assert torch.allclose(made, alone, atol=1e-5)


@pytest.mark.parametrize(
    ("name", "size"),
    [("dropout-cnn", 40), ("smooth-ez", 8), ("cifar-cars", 20), ("dcgan-rmsprop", 8)],
)
def test_a_run_resumed_in_the_middle_goes_on_bit_for_bit(name: str, size: int) -> None:
    changes: dict[str, Any] = {"batch_size": size}
    if name == "dropout-cnn":
        changes |= {"procedure.round_images": 40, "procedure.discriminator_epochs": 2}
        changes |= {"procedure.generator_epochs": 3}
    if name == "smooth-ez":
        changes |= {"procedure.pretraining_steps": 2}
    straight = small(name, **changes)
    for number in range(9):
        if number == 5:
            state = straight.state_dict()
            resumed = small(name, **changes)
            resumed.load_state_dict(_copied(state))
        straight.advance()
    for _ in range(4):
        resumed.advance()
    assert resumed.cursor == straight.cursor
    first, second = straight.step.state_dict(), resumed.step.state_dict()
    for player in ("generator", "discriminator"):
        for key, tensor in first[player].items():
            assert torch.equal(tensor, second[player][key]), (player, key)


def _copied(value: Any) -> Any:
    if isinstance(value, torch.Tensor):
        return value.clone()
    if isinstance(value, dict):
        return {key: _copied(part) for key, part in value.items()}
    return [_copied(part) for part in value] if isinstance(value, list | tuple) else value


def test_colour_images_of_32_pixels_fit_the_cars_networks() -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (70, 32, 32, 3), dtype=np.uint8)
    recipe = get_recipe("cifar-cars").with_settings(SMALL)
    trainer = tiny_trainer(recipe, from_arrays(pixels, held_out=8))
    trainer.iterate(20)
    assert trainer.step.counts == {"generator": 1, "discriminator": 2}


@pytest.mark.parametrize("name", sorted(IMAGE_RECIPES))
def test_every_recipe_takes_classes_when_asked(name: str) -> None:
    small_rounds: dict[str, Any] = {"procedure.discriminator_epochs": 1}
    small_rounds |= {"procedure.generator_epochs": 1, "procedure.round_images": 8}
    changes: dict[str, Any] = {**SMALL, "batch_size": 8, "conditioning": "class"}
    changes |= small_rounds if name == "dropout-cnn" else {}
    if name == "smooth-ez":
        changes["procedure.pretraining_steps"] = 1
    trainer = tiny_trainer(get_recipe(name).with_settings(changes))
    trainer.iterate(8)
    assert trainer.num_classes == 3
    for network in (trainer.step.generator, trainer.step.discriminator):
        moved = [w for n, w in network.named_parameters() if "embedding" in n or "projection" in n]
        assert moved
        assert all(bool(torch.isfinite(weight).all()) for weight in moved)
