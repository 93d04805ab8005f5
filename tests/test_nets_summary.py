"""The table of layers: its sums are the network's, its shapes those of a real pass."""

import pytest
import torch
from torch import nn

from ganvas.nets import ImageShape, make_discriminator, make_generator
from ganvas.nets.blocks import Dropout, Finish
from ganvas.nets.summary import (
    LayerRow,
    describe_discriminator,
    describe_generator,
    describe_network,
)
from ganvas.recipe import DiscriminatorSettings, GeneratorSettings
from tests.recipe_names import IMAGE_ARCHITECTURES

SHAPE = ImageShape(channels=3, height=9, width=12)


def seeded(number: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(number)


def sums(rows: list[LayerRow]) -> tuple[int, int]:
    return sum(row.parameters for row in rows), sum(row.statistics for row in rows)


def counts(network: nn.Module) -> tuple[int, int]:
    buffers = sum(b.numel() for b in network.buffers() if b.is_floating_point())
    return sum(p.numel() for p in network.parameters()), buffers


@pytest.mark.parametrize("name", IMAGE_ARCHITECTURES)
def test_the_sums_are_the_networks_own(name: str) -> None:
    classes = 3
    g_settings = GeneratorSettings(architecture=name, width=8)
    d_settings = DiscriminatorSettings(architecture=name, width=8, spectral_norm=name != "r3")
    g = make_generator(g_settings, latent_size=5, shape=SHAPE, num_classes=classes, seed=None)
    d = make_discriminator(d_settings, shape=SHAPE, num_classes=classes, seed=None)
    rows = describe_generator(g_settings, latent_size=5, shape=SHAPE, num_classes=classes)
    assert sums(rows) == counts(g)
    assert all(row.output_shape for row in rows)
    rows = describe_discriminator(d_settings, shape=SHAPE, num_classes=classes)
    assert sums(rows) == counts(d)
    assert len({row.name for row in rows if row.parameters}) == len(
        [row for row in rows if row.parameters]
    )


def test_rows_say_name_kind_shape_and_numbers_in_order() -> None:
    network = nn.Sequential(
        nn.Conv2d(1, 4, 3, padding=1), Finish(nn.BatchNorm2d(4), dropout=0.3), nn.Flatten()
    )
    rows = describe_network(network, torch.empty(2, 1, 5, 6))
    assert [(row.name, row.kind, row.output_shape) for row in rows] == [
        ("0", "Conv2d", (4, 5, 6)),
        ("1.norm", "BatchNorm2d", (4, 5, 6)),
        ("1.dropout", "Dropout", (4, 5, 6)),
        ("2", "Flatten", (120,)),
    ]
    assert [(row.parameters, row.statistics) for row in rows] == [(40, 0), (8, 8), (0, 0), (0, 0)]


def test_what_changes_nothing_has_no_row() -> None:
    assert describe_network(nn.Sequential(Dropout(0.0), nn.Identity()), torch.empty(1, 2)) == []


def test_a_layer_passed_twice_counts_once_and_one_never_passed_counts_too() -> None:
    class Twice(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.layer = nn.Linear(3, 3)
            self.spare = nn.Linear(3, 7)

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            out: torch.Tensor = self.layer(self.layer(x))
            return out

    rows = describe_network(Twice(), torch.empty(1, 3))
    assert [(row.name, row.output_shape, row.parameters) for row in rows] == [
        ("layer", (3,), 12),
        ("layer", (3,), 0),
        ("spare", (), 28),
    ]


def test_spectral_norm_belongs_to_the_layer_that_it_constrains() -> None:
    plain = DiscriminatorSettings(architecture="sngan", width=4)
    normed = DiscriminatorSettings(architecture="sngan", width=4, spectral_norm=True)
    before = describe_discriminator(plain, shape=SHAPE)
    after = describe_discriminator(normed, shape=SHAPE)
    assert [(row.name, row.kind, row.output_shape, row.parameters) for row in before] == [
        (row.name, row.kind, row.output_shape, row.parameters) for row in after
    ]
    assert after[0].statistics == 4 + 3 * 9  # the two vectors of a matrix (4, 27)


def test_the_network_itself_is_left_as_it_was() -> None:
    network = make_generator(
        GeneratorSettings(width=8), latent_size=4, shape=SHAPE, num_classes=3, seed=seeded()
    )
    before = {key: value.clone() for key, value in network.state_dict().items()}
    describe_network(network, torch.empty(2, 4), torch.zeros(2, dtype=torch.int64))
    assert network.training
    assert all(torch.equal(before[key], value) for key, value in network.state_dict().items())
    assert not any(module._forward_hooks for module in network.modules())
