"""The old TensorFlow's resize and pooling, the shortened last step, norms without parameters."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from ganvas.nets.keras import SameConv2d
from ganvas.nets.shape import ImageShape
from ganvas.nets.smooth_ez import DoubleBilinear, SmoothEzDiscriminator, SmoothEzGenerator
from tests.keras_reference import average_pool, conv_same, resize_bilinear_twice

SMALL = ImageShape(channels=1, height=9, width=8)


def seeded(number: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(number)


def last(x: torch.Tensor) -> np.ndarray:
    return x[0].permute(1, 2, 0).detach().numpy()


@settings(deadline=None, max_examples=40)
@given(height=st.integers(1, 9), width=st.integers(1, 9))
def test_the_resize_is_tensorflow_ones(height: int, width: int) -> None:
    x = torch.randn(1, 2, height, width, generator=seeded(), dtype=torch.float64)
    np.testing.assert_allclose(
        last(DoubleBilinear()(x)), resize_bilinear_twice(last(x)), atol=1e-12
    )


def test_the_resize_copies_even_pixels_exactly() -> None:
    x = torch.randn(3, 2, 7, 6, generator=seeded())
    assert torch.equal(DoubleBilinear()(x)[..., ::2, ::2], x)


def test_a_resize_and_a_strided_1x1_convolution_are_the_1x1_convolution() -> None:
    strided, plain = SameConv2d(4, 3, 1, 2), nn.Conv2d(4, 3, 1)
    for layer in (strided, plain):
        for parameter in layer.parameters():
            parameter.data.normal_(generator=seeded(1))
    x = torch.randn(2, 4, 7, 6, generator=seeded())
    assert torch.allclose(strided(DoubleBilinear()(x)), plain(x), atol=1e-6)


@pytest.mark.parametrize("size", [(8, 8), (7, 9), (5, 6)])
def test_the_pool_takes_the_mean_of_the_pixels_there_are(size: tuple[int, int]) -> None:
    x = torch.randn(1, 2, *size, generator=seeded(), dtype=torch.float64)
    pool = nn.AvgPool2d(2, ceil_mode=True)
    np.testing.assert_allclose(last(pool(x)), average_pool(last(x)), atol=1e-12)


def test_the_generator_is_the_published_one_step_by_step() -> None:
    generator = SmoothEzGenerator(latent_size=5, shape=SMALL, width=4)
    with torch.no_grad():
        generator.initialise(seeded())
    generator.double()
    noise = torch.randn(3, 5, generator=seeded(1), dtype=torch.float64)
    dense, _, _, first, _, _, second, _, pixels = generator.layers

    def normalised(maps: np.ndarray) -> np.ndarray:
        plain = (maps - maps.mean((0, 1, 2))) / np.sqrt(maps.var((0, 1, 2)) + 1e-5)
        return np.maximum(plain, 0.0)

    def convolved(layer: nn.Module, maps: np.ndarray) -> np.ndarray:
        weight = layer.weight.permute(2, 3, 1, 0).detach().numpy()  # type: ignore[operator]
        bias = layer.bias.detach().numpy()  # type: ignore[operator]
        return np.stack([conv_same(one, weight, 2) for one in maps]) + bias

    def resized(maps: np.ndarray) -> np.ndarray:
        return np.stack([resize_bilinear_twice(one) for one in maps])

    maps = dense(noise).detach().numpy().reshape(3, 18, 16, 1)
    maps = resized(normalised(convolved(first, normalised(maps))))
    maps = convolved(pixels, resized(normalised(convolved(second, maps))))
    expected = 2 / (1 + np.exp(-maps)) - 1
    made = generator(noise).permute(0, 2, 3, 1).detach().numpy()
    np.testing.assert_allclose(made, expected, atol=1e-9)


def test_norms_have_neither_scale_nor_shift_to_train() -> None:
    generator = SmoothEzGenerator(latent_size=5, shape=SMALL, width=4)
    norms = [module for module in generator.modules() if isinstance(module, nn.BatchNorm2d)]
    assert len(norms) == 3
    assert all(not list(norm.parameters()) and norm.eps == 1e-5 for norm in norms)


def test_biases_start_random_in_the_generator_and_at_nought_in_the_discriminator() -> None:
    generator = SmoothEzGenerator(latent_size=5, shape=SMALL, width=50)
    discriminator = SmoothEzDiscriminator(shape=SMALL, width=8)
    for network in (generator, discriminator):
        with torch.no_grad():
            network.initialise(seeded())
        for name, parameter in network.named_parameters():
            values = parameter.detach()
            if network is discriminator and name.endswith("bias"):
                assert not bool(values.any())
            else:
                assert 0 < float(values.abs().max()) <= 0.04
