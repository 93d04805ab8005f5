"""Augmentation, noise, packs and auxiliary classes in whole updates; defaults change nothing."""

from copy import deepcopy
from dataclasses import replace
from typing import Any

import pytest
import torch
from torch import Tensor

from ganvas.errors import UsageError
from ganvas.nets import ImageShape, make_discriminator
from ganvas.nets.packing import pack_images
from ganvas.penalties import squared_gradient_norm
from ganvas.procedure import Cursor
from ganvas.recipe import DiscriminatorSettings, Recipe
from ganvas.recipes import get_recipe
from ganvas.trainer import Trainer
from tests.recipe_names import IMAGE_RECIPES
from tests.training_helpers import TINY, tiny_data, tiny_trainer

ALL = "colour,translation,cutout"
SIMULTANEOUS = {"procedure.name": "simultaneous", "procedure.passes": "joint"}
SETTINGS: dict[str, dict[str, Any]] = {
    "augmented": {"augment.policy": ALL},
    "flipped": {"augment.flip": True, "augment.probability": 0.5},
    "adaptive": {"augment.policy": ALL, "augment.adaptive": True, "augment.speed_images": 64},
    "noisy": {"instance_noise.deviation": 0.2},
    "packed": {"discriminator.pack": 2, "penalty.r1": 1.0, "penalty.r2": 1.0},
    "auxiliary": {"discriminator.classes": "auxiliary"},
}


def advance(trainer: Trainer, updates: int) -> None:
    for _ in range(updates):
        trainer.advance()


def trainer_of(name: str, *, changes: dict[str, Any] | None = None) -> Trainer:
    return tiny_trainer(TINY.with_settings({**SETTINGS[name], **(changes or {})}))


def weights(trainer: Trainer) -> list[Tensor]:
    step = trainer.step
    return [p.detach().clone() for net in (step.generator, step.discriminator)
            for p in net.parameters()]  # fmt: skip


@pytest.mark.parametrize("order", [{}, SIMULTANEOUS, {"loss.name": "relativistic"}])
@pytest.mark.parametrize("name", sorted(SETTINGS))
def test_a_run_goes_on_bit_for_bit(name: str, order: dict[str, Any]) -> None:
    straight = trainer_of(name, changes=order)
    resumed = trainer_of(name, changes=order)
    advance(straight, 5)
    resumed.load_state_dict(deepcopy(straight.state_dict()))
    for trainer in (straight, resumed):
        advance(trainer, 6)
    for a, b in zip(weights(straight), weights(resumed), strict=True):
        assert torch.equal(a, b)
    assert straight.step.state_dict()["controllers"] == resumed.step.state_dict()["controllers"]


@pytest.mark.parametrize("name", sorted(SETTINGS))
def test_each_setting_changes_the_run(name: str) -> None:
    plain = {"conditioning": "none"} if name == "packed" else {}
    without = tiny_trainer(TINY.with_settings(plain))
    advance(without, 4)
    changed = trainer_of(name)
    for part in changed.step.controllers.values():
        part.load_state_dict({"probability": 0.8, "signs": 0.0, "updates": 0, "images": 0})
    advance(changed, 4)
    pairs = zip(weights(without), weights(changed), strict=False)
    assert any(a.shape != b.shape or not torch.equal(a, b) for a, b in pairs)


@pytest.mark.parametrize("name", ["augmented", "adaptive", "noisy", "auxiliary", "packed"])
def test_both_players_at_once_learn_as_from_two_backward_passes(name: str) -> None:
    """The short way, where it is taken, gives the long way's weights; elsewhere it is not taken."""
    short, long = (trainer_of(name, changes=SIMULTANEOUS) for _ in range(2))
    for trainer in (short, long):
        for part in trainer.step.controllers.values():
            part.load_state_dict({"probability": 0.5, "signs": 0.0, "updates": 0, "images": 0})
    assert short.step.one_pass is (name not in ("packed", "auxiliary"))
    long.step.one_pass = False
    for trainer in (short, long):
        advance(trainer, 1)
    for a, b in zip(weights(short), weights(long), strict=True):
        assert torch.allclose(a, b, rtol=1e-3, atol=1e-5)


def test_the_gradient_at_the_fakes_flows_through_the_augmentation() -> None:
    trainer = trainer_of("augmented", changes={"augment.policy": "cutout"})
    view = trainer.step.view
    view.begin_update(3)
    fakes = torch.zeros(4, 1, 8, 8, requires_grad=True)
    shown = view.show(fakes)
    (slope,) = torch.autograd.grad(shown.sum(), fakes)
    assert set(slope.flatten().tolist()) == {0.0, 1.0}  # what is cut out teaches G nothing


def test_probability_0_is_a_run_without_augmentation() -> None:
    off = tiny_trainer(TINY.with_settings({"augment.policy": ALL, "augment.probability": 0.0}))
    plain = tiny_trainer()
    for trainer in (off, plain):
        advance(trainer, 4)
    assert all(torch.equal(a, b) for a, b in zip(weights(off), weights(plain), strict=True))


def test_adas_probability_and_sign_are_reported_and_followed() -> None:
    trainer = trainer_of("adaptive")
    update, _ = trainer.procedure.next(Cursor(), None)
    with torch.no_grad():  # a D that calls everything real
        trainer.step.discriminator.logit.bias.fill_(1e3)  # type: ignore[union-attr, operator]
    reports = [trainer.step.carry_out(update, trainer.feed.fetch(update)) for _ in range(4)]
    assert all(float(report["real_sign"]) == 1.0 for report in reports)
    assert [float(r["augment_probability"]) for r in reports] == [0, 0, 0, 0.5]


def test_the_noise_fades_with_the_images_of_the_run() -> None:
    trainer = tiny_trainer(
        TINY.with_settings({"instance_noise.deviation": 0.5, "instance_noise.until": 0.5})
    )
    spread = []
    while not trainer.is_spent:
        trainer.advance()
        zeros = torch.zeros(64, 1, 8, 8)
        trainer.step.view.begin_update(1)
        spread.append(float(trainer.step.view.show(zeros).std()))
    assert spread[0] == pytest.approx(0.5, rel=0.05)
    assert spread == sorted(spread, reverse=True)
    assert spread[-1] == 0


def test_a_packed_d_is_unconditional_whatever_the_recipe_says_of_classes() -> None:
    recipe = TINY.with_settings({"loss.class_weight": 1.0, "discriminator.pack": 4})
    trainer = tiny_trainer(recipe)
    assert trainer.recipe.conditioning == "none"
    before = weights(trainer)
    advance(trainer, 2)
    assert not any(torch.equal(a, b) for a, b in zip(before, weights(trainer), strict=True))


def test_packs_are_consecutive_rows_above_each_other() -> None:
    images = torch.arange(7 * 3 * 2 * 2).float().view(7, 3, 2, 2)
    packs = pack_images(images, 3)
    assert packs.shape == (2, 9, 2, 2)
    assert torch.equal(packs[1], images[3:6].reshape(9, 2, 2))


@pytest.mark.parametrize("passes", ["joint", "separate"])
def test_no_pack_mixes_real_and_fake(passes: str) -> None:
    trainer = trainer_of("packed", changes={"procedure.passes": passes})
    assert trainer.num_classes == 0
    seen: list[Tensor] = []
    inner = trainer.step.discriminator.network
    inner.register_forward_pre_hook(lambda _, given: seen.append(given[0]))  # type: ignore[union-attr]
    view = trainer.step.view
    logits = view.compare(
        real=torch.ones(8, 1, 8, 8),
        fake=-torch.ones(8, 1, 8, 8),
        real_labels=None,
        labels=None,
        joint=passes == "joint",
    )
    packs = torch.cat(seen)
    assert logits.real.shape == logits.fake.shape == (4,)
    assert torch.equal(packs[:4], torch.ones(4, 2, 8, 8))
    assert torch.equal(packs[4:], -torch.ones(4, 2, 8, 8))


def test_a_packs_slope_is_that_at_all_of_its_images() -> None:
    images = torch.randn(6, 1, 8, 8, generator=torch.Generator().manual_seed(0))
    weight = torch.randn(3, 8, 8, generator=torch.Generator().manual_seed(1))
    norm = squared_gradient_norm(lambda x: (pack_images(x, 3) * weight).sum((1, 2, 3)), images)
    assert float(norm) == pytest.approx(float(weight.square().sum()), rel=1e-5)


@pytest.mark.parametrize("name", sorted(IMAGE_RECIPES))
@pytest.mark.parametrize("variant", ["packed", "auxiliary"])
def test_every_recipes_d_takes_packs_and_auxiliary_classes(name: str, variant: str) -> None:
    auxiliary = variant == "auxiliary"
    settings = replace(
        get_recipe(name).discriminator,
        width=4,
        **({"classes": "auxiliary"} if auxiliary else {"pack": 2}),
    )
    seed = torch.Generator().manual_seed(0)
    shape = ImageShape(channels=3, height=16, width=16)
    d = make_discriminator(settings, shape=shape, num_classes=5 * auxiliary, seed=seed).eval()
    images = torch.randn(4, 3, 16, 16, generator=seed)
    assert d(images, torch.arange(4) if auxiliary else None).shape == ((4,) if auxiliary else (2,))
    if auxiliary:
        logits, classes = d.judge(images)  # type: ignore[operator]
        assert torch.equal(logits, d(images))
        assert classes.shape == (4, 5)


def test_an_auxiliary_d_is_the_unconditional_one_with_classes_beside_it() -> None:
    shape = ImageShape(channels=1, height=8, width=8)
    both = [
        make_discriminator(
            DiscriminatorSettings(width=4, classes=kind),  # type: ignore[arg-type]
            shape=shape,
            num_classes=count,
            seed=torch.Generator().manual_seed(0),
        )
        for kind, count in (("projection", 0), ("auxiliary", 3))
    ]
    images = torch.randn(4, 1, 8, 8, generator=torch.Generator().manual_seed(1))
    assert torch.equal(both[0](images), both[1](images))


def test_both_players_learn_the_classes_by_their_weights() -> None:
    """The gradient of each player is linear in its weight, with the class loss's own as slope."""
    slopes: dict[float, list[Tensor]] = {}
    for weight in (0.0, 1.0, 2.0):
        changes = {"loss.auxiliary_generator": weight, "loss.auxiliary_discriminator": weight}
        trainer = trainer_of("auxiliary", changes=changes)
        slopes[weight] = []
        cursor = Cursor()
        for player in (trainer.step.discriminator, trainer.step.generator):
            state = deepcopy(trainer.step.state_dict())
            update, cursor = trainer.procedure.next(cursor, None)
            report = trainer.step.carry_out(update, trainer.feed.fetch(update))
            assert {"d_class_loss", "g_class_loss"} & report.keys()
            slopes[weight].append(
                torch.cat([p.grad.flatten().clone() for p in player.parameters()])  # type: ignore[union-attr]
            )
            trainer.step.load_state_dict(state)  # G meets the same D, whatever the weight
    for none, one, two in zip(slopes[0.0], slopes[1.0], slopes[2.0], strict=True):
        assert float((one - none).abs().max()) > 1e-4
        assert torch.allclose(two - one, one - none, rtol=1e-3, atol=1e-5)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"augment.adaptive": True}, "augment.policy"),
        ({"augment.probability": 0.5}, "augment.policy"),
        ({"augment.policy": "colours"}, "augment.policy"),
        ({"augment.policy": ALL, "augment.target": 0.5}, "augment.target"),
        ({"augment.policy": ALL, "augment.adaptive": True, "augment.most": 0}, "augment.most"),
        ({"instance_noise.deviation": -1}, "instance_noise.deviation"),
        ({"instance_noise.until": 2}, "instance_noise.until"),
        ({"discriminator.pack": 3}, "batch_size"),
        ({"discriminator.pack": 8}, "batch_size"),  # a single pack has no batch statistics
        ({"discriminator.pack": 17}, "discriminator.pack"),
        ({"discriminator.pack": 2, "conditioning": "class"}, "conditioning"),
        ({"discriminator.pack": 2, "penalty.gradient_penalty": 10}, "gradient_penalty"),
        ({"discriminator.pack": 2, "procedure.name": "rounds", "procedure.round_images": 35},
         "rounds"),
        ({"loss.auxiliary_generator": 0.5}, "loss.auxiliary_generator"),
        ({"discriminator.classes": "auxiliary", "loss.class_weight": 1}, "loss.class_weight"),
        ({"discriminator.classes": "auxiliary", "conditioning": "none"}, "discriminator.classes"),
        ({"discriminator.classes": "auxiliary", "loss.auxiliary_discriminator": -1},
         "loss.auxiliary_discriminator"),
    ],
)  # fmt: skip
def test_what_would_be_ignored_or_cannot_be_is_refused(changes: dict[str, Any], words: str) -> None:
    with pytest.raises(UsageError, match=words):
        Recipe(name="x", batch_size=8).with_settings(changes)


def test_an_auxiliary_d_needs_data_with_classes() -> None:
    recipe = TINY.with_settings(SETTINGS["auxiliary"])
    with pytest.raises(UsageError, match="no class to tell"):
        tiny_trainer(recipe, tiny_data(classes=0))
