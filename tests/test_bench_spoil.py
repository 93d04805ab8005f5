"""What is to be spoiled is spoiled, when it is to be, and nothing else."""

from typing import Any

import pytest
import torch
from torch import Tensor, nn

from bench.spoil import spoiling
from ganvas import assembly
from ganvas.device import Machine
from ganvas.recipes import make_recipe
from ganvas.training import Training
from tests.bench_helpers import labelled, small_set

BATCH, IMAGES = 4, 40
TINY = {
    "batch_size": BATCH,
    "conditioning": "class",
    "generator.width": 4,
    "discriminator.width": 4,
    "latent.size": 3,
    "schedule.warmup_images": 0,
}


def training(settings: dict[str, Any] | None = None) -> Training:
    machine = Machine(device=torch.device("cpu"), precision=torch.float32, threads=1, why="a test")
    recipe = make_recipe("swift", budget={"images": IMAGES}, settings={**TINY, **(settings or {})})
    return Training(recipe, small_set(), machine)


def weights_of(network: nn.Module) -> list[Tensor]:
    return [weight.detach().clone() for weight in network.parameters()]


def are_finite(network: nn.Module) -> bool:
    return all(bool(weight.isfinite().all()) for weight in network.parameters())


def draw(described: dict[str, Any], labels: list[int]) -> tuple[Tensor, Tensor]:
    """Images of one noise for each label, by a sound generator and by the spoiled one."""
    noise = torch.randn(len(labels), 3, generator=torch.Generator().manual_seed(0))
    asked = torch.tensor(labels)
    sound = training()
    with spoiling(described):
        spoiled = training()
    with torch.no_grad():
        return (
            sound.step.average.average(noise, asked),
            spoiled.step.average.average(noise, asked),
        )


def test_a_generator_is_deaf_to_noise_for_one_class_alone() -> None:
    sound, spoiled = draw({"what": "deaf_to_noise", "label": 1}, [0, 0, 1, 1])
    assert torch.equal(sound[:2], spoiled[:2])
    assert (spoiled[2] - spoiled[3]).norm() < 0.1 * (sound[2] - sound[3]).norm()


def test_a_generator_deaf_to_labels_draws_the_first_class() -> None:
    sound, spoiled = draw({"what": "deaf_to_labels"}, [0, 1, 2])
    assert torch.equal(sound[0], spoiled[0])
    assert not torch.equal(sound[1:], spoiled[1:])


def test_a_corner_of_the_output_is_white() -> None:
    sound, spoiled = draw({"what": "patched_output", "side": 2}, [0, 1])
    assert (spoiled[..., :2, :2] == 1).all()
    assert torch.equal(sound[..., 2:, :], spoiled[..., 2:, :])
    assert torch.equal(sound[..., :2, 2:], spoiled[..., :2, 2:])


def test_a_network_is_sound_until_its_time() -> None:
    with spoiling({"what": "scaled_output", "by": 0.0, "after": 0.5}):
        run = training()
        noise, labels = torch.randn(2, 3), torch.tensor([0, 1])
        while run.images < IMAGES:
            run.advance()
            for network in (run.step.generator, run.step.average.average):
                with torch.no_grad():
                    is_spoiled = bool((network(noise, labels) == 0).all())
                assert is_spoiled is (run.images >= 0.5 * IMAGES)


@pytest.mark.parametrize("network", ["generator", "discriminator"])
def test_weights_are_scaled_once(network: str) -> None:
    with spoiling({"what": "scale_weights", "network": network, "by": 0, "after": 0.5}):
        run = training()
        run.iterate(IMAGES // 2)
        assert all((weight == 0).all() for weight in getattr(run.step, network).parameters())
        run.advance()
        assert any((weight != 0).any() for weight in getattr(run.step, network).parameters())


def test_the_last_weights_alone_are_scaled() -> None:
    plain = training()
    plain.iterate(IMAGES // 2)
    mishap = {"what": "scale_weights", "network": "generator", "last": 2, "by": 100, "after": 0.5}
    with spoiling(mishap):
        run = training()
        run.iterate(IMAGES // 2)
    before, after = weights_of(plain.step.generator), weights_of(run.step.generator)
    assert all(torch.equal(old, new) for old, new in zip(before[:-2], after[:-2], strict=True))
    assert all(torch.equal(100 * o, n) for o, n in zip(before[-2:], after[-2:], strict=True))


@pytest.mark.parametrize(
    ("mishap", "factors"),
    [
        ({"what": "change_rate", "by": 100.0}, (100, 100)),
        ({"what": "change_rate", "by": 100.0, "network": "generator"}, (100, 1)),
        ({"what": "freeze", "network": "discriminator"}, (1, 0)),
    ],
)
def test_learning_rates_change_once(mishap: dict[str, Any], factors: tuple[int, int]) -> None:
    with spoiling({**mishap, "after": 0.5}):
        run = training()
        rates = {name: o.param_groups[0]["base_lr"] for name, o in run.step.optimizers.items()}
        run.iterate(IMAGES // 4)
        assert all(o.param_groups[0]["base_lr"] == rates[n] for n, o in run.step.optimizers.items())
        run.iterate(IMAGES // 2)
    for name, factor in zip(("generator", "discriminator"), factors, strict=True):
        assert run.step.optimizers[name].param_groups[0]["base_lr"] == factor * rates[name]


@pytest.mark.parametrize(
    ("mishap", "broken"),
    [
        ({"what": "nan_moment", "network": "discriminator"}, "discriminator"),
        ({"what": "nan_moment", "network": "generator"}, "generator"),
        ({"what": "nan_batch"}, "generator"),
    ],
)
def test_a_planted_nan_is_in_the_weights_an_update_later(
    mishap: dict[str, Any], broken: str
) -> None:
    with spoiling({**mishap, "after": 0.5}):
        run = training()
        run.iterate(IMAGES // 2)
        assert are_finite(getattr(run.step, broken))
        run.advance()
        assert not are_finite(getattr(run.step, broken))


def test_a_nan_is_in_one_batch_alone() -> None:
    with spoiling({"what": "nan_batch", "after": 0.5}):
        run = training()
        run.iterate(IMAGES // 2)
        update, _ = run.procedure.next(run.cursor, None)
        finite = [bool(run.feed.fetch(update).noise.isfinite().all()) for _ in range(3)]
    assert finite == [False, True, True]


@pytest.mark.parametrize("by", [0, -1])
def test_a_gradient_is_scaled_on_its_way_back(by: float) -> None:
    """One update of SGD goes so many times as far, and samples are as they were."""
    settings = {"optimizer.generator.name": "sgd", "ema.half_life_images": 0, "ema.ramp_up": 0.05}
    runs = [training(settings)]
    with spoiling({"what": "scaled_gradient", "by": by}):
        runs.append(training(settings))
    begun = [weights_of(run.step.generator) for run in runs]
    with torch.no_grad():
        noise, labels = torch.randn(2, 3), torch.tensor([0, 1])
        sound, spoiled = (run.step.average.average(noise, labels) for run in runs)
    assert torch.equal(sound, spoiled)
    for run in runs:
        run.advance()
    moved = [
        torch.cat(
            [
                (new - old).flatten()
                for new, old in zip(weights_of(run.step.generator), weights, strict=True)
            ]
        )
        for run, weights in zip(runs, begun, strict=True)
    ]
    assert moved[0].norm() > 0
    torch.testing.assert_close(moved[1], by * moved[0], atol=1e-6, rtol=1e-3)


def test_biases_alone_are_shifted() -> None:
    plain = training()
    plain.iterate(IMAGES // 2)
    mishap = {"what": "shift_biases", "network": "discriminator", "by": -7.0, "after": 0.5}
    with spoiling(mishap):
        run = training()
        run.iterate(IMAGES // 2)
    before = dict(plain.step.discriminator.named_parameters())
    for name, weight in run.step.discriminator.named_parameters():
        shift = -7.0 if name.endswith("bias") else 0.0
        assert torch.equal(weight, before[name] + shift)


def shown(mishap: dict[str, Any]) -> list[tuple[Tensor, Tensor]]:
    """The real images and labels of three updates after the first."""
    with spoiling({**mishap, "after": 0}):
        run = training()
        run.advance()
        batches = []
        for _ in range(3):
            update, run.cursor = run.procedure.next(run.cursor, None)
            batch = run.feed.fetch(update)
            assert batch.real is not None
            assert batch.real_labels is not None
            batches.append((batch.real, batch.real_labels))
    return batches


def test_one_batch_is_shown_again_and_again() -> None:
    first, *others = shown({"what": "repeat_batch"})
    for images, labels in others:
        assert torch.equal(images, first[0])
        assert torch.equal(labels, first[1])


def test_some_classes_alone_are_shown() -> None:
    of_class = {image: label for image, label in labelled(small_set()).items() if label in (0, 2)}
    seen = shown({"what": "show_some", "labels": [0, 2]})
    for images, labels in seen:
        for image, label in zip(images, labels, strict=True):
            assert of_class[image.numpy().tobytes()] == label
    assert len({image.numpy().tobytes() for images, _ in seen for image in images}) > BATCH


def test_a_network_begins_anew_again_and_again() -> None:
    mishap = {"what": "restart", "network": "discriminator", "after": 0.1, "every": 2 * BATCH}
    begun = []
    with spoiling(mishap):
        run = training()
        while run.images < IMAGES:
            run.advance()
            begun.append(not run.step.optimizers["discriminator"].state)
    assert begun == [True, False] * 5
    assert run.step.optimizers["generator"].state


def test_nothing_is_spoiled_afterwards() -> None:
    training_before = (Training.advance, vars(assembly)["make_generator"])
    with spoiling({"what": "restart", "network": "generator", "after": 0, "every": 1}):
        pass
    with spoiling({"what": "sigmoid_output", "after": 0.5}):
        pass
    assert training_before == (Training.advance, vars(assembly)["make_generator"])
