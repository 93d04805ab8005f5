"""Keras' conventions against plain NumPy, and against what they are derived from."""

import math

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from ganvas.nets.blocks import turn
from ganvas.nets.keras import (
    SLOPE,
    SameConv2d,
    SameConvTranspose2d,
    batch_norm_1d,
    batch_norm_2d,
    glorot_fill,
    same_padding,
)
from tests.keras_reference import conv_same, conv_transpose_same


def seeded(number: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(number)


def filled(layer: SameConv2d | SameConvTranspose2d) -> nn.Module:
    for parameter in layer.parameters():
        parameter.data.normal_(generator=seeded())
    return layer.double()


def last(x: torch.Tensor) -> np.ndarray:
    """Maps (1, C, H, W) as NumPy's (H, W, C)."""
    return x[0].permute(1, 2, 0).detach().numpy()


shapes = st.tuples(st.integers(1, 9), st.integers(1, 9))


@settings(deadline=None, max_examples=60)
@given(shape=shapes, kernel=st.integers(1, 7), stride=st.integers(1, 3), turned=st.booleans())
def test_a_same_convolution_is_tensorflows(
    shape: tuple[int, int], kernel: int, stride: int, turned: bool
) -> None:
    turned = turned and kernel >= stride
    layer = filled(SameConv2d(2, 3, kernel, stride, turned=turned))
    x = torch.randn(1, 2, *shape, generator=seeded(1), dtype=torch.float64)
    weight = layer.weight.permute(2, 3, 1, 0).detach().numpy()  # type: ignore[operator]
    expected = conv_same(last(x), weight, stride) + layer.bias.detach().numpy()  # type: ignore[operator]
    out = turn(layer(turn(x))) if turned else layer(x)
    np.testing.assert_allclose(last(out), expected, atol=1e-12)


@settings(deadline=None, max_examples=60)
@given(shape=shapes, stride=st.integers(1, 3), more=st.integers(0, 4), turned=st.booleans())
def test_a_same_transposed_convolution_is_tensorflows(
    shape: tuple[int, int], stride: int, more: int, turned: bool
) -> None:
    layer = filled(SameConvTranspose2d(2, 3, stride + more, stride, turned=turned))
    x = torch.randn(1, 2, *shape, generator=seeded(1), dtype=torch.float64)
    weight = layer.weight.permute(2, 3, 1, 0).detach().numpy()  # type: ignore[operator]
    expected = conv_transpose_same(last(x), weight, stride)
    expected += layer.bias.detach().numpy()  # type: ignore[operator]
    out = turn(layer(turn(x))) if turned else layer(x)
    np.testing.assert_allclose(last(out), expected, atol=1e-12)


def test_a_turned_kernel_smaller_than_its_stride_is_refused() -> None:
    with pytest.raises(ValueError, match="a turned kernel of 1 is smaller than its stride of 2"):
        SameConv2d(1, 1, 1, 2, turned=True)


@pytest.mark.parametrize(("kernel", "stride"), [(5, 2), (3, 2), (4, 2), (5, 1), (3, 3)])
def test_the_transposed_convolution_is_the_adjoint_of_the_convolution(
    kernel: int, stride: int
) -> None:
    down, up = SameConv2d(2, 3, kernel, stride), SameConvTranspose2d(3, 2, kernel, stride)
    filled(down)
    up.double().weight.data.copy_(down.weight.data)
    assert down.bias is not None
    assert up.bias is not None
    down.bias.data.zero_()
    up.bias.data.zero_()
    large = torch.randn(1, 2, 4 * stride, 3 * stride, generator=seeded(1), dtype=torch.float64)
    small = torch.randn(1, 3, 4, 3, generator=seeded(2), dtype=torch.float64)
    with torch.no_grad():
        below, above = float((down(large) * small).sum()), float((large * up(small)).sum())
    assert below == pytest.approx(above)


@pytest.mark.parametrize(("kernel", "left", "right"), [(5, 1, 2), (3, 0, 1), (4, 1, 1)])
def test_a_doubling_crops_less_left_and_top(kernel: int, left: int, right: int) -> None:
    layer = SameConvTranspose2d(1, 1, kernel, 2)
    layer.weight.data.copy_(torch.arange(1.0, kernel**2 + 1).reshape(1, 1, kernel, kernel))
    assert layer.bias is not None
    layer.bias.data.zero_()
    first, final = torch.zeros(1, 1, 4, 4), torch.zeros(1, 1, 4, 4)
    first[0, 0, 0, 0] = final[0, 0, 3, 3] = 1
    whole = layer.weight.data[0, 0]
    reach = kernel - left
    assert torch.equal(layer(first)[0, 0, :reach, :reach], whole[left:, left:])
    reach = kernel - right
    assert torch.equal(layer(final)[0, 0, -reach:, -reach:], whole[:reach, :reach])


@pytest.mark.parametrize(
    ("size", "kernel", "stride", "pads"),
    [
        (28, 5, 2, (1, 2)),
        (7, 5, 2, (2, 2)),
        (28, 3, 2, (0, 1)),
        (9, 5, 1, (2, 2)),
        (8, 1, 2, (0, 0)),
    ],
)
def test_same_padding_puts_the_odd_pixel_after(
    size: int, kernel: int, stride: int, pads: tuple[int, int]
) -> None:
    assert same_padding(size, kernel, stride) == pads


@pytest.mark.parametrize("kept", [0.99, 0.9])
def test_batch_norm_keeps_the_stated_share_and_adds_a_thousandth(kept: float) -> None:
    norm = batch_norm_2d(3, kept=kept)
    x = torch.randn(8, 3, 5, 5, generator=seeded()) * 2 + 1
    out = norm(x)
    mean, variance = x.mean((0, 2, 3)), x.var((0, 2, 3), unbiased=False)
    expected = (x - mean[:, None, None]) / (variance + 1e-3).sqrt()[:, None, None]
    assert torch.allclose(out, expected, atol=1e-5)
    assert norm.running_mean is not None
    assert norm.running_var is not None
    corrected = variance * 200 / 199
    assert torch.allclose(norm.running_mean, (1 - kept) * mean, atol=1e-6)
    assert torch.allclose(norm.running_var, kept + (1 - kept) * corrected, atol=1e-6)


def test_batch_norm_of_features_treats_each_apart() -> None:
    norm = batch_norm_1d(4)
    assert norm.eps == 1e-3
    assert norm.momentum == pytest.approx(0.01)
    x = torch.randn(50, 4, generator=seeded()) * torch.tensor([1.0, 2.0, 3.0, 4.0])
    assert torch.allclose(norm(x).std(0, unbiased=False), torch.ones(4), atol=1e-3)


@pytest.mark.parametrize(
    ("layer", "fans"),
    [
        (nn.Linear(400, 300), 700),
        (SameConv2d(20, 40, 5), 25 * 60),
        (SameConvTranspose2d(20, 40, 5, 2), 25 * 60),
    ],
)
def test_weights_start_glorot_uniform(
    layer: nn.Linear | nn.Conv2d | nn.ConvTranspose2d, fans: int
) -> None:
    with torch.no_grad():
        glorot_fill(layer, seeded())
    weight, bound = layer.weight.detach(), math.sqrt(6 / fans)
    assert float(weight.abs().max()) <= bound
    assert float(weight.std()) == pytest.approx(bound / math.sqrt(3), rel=0.02)
    quarter = float((weight.abs() < bound / 4).float().mean())
    assert quarter == pytest.approx(0.25, abs=0.02)


def test_the_slope_is_keras_default() -> None:
    assert SLOPE == 0.3
