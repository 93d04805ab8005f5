"""D asked on the way: what it costs, that it disturbs nothing, that it sees overfitting."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor, nn

from ganvas.data import DataSet
from ganvas.data.images import Images
from ganvas.evaluation.discriminator import Validation, plan_validation
from ganvas.evaluation.probe import passes_of
from ganvas.nets.global_norm import share_batch_norms
from ganvas.procedure import make_procedure
from ganvas.recipe import DiscriminatorSettings, LossSettings, Recipe
from tests.training_helpers import TINY, tiny_data, tiny_trainer, with_procedure

DIGITS = tiny_data(600)
CONDITIONAL = replace(TINY, conditioning="class")


class Records(nn.Module):
    """A D that knows its training images by heart: 1 for them, -1 for all else."""

    def __init__(self, known: Images) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.zeros(()))
        signal = torch.from_numpy(known.images).float() / 127.5 - 1
        self.known = {self.key(image) for image in signal}
        self.seen: list[bytes] = []

    @staticmethod
    def key(image: Tensor) -> bytes:
        pixels: np.ndarray = ((image + 1) * 127.5).round().numpy().astype(np.int16)
        return pixels.tobytes()

    def forward(self, images: Tensor, labels: Tensor | None) -> Tensor:
        assert not self.training
        keys = [self.key(image) for image in images]
        self.seen += keys
        return torch.tensor([1.0 if key in self.known else -1.0 for key in keys])


def ask(discriminator: nn.Module, data: DataSet, place: int = 0, count: int = 20) -> dict[str, Any]:
    trainer = tiny_trainer(CONDITIONAL, data)
    validation = Validation(CONDITIONAL, data, count=count)
    return validation(place, generator=trainer.step.generator, discriminator=discriminator)


def part(split: Any, rows: slice) -> Images:
    """Some rows of the training images as a split of their own."""
    train = DIGITS.train
    assert train.labels is not None
    return Images(split=split, images=train.images[rows], labels=train.labels[rows])


def test_a_d_that_learnt_by_heart_is_found_out() -> None:
    train, others = part("train", slice(300)), part("held_out", slice(300, None))
    found = ask(Records(train), replace(DIGITS, train=train, held_out=others))
    assert found["d_accuracy_train"] == 1
    assert found["d_accuracy_held_out"] == 0
    assert found["overfitting"] == 1
    assert found["d_loss_held_out"] > found["d_loss_train"]
    same = part("held_out", slice(300))  # held-out images that D does know
    assert ask(Records(train), replace(DIGITS, train=train, held_out=same))["overfitting"] == 0


def test_every_place_has_images_of_its_own_and_always_the_same() -> None:
    def seen(place: int) -> list[bytes]:
        d = Records(DIGITS.train)
        ask(d, DIGITS, place, count=8)
        return d.seen

    assert seen(1) == seen(1)
    train, held_out = set(seen(1)[:8]), set(seen(1)[8:16])
    assert len(train) == len(held_out) == 8
    assert train <= Records(DIGITS.train).known
    assert not held_out & Records(DIGITS.train).known
    assert set(seen(2)[:8]) != train


@pytest.mark.parametrize("norm", [False, True])
def test_the_networks_are_left_as_they_were(norm: bool) -> None:
    recipe = replace(CONDITIONAL, discriminator=DiscriminatorSettings(width=4, spectral_norm=norm))
    trainer = tiny_trainer(recipe)
    trainer.iterate(16)
    networks = (trainer.step.generator, trainer.step.discriminator)
    frozen = next(networks[0].children()).eval()  # a part in a mode of its own stays in it
    before = [{n: t.clone() for n, t in net.state_dict().items()} for net in networks]
    modes = [module.training for net in networks for module in net.modules()]
    state = torch.get_rng_state()
    Validation(recipe, tiny_data(), count=8)(16, generator=networks[0], discriminator=networks[1])
    assert torch.equal(torch.get_rng_state(), state)
    assert [module.training for net in networks for module in net.modules()] == modes
    assert not frozen.training
    for net, old in zip(networks, before, strict=True):
        assert all(torch.equal(tensor, old[name]) for name, tensor in net.state_dict().items())
        assert all(
            parameter.grad is None or parameter.requires_grad for parameter in net.parameters()
        )


@pytest.mark.parametrize("loss", ["hinge", "relativistic"])
@pytest.mark.parametrize("classes", [0, 3])
def test_any_loss_with_and_without_classes(loss: Any, classes: int) -> None:
    recipe = replace(TINY, loss=LossSettings(name=loss))
    data = tiny_data(classes=classes)
    trainer = tiny_trainer(recipe, data)
    found = Validation(trainer.recipe, data, count=8)(
        0, generator=trainer.step.generator, discriminator=trainer.step.discriminator
    )
    assert found["accuracy_of"] == ("images" if loss == "hinge" else "pairs")
    assert 0 <= found["d_accuracy_held_out"] <= 1
    assert found["count"] == 8


def test_without_held_out_images_only_the_training_side_is_asked() -> None:
    data = tiny_data()
    none = part("held_out", slice(0))
    found = ask(Records(data.train), replace(data, held_out=none), count=8)
    assert found["d_loss_held_out"] is None
    assert found["overfitting"] is None
    assert found["d_accuracy_train"] == 1


class Packs(nn.Module):
    """A packed D whose logit is the largest first pixel in its pack, so that neighbours count."""

    def __init__(self, count: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.zeros(()))
        self.count = count
        self.seen: list[Tensor] = []

    def forward(self, images: Tensor, labels: Tensor | None) -> Tensor:
        pixels = images[:, 0, 0, 0].view(-1, self.count)
        self.seen.append(pixels)
        return pixels.amax(1)


@pytest.mark.parametrize("pack", [2, 8, 16])
@pytest.mark.parametrize("held_out", [0, 3, 8])
def test_a_packed_d_is_asked_about_whole_packs(pack: int, held_out: int) -> None:
    recipe = replace(
        TINY,
        conditioning="none",
        batch_size=32,
        discriminator=DiscriminatorSettings(width=4, pack=pack),
    )
    data = replace(DIGITS, held_out=part("held_out", slice(held_out)))
    trainer = tiny_trainer(recipe, data)
    _, count = plan_validation(trainer.recipe, data, every_images=100_000, at_most=250)
    assert count % pack == 0 < count
    found = Validation(trainer.recipe, data, count=count)(
        0, generator=trainer.step.generator, discriminator=trainer.step.discriminator
    )
    assert (found["d_loss_held_out"] is None) == (held_out < pack)
    assert all(np.isfinite(value) for value in found.values() if isinstance(value, float))


def test_packs_are_of_images_in_random_order_though_the_file_is_sorted() -> None:
    images = np.repeat(np.arange(200, dtype=np.uint8)[:, None], 64, 1).reshape(-1, 1, 8, 8)
    train = Images(split="train", images=images, labels=np.zeros(200, np.int64))
    recipe = replace(
        TINY, conditioning="none", discriminator=DiscriminatorSettings(width=4, pack=2)
    )
    data = replace(DIGITS, train=train, held_out=replace(train, split="held_out"))
    trainer = tiny_trainer(recipe)
    packs = Packs(2)
    Validation(recipe, data, count=200)(0, generator=trainer.step.generator, discriminator=packs)
    assert [len(seen) for seen in packs.seen] == [50] * 6
    distances = (packs.seen[0][:, 0] - packs.seen[0][:, 1]).abs() * 127.5
    assert float(distances.mean()) > 40  # by chance 200 / 3; neighbours of the file differ by 1


PROCEDURES: list[dict[str, Any]] = [
    {"name": "simultaneous"},
    {"name": "alternating", "generator_steps": 2},
    {"name": "alternating", "discriminator_steps": 5},
    {"name": "rounds", "round_images": 64, "discriminator_epochs": 4, "generator_epochs": 3},
]


def work(recipe: Recipe, network: str) -> float:
    """Passes through a network for each image drawn, counted update by update."""
    procedure = make_procedure(recipe, pairs_real=False)
    cursor, passes = procedure.start(), 0.0
    while cursor.iteration == 0:
        update, cursor = procedure.next(cursor, None)
        of_g = update.player in ("generator", "both")
        count = update.noise.size if update.noise.pick is None else len(update.noise.pick)
        if network == "g":
            passes += 3 * count * of_g
        else:
            passes += count * (2 if update.player == "generator" else 6)
    return passes / procedure.images_per_iteration


@settings(max_examples=40)
@given(
    every=st.integers(1, 100_000),
    at_most=st.integers(2, 5_000),
    procedure=st.sampled_from(PROCEDURES),
    held_out=st.sampled_from([0, 8]),
)
def test_validations_cost_at_most_a_hundredth_of_the_training(
    every: int, at_most: int, procedure: dict[str, Any], held_out: int
) -> None:
    recipe = with_procedure(replace(TINY, conditioning="none"), **procedure)
    data = DIGITS
    if not held_out:
        data = replace(data, held_out=part("held_out", slice(0)))
    planned, count = plan_validation(recipe, data, every_images=every, at_most=at_most)
    made, seen = passes_of(recipe, data)
    kinds = 3 if held_out else 2
    cost = count * (kinds * seen + made)
    assert cost <= 0.01 * planned * (work(recipe, "d") * seen + work(recipe, "g") * made) * 1.0001
    assert planned % every == 0
    assert 2 <= count <= min(at_most, len(data.held_out) or len(data.train))


class Normed(nn.Module):
    """A D of one batch norm: its logit is the mean of what the norm makes of the image."""

    def __init__(self) -> None:
        super().__init__()
        self.norm = nn.BatchNorm2d(1)

    def forward(self, images: Tensor, labels: Tensor | None) -> Tensor:
        logits: Tensor = self.norm(images).mean((1, 2, 3))
        return logits


@pytest.mark.parametrize(("passes", "centred"), [("separate", True), ("joint", False)])
def test_norms_take_each_kinds_own_statistics_where_training_does(
    passes: str, centred: bool
) -> None:
    recipe = with_procedure(replace(TINY, conditioning="none"), passes=passes)
    network = Normed()
    before = {name: value.clone() for name, value in network.state_dict().items()}
    trainer = tiny_trainer(recipe, DIGITS)
    figures = Validation(recipe, DIGITS, count=20)(
        0, generator=trainer.step.generator, discriminator=network
    )
    means = [figures[f"logit_{kind}"] for kind in ("train", "fake")]
    # A norm by the batch at hand centres each kind; its moving averages are still at 0 and 1.
    assert all(abs(mean) < 1e-5 for mean in means) == centred
    assert all(torch.equal(value, before[name]) for name, value in network.state_dict().items())
    assert network.norm.training
    assert network.norm.track_running_stats


def test_shared_norms_take_each_kinds_own_statistics_as_plain_ones_do() -> None:
    recipe = with_procedure(replace(TINY, conditioning="none"), passes="separate")
    trainer = tiny_trainer(recipe, DIGITS)
    figures: list[dict[str, Any]] = []
    for network in (Normed(), Normed()):
        if figures:
            share_batch_norms(network, lambda own: own[None])
        look = Validation(recipe, DIGITS, count=20)
        figures.append(look(0, generator=trainer.step.generator, discriminator=network))
        assert network.training
    assert figures[0] == pytest.approx(figures[1], abs=1e-5)
    assert not network.norm.by_batch
