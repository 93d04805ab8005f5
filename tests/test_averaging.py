"""The running average: its decay, and that it follows parameters and buffers alike."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn

from ganvas.averaging import Average, ema_decay
from ganvas.recipe import EmaSettings


def network(value: float) -> nn.Module:
    net = nn.Sequential(nn.Linear(2, 2), nn.BatchNorm1d(2))
    with torch.no_grad():
        for tensor in [*net.parameters(), *net.buffers()]:
            tensor.fill_(value)
    return net


def test_without_a_half_life_the_average_is_the_network() -> None:
    assert ema_decay(EmaSettings(half_life_images=0), 1000, 64) == 0.0


@given(half_life=st.floats(1, 1e6), batches=st.integers(1, 50))
def test_a_half_life_of_images_halves_the_old_weight(half_life: float, batches: int) -> None:
    settings = EmaSettings(half_life_images=half_life, ramp_up=1.0)
    late = int(half_life * 100)
    decay = ema_decay(settings, late, 1)
    assert decay**half_life == pytest.approx(0.5, rel=1e-6)
    assert ema_decay(settings, late, batches) == pytest.approx(decay**batches, rel=1e-9)


def test_young_runs_forget_faster() -> None:
    settings = EmaSettings(half_life_images=10_000, ramp_up=0.05)
    decays = [ema_decay(settings, images, 64) for images in (64, 640, 6_400, 64_000, 640_000)]
    assert decays == sorted(decays)
    assert decays[-1] == decays[-2] or decays[-1] == pytest.approx(0.5 ** (64 / 10_000))


def test_the_average_starts_as_its_source_and_does_not_learn() -> None:
    average = Average(network(3.0), network(7.0)).average
    assert all(bool((tensor == 3.0).all()) for tensor in average.parameters())
    assert not any(tensor.requires_grad for tensor in average.parameters())
    assert not average.training


@given(decay=st.floats(0, 1))
def test_parameters_and_buffers_move_alike(decay: float) -> None:
    source, kept = network(1.0), network(0.0)
    average = Average(source, kept)
    with torch.no_grad():
        for tensor in [*source.parameters(), *source.buffers()]:
            tensor.fill_(5)
    average.update(decay)
    expected = decay * 1.0 + (1 - decay) * 5.0
    for name, tensor in average.average.state_dict().items():
        if tensor.is_floating_point():
            assert tensor.flatten()[0].item() == pytest.approx(expected, rel=1e-5), name
        else:
            assert int(tensor) == 5, name  # counts are copied


def test_it_equals_the_textbook_sum() -> None:
    source, decay = network(0.0), 0.7
    average = Average(source, network(0.0))
    expected = 0.0
    for value in (1.0, -2.0, 4.0):
        with torch.no_grad():
            for parameter in source.parameters():
                parameter.fill_(value)
        average.update(decay)
        expected = decay * expected + (1 - decay) * value
    assert next(average.average.parameters()).flatten()[0].item() == pytest.approx(expected)
