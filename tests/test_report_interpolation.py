"""Walks between samples: where they begin and end, and what lies between."""

from pathlib import Path

import numpy as np
import pytest
import torch

from ganvas.errors import UsageError
from ganvas.model import load_generator
from ganvas.model.between import among_classes, between_classes
from ganvas.recipe import GeneratorSettings
from ganvas.report import interpolation
from ganvas.report.animation import Timing
from ganvas.report.interpolation import Walk, walk_images, write_walk
from ganvas.rng import stream
from tests.model_helpers import networks_of, small_config, write_model

Captured = pytest.CaptureFixture[str]


@pytest.mark.parametrize("truncation", [1.0, 0.5])
def test_way_points_are_the_samples_of_their_seeds(
    model_of_classes: Path, truncation: float
) -> None:
    generator = load_generator(model_of_classes)
    walk = Walk(seeds=(3, 8, 1), labels=("7", "circle"), columns=4, steps=9, truncation=truncation)
    images = walk_images(generator, walk)
    assert images.shape == (19, 4, 1, 8, 8)
    for place, seed in ((0, 3), (9, 8), (18, 1)):
        expected, _ = generator.sample(4, [2, 0, 2, 0], seed, truncation=truncation)
        assert np.array_equal(images[place], expected)
    between = images[1:9].reshape(8, -1)
    assert len(np.unique(between, axis=0)) == 8  # it moves


def test_without_classes_six_walks_go_side_by_side(model_without_classes: Path) -> None:
    generator = load_generator(model_without_classes)
    images = walk_images(generator, Walk(seeds=(0, 1), steps=2))
    assert images.shape == (3, 6, 3, 8, 8)
    assert np.array_equal(images[2], generator.sample(6, None, 1)[0])


def test_a_walk_over_classes_holds_the_latent(model_of_classes: Path) -> None:
    generator = load_generator(model_of_classes)
    walk = Walk(seeds=(5,), over_classes=True, labels=(2, 0), columns=2, steps=4)
    images = walk_images(generator, walk)
    assert images.shape == (5, 2, 1, 8, 8)
    for place, label in ((0, 2), (4, 0)):
        assert np.array_equal(images[place], generator.sample(2, label, 5)[0])
    assert len(np.unique(images[:, 0].reshape(5, -1), axis=0)) == 5
    every = walk_images(generator, Walk(seeds=(5,), over_classes=True, steps=1))
    assert every.shape == (3, 6, 1, 8, 8)


@pytest.mark.parametrize("architecture", ["swift", "dcgan-tf", "shallow-z20"])
def test_between_two_classes_lies_the_mean_of_their_embeddings(architecture: str) -> None:
    config = small_config(
        height=28, width=28, generator=GeneratorSettings(architecture=architecture, width=8)
    )
    network, _ = networks_of(config)
    noise = torch.randn(3, 4, generator=stream(0, "test.between"))
    zero, one = torch.zeros(3, dtype=torch.int64), torch.ones(3, dtype=torch.int64)
    with torch.no_grad():
        ends = network(noise, zero), network(noise, one)
        with between_classes(network, one, torch.tensor([0.0, 0.5, 1.0])):
            mixed = network(noise, zero)
        assert torch.equal(network(noise, zero), ends[0])  # and it is over afterwards
        torch.testing.assert_close(mixed[0], ends[0][0])
        torch.testing.assert_close(mixed[2], ends[1][2])
        assert not torch.allclose(mixed[1], ends[0][1])
        assert not torch.allclose(mixed[1], ends[1][1])


@pytest.mark.parametrize("architecture", ["swift", "dcgan-tf"])
def test_among_classes_a_whole_share_is_the_class_and_two_halves_lie_between(
    architecture: str,
) -> None:
    config = small_config(
        height=28, width=28, generator=GeneratorSettings(architecture=architecture, width=8)
    )
    network, _ = networks_of(config)
    noise = torch.randn(3, 4, generator=stream(0, "test.among"))
    zero = torch.zeros(3, dtype=torch.int64)
    classes = torch.tensor([[0, 1, 2]]).expand(3, -1)
    shares = torch.tensor([[0.0, 1.0, 0.0], [0.5, 0.5, 0.0], [0.25, 0.25, 0.5]])
    with torch.no_grad():
        with among_classes(network, classes, shares):
            mixed = network(noise, zero)
            assert torch.equal(mixed, network(noise, zero + 2))  # whatever labels it is given
        torch.testing.assert_close(mixed[0], network(noise, zero + 1)[0])
        with between_classes(network, zero + 1, torch.full((3,), 0.5)):
            torch.testing.assert_close(mixed[1], network(noise, zero)[1])
        for label in range(3):
            assert not torch.allclose(mixed[2], network(noise, zero + label)[2])


def test_what_lies_between_several_classes_at_once_does_so_for_each() -> None:
    config = small_config(
        height=28, width=28, generator=GeneratorSettings(architecture="swift", width=8)
    )
    network, _ = networks_of(config)
    noise = torch.randn(2, 4, generator=stream(0, "test.several"))
    start, end = torch.tensor([[0, 1], [1, 0]]), torch.tensor([[2, 1], [2, 0]])
    with torch.no_grad():
        with between_classes(network, end, torch.tensor([1.0, 0.5])):
            mixed = network(noise, start)
        torch.testing.assert_close(mixed[0], network(noise, end)[0])
        shares = torch.tensor([[0.0, 1.0], [0.5, 0.5]])
        with among_classes(network, torch.stack([start, end], 1), shares):
            torch.testing.assert_close(network(noise, start[:, 0]), mixed)


def test_more_than_fits_into_memory_is_refused(tmp_path: Path) -> None:
    write_model(tmp_path / "large", small_config(height=64, width=64))
    walk = Walk(seeds=tuple(range(100)), columns=32, steps=240)
    with pytest.raises(UsageError, match="take fewer --frames"):
        walk_images(load_generator(tmp_path / "large"), walk)


def test_an_animation_of_very_many_places_is_small(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sizes: list[tuple[int, ...]] = []
    monkeypatch.setattr(
        interpolation, "write_animation", lambda path, frames, timing: sizes.append(frames[0].shape)
    )
    for places in (4, 40, 400):
        images = np.zeros((places, 1, 1, 8, 8), np.uint8)
        monkeypatch.setattr(interpolation, "_MOST_NUMBERS", 100_000)
        write_walk(tmp_path / "x.webp", images, Timing())
    areas = [height * width * channels for height, width, channels in sizes]
    assert areas == sorted(areas, reverse=True)
    assert all(n * area <= 100_000 for n, area in zip((4, 40, 400), areas, strict=True))
