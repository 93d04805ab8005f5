"""Dropout and spectral norm against their definitions."""

import pytest
import torch
from torch import nn

from ganvas.nets.blocks import (
    Dropout,
    constrain_spectral_norm,
    couples_images,
    dropouts_of,
    set_dropout_stream,
)


def seeded(number: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(number)


def test_dropout_keeps_the_mean_and_scales_what_stays() -> None:
    layer = Dropout(0.3)
    set_dropout_stream(dropouts_of(layer), seeded)
    out = layer(torch.ones(200, 200))
    assert out.unique().tolist() == pytest.approx([0.0, 1 / 0.7])
    assert float(out.mean()) == pytest.approx(1.0, abs=0.02)


def test_dropout_is_nothing_in_evaluation_or_at_probability_nought() -> None:
    x = torch.randn(3, 4, generator=seeded())
    assert torch.equal(Dropout(0.5).eval()(x), x)
    assert torch.equal(Dropout(0.0)(x), x)


def test_dropout_follows_its_own_stream_only() -> None:
    layer, x = Dropout(0.5), torch.ones(50, 50)
    results: list[torch.Tensor] = []
    for number in (1, 1, 2):
        torch.manual_seed(len(results))
        set_dropout_stream(dropouts_of(layer), lambda number=number: seeded(number))  # type: ignore[misc]
        results.append(layer(x))
    assert torch.equal(results[0], results[1])
    assert not torch.equal(results[0], results[2])


def test_dropout_without_a_stream_is_a_mistake_of_ours() -> None:
    with pytest.raises(RuntimeError, match="set_dropout_stream"):
        Dropout(0.5)(torch.ones(2))


def test_no_stream_is_made_for_a_network_without_dropout() -> None:
    set_dropout_stream(
        dropouts_of(nn.Linear(2, 2)), lambda: pytest.fail("made a generator for nothing")
    )


@pytest.mark.parametrize("layer", [nn.Linear(12, 7), nn.Conv2d(3, 5, 3), nn.Embedding(6, 9)])
def test_spectral_norm_makes_the_largest_singular_value_one(layer: nn.Module) -> None:
    with torch.no_grad():
        layer.weight.normal_(generator=seeded(4))  # type: ignore[operator]
    network = nn.Sequential(layer)
    constrain_spectral_norm(network, seeded(5))
    for _ in range(100):
        weight = layer.weight
    singular = torch.linalg.svdvals(weight.detach().flatten(1))  # type: ignore[operator]
    assert float(singular[0]) == pytest.approx(1.0, abs=1e-3)


def test_spectral_norm_moves_its_vectors_in_training_only() -> None:
    network = nn.Sequential(nn.Linear(8, 8))
    constrain_spectral_norm(network, seeded())
    network.eval()
    before = {key: value.clone() for key, value in network.state_dict().items()}
    network(torch.ones(1, 8))
    assert all(torch.equal(before[key], value) for key, value in network.state_dict().items())
    network.train()
    network(torch.ones(1, 8))
    assert any(not torch.equal(before[key], value) for key, value in network.state_dict().items())


def test_two_passes_can_be_differentiated_together() -> None:
    network = nn.Sequential(nn.Linear(4, 3))
    constrain_spectral_norm(network, seeded())
    (network(torch.ones(1, 4)).sum() + network(-torch.ones(1, 4)).square().sum()).backward()
    assert all(parameter.grad is not None for parameter in network.parameters())


def test_only_batch_norm_couples_images() -> None:
    assert couples_images(nn.Sequential(nn.Conv2d(1, 2, 3), nn.BatchNorm2d(2)))
    assert not couples_images(nn.Sequential(nn.Conv2d(1, 2, 3), Dropout(0.5), nn.Linear(2, 2)))
