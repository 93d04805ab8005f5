"""Initial weights: their published deviations and bounds."""

import math

import pytest
import torch
from torch import nn

from ganvas.nets.initialisation import fan_in_and_out, glorot_uniform_, he_normal_, reset_norms


def seeded() -> torch.Generator:
    return torch.Generator().manual_seed(0)


def test_fans_count_the_receptive_field() -> None:
    assert fan_in_and_out(torch.empty(8, 3, 5, 5)) == (75, 200)
    assert fan_in_and_out(torch.empty(8, 3, 5, 5), transposed=True) == (200, 75)
    assert fan_in_and_out(torch.empty(4, 9)) == (9, 4)


def test_glorot_fills_its_bound() -> None:
    weight = torch.empty(64, 32, 5, 5)
    glorot_uniform_(weight, seeded())
    bound = math.sqrt(6 / (32 * 25 + 64 * 25))
    assert float(weight.abs().max()) <= bound
    assert float(weight.abs().max()) == pytest.approx(bound, rel=1e-3)
    assert float(weight.std()) == pytest.approx(bound / math.sqrt(3), rel=0.02)


def test_he_keeps_the_size_of_rectified_signals() -> None:
    weight = torch.empty(256, 400)
    he_normal_(weight, seeded())
    assert float(weight.std()) == pytest.approx(math.sqrt(2 / 400), rel=0.02)


def test_norms_start_as_the_identity() -> None:
    network = nn.Sequential(nn.BatchNorm1d(3), nn.BatchNorm2d(2))
    for tensor in network.state_dict().values():
        tensor.fill_(7)
    reset_norms(network)
    for norm in network:
        assert isinstance(norm, nn.BatchNorm1d | nn.BatchNorm2d)
        assert bool((norm.weight == 1).all() and (norm.bias == 0).all())
        assert norm.running_mean is not None
        assert norm.running_var is not None
        assert bool((norm.running_mean == 0).all() and (norm.running_var == 1).all())
