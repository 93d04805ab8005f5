"""The truncated normal law, and how a network's layers are filled."""

import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats
from torch import nn

from ganvas.nets.initialisation import Layer, fill_layers, truncated_normal_


def seeded(number: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(number)


def test_the_truncated_normal_is_scipys() -> None:
    weight = torch.empty(200, 100)
    truncated_normal_(weight, 0.02, seeded())
    assert float(weight.abs().max()) <= 0.04
    law = stats.truncnorm(-2, 2, scale=0.02)
    assert float(weight.std()) == pytest.approx(law.std(), rel=0.02)
    assert law.std() == pytest.approx(0.8796 * 0.02, rel=1e-4)  # what the docstring says
    assert stats.kstest(weight.flatten().numpy(), law.cdf).pvalue > 0.01


@given(deviation=st.floats(1e-3, 10), seed=st.integers(0, 1000))
def test_the_truncated_normal_scales_and_follows_its_generator(deviation: float, seed: int) -> None:
    one, other = torch.empty(40, dtype=torch.float64), torch.empty(40, dtype=torch.float64)
    truncated_normal_(one, 1.0, seeded(seed))
    truncated_normal_(other, deviation, seeded(seed))
    assert torch.allclose(other, one * deviation)
    assert math.isclose(float(one.abs().max()), min(float(one.abs().max()), 2.0))


def test_layers_are_filled_in_order_with_biases_at_nought() -> None:
    network = nn.Sequential(
        nn.Conv2d(1, 2, 3),
        nn.BatchNorm2d(2),
        nn.ConvTranspose2d(2, 3, 3, bias=False),
        nn.Linear(4, 5),
    )
    for tensor in network.state_dict().values():
        tensor.fill_(7)
    seen: list[str] = []

    def fill(layer: Layer, generator: torch.Generator) -> None:
        seen.append(type(layer).__name__)
        layer.weight.normal_(generator=generator)

    fill_layers(network, fill, seeded())
    assert seen == ["Conv2d", "ConvTranspose2d", "Linear"]
    state = network.state_dict()
    assert not bool(state["0.bias"].any())
    assert not bool(state["3.bias"].any())
    assert state["1.weight"].tolist() == [1, 1]
    assert torch.equal(state["0.weight"], torch.empty(2, 1, 3, 3).normal_(generator=seeded()))
