"""Pictures at points: a corner is its seed's sample, and every kind of model has them."""

import threading
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

from ganvas.errors import UsageError
from ganvas.explore import LatentPoint
from ganvas.model import MAP_SIDE, Explorer, Generator
from ganvas.nets import GENERATORS
from ganvas.nets.shape import PointShape
from ganvas.recipe import DiscriminatorSettings, GeneratorSettings, LatentSettings
from ganvas.rng import stream
from tests.model_helpers import networks_of, small_config

MOVED = LatentPoint(at=(0.25, 0.75), directions=((1, 2.0), (4, -1.5)), truncation=0.7)


@pytest.fixture(autouse=True, scope="module")
def _one_thread() -> None:
    torch.set_num_threads(1)


def explorer_of(**values: Any) -> Explorer:
    config = small_config(**values)
    return Explorer(Generator(config, networks_of(config)[0]))


@pytest.fixture(scope="module")
def explorer() -> Explorer:
    return explorer_of()


def test_a_corner_is_sample_0_of_its_seed_but_for_rounding(explorer: Explorer) -> None:
    point = LatentPoint(corners=(5, 6, 7, 8), at=(1, 0), label=2, truncation=0.5)
    image, label = explorer.picture(point)
    expected, _ = explorer.generator.sample(1, 2, seed=6, truncation=0.5)
    np.testing.assert_allclose(image.astype(int), expected.astype(int), rtol=0, atol=1)
    assert label == 2


def test_the_map_shows_what_each_place_shows(explorer: Explorer) -> None:
    point = replace(MOVED, label=1)
    shown = explorer.map(point)
    assert shown.shape == (MAP_SIDE**2, 1, 8, 8)
    for row, column in ((0, 0), (1, 3), (4, 2)):
        there = replace(point, at=(column / 4, row / 4))
        image = explorer.picture(there)[0]
        tile = shown[row * MAP_SIDE + column]
        np.testing.assert_allclose(tile.astype(int), image[0].astype(int), rtol=0, atol=1)
    assert len(np.unique(shown, axis=0)) > 20


@pytest.mark.parametrize("architecture", sorted(GENERATORS.keys() - {"points"}))
@pytest.mark.parametrize("names", [(), ("a", "b")], ids=["plain", "classes"])
def test_every_architecture_has_pictures_and_directions(
    architecture: str, names: tuple[str, ...]
) -> None:
    explorer = explorer_of(
        channels=3,
        class_names=names,
        generator=GeneratorSettings(architecture=architecture, width=8),
        latent=LatentSettings(size=6),
    )
    with torch.no_grad():
        for parameter in explorer.generator.network.parameters():
            # Untrained, some networks' pictures are all but grey.
            parameter.normal_(0, 0.2, generator=stream(0, "test", parameter.numel()))
    assert explorer.num_directions == 6
    image, label = explorer.picture(MOVED)
    assert image.shape == (1, 3, 8, 8)
    assert image.dtype == np.uint8
    assert (label is None) is (names == ())
    assert not np.array_equal(image, explorer.picture(replace(MOVED, directions=()))[0])


@pytest.mark.parametrize(
    "values",
    [
        {"latent": LatentSettings(size=5, distribution="uniform")},
        {"latent": LatentSettings(size=5, distribution="truncated")},
        {"class_names": (), "discriminator": DiscriminatorSettings(width=4, pack=2)},
        {"discriminator": DiscriminatorSettings(width=4, classes="auxiliary")},
    ],
    ids=["uniform", "truncated", "packed", "auxiliary"],
)
def test_every_kind_of_model_has_pictures(values: dict[str, Any]) -> None:
    explorer = explorer_of(**values)
    again = explorer_of(**values)
    np.testing.assert_array_equal(explorer.picture(MOVED)[0], again.picture(MOVED)[0])


def test_the_number_of_threads_changes_no_byte_and_is_left_alone(explorer: Explorer) -> None:
    expected = explorer.picture(MOVED)[0]
    torch.set_num_threads(2)
    try:
        found = Explorer(explorer.generator).picture(MOVED)[0]
        assert torch.get_num_threads() == 2
    finally:
        torch.set_num_threads(1)
    np.testing.assert_array_equal(found, expected)


def test_threads_of_a_server_get_the_same_pictures(explorer: Explorer) -> None:
    shared, found = Explorer(explorer.generator), {}
    expected = {x: explorer.picture(replace(MOVED, at=(x / 8, 0.5)))[0] for x in range(8)}

    def ask(x: int) -> None:
        found[x] = shared.picture(replace(MOVED, at=(x / 8, 0.5)))[0]

    threads = [threading.Thread(target=ask, args=(x,)) for x in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for x, image in expected.items():
        np.testing.assert_array_equal(found[x], image)


def test_directions_are_not_looked_for_while_a_picture_mixes_clusters() -> None:
    explorer = explorer_of(class_names=(), cluster_frequencies=(0.25,) * 4, cluster_components=3)
    held: list[bool] = []

    def note(module: nn.Module, inputs: tuple[torch.Tensor, ...]) -> None:
        if not inputs[0].is_meta:  # what is counted on a copy needs no lock
            held.append(explorer._making.locked())

    explorer.generator.network.register_forward_pre_hook(note)
    assert explorer.leading.vectors.shape[0] > 0
    assert held
    assert all(held)


def test_what_the_model_does_not_have_is_refused(explorer: Explorer) -> None:
    with pytest.raises(UsageError, match="direction 5 is out of range: the model has 1 to 4"):
        explorer.picture(LatentPoint(directions=((5, 1.0),)))
    with pytest.raises(UsageError, match="label 3 is out of range"):
        explorer.picture(LatentPoint(label=3))
    assert explorer.picture(LatentPoint())[0].shape == (1, 1, 8, 8)


def test_a_model_of_points_is_refused() -> None:
    config = replace(small_config(), shape=PointShape(dimensions=2))
    with pytest.raises(UsageError, match="this model makes points"):
        Explorer(Generator(config, nn.Identity()))
