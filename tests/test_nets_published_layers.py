"""The published networks one layer after the other, computed apart in NumPy."""

from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

from ganvas.nets import ImageShape, make_discriminator, make_generator
from ganvas.nets.blocks import Crop, Finish, ToMap
from ganvas.nets.cifar_cars import CifarCarsDiscriminator, ValidConv2d
from ganvas.nets.dcgan_rmsprop import DcganRmspropDiscriminator
from ganvas.nets.dropout_cnn import DropoutCnnDiscriminator
from ganvas.nets.lsgan import LsganDiscriminator, LsganGenerator
from ganvas.nets.shallow_z20 import ShallowZ20Discriminator, ShallowZ20Generator
from ganvas.nets.wgan_gp import WganGpDiscriminator, WganGpGenerator
from ganvas.recipe import DiscriminatorSettings, GeneratorSettings
from tests.keras_reference import conv_same, conv_transpose_same

MNIST = ImageShape(channels=1, height=28, width=28)


CIFAR = ImageShape(channels=3, height=32, width=32)


def seeded(number: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(number)


def kernel_of(layer: nn.Module) -> np.ndarray:
    """A convolution's weight as Keras has it."""
    return layer.weight.permute(2, 3, 1, 0).detach().numpy()  # type: ignore[operator]


def finished(x: np.ndarray, finish: Finish) -> np.ndarray:
    """What follows a layer, in evaluation: batch norm of the last axis and leaky ReLU."""
    norm: Any = finish.norm
    if norm is not None:
        scale = (norm.weight / (norm.running_var + norm.eps).sqrt()).detach().numpy()
        x = (x - norm.running_mean.numpy()) * scale + norm.bias.detach().numpy()
    return np.where(x > 0, x, finish.slope * x)


@pytest.mark.parametrize(
    "kind",
    [
        DcganRmspropDiscriminator,
        DropoutCnnDiscriminator,
        LsganDiscriminator,
        ShallowZ20Discriminator,
        WganGpDiscriminator,
    ],
)
def test_a_discriminator_is_its_keras_layers_one_by_one(kind: type[Any]) -> None:
    network = kind(shape=ImageShape(channels=1, height=10, width=9), width=2)
    with torch.no_grad():
        network.initialise(seeded())
        for number, tensor in enumerate((*network.parameters(), *network.buffers())):
            if tensor.is_floating_point():
                tensor.uniform_(0.1, 0.5, generator=seeded(number))
    network.double().eval()
    images = torch.randn(2, 1, 10, 9, generator=seeded(1), dtype=torch.float64)
    expected = []
    for image in images.permute(0, 2, 3, 1).numpy():
        # Keras' network may read [0, 1], ours reads [-1, 1].
        x = (image + 1) / 2 if network.unit_range else image
        for layer in network.layers:
            if isinstance(layer, nn.Conv2d):
                x = conv_same(x, kernel_of(layer), layer.stride[0])
                assert layer.bias is not None
                x = x + layer.bias.detach().numpy()
            elif isinstance(layer, nn.Linear):
                x = layer.weight.detach().numpy() @ x + layer.bias.detach().numpy()
            elif isinstance(layer, Finish):
                x = finished(x, layer)
            else:
                x = x.reshape(-1)
        dense = network.head.logit
        bias = 0.0 if dense.bias is None else float(dense.bias.data)
        expected.append(float(x @ dense.weight.detach().numpy()[0]) + bias)
    np.testing.assert_allclose(network(images).detach().numpy(), expected, rtol=1e-12)


@pytest.mark.parametrize("kind", [LsganGenerator, WganGpGenerator])
def test_a_dcgan_generator_is_its_keras_layers_one_by_one(kind: type[Any]) -> None:
    shape = ImageShape(channels=3, height=20, width=18)  # from 3x3 by 5x5 and 10x9
    network = kind(latent_size=3, shape=shape, width=2)
    with torch.no_grad():
        network.initialise(seeded())
        for number, tensor in enumerate((*network.parameters(), *network.buffers())):
            if tensor.is_floating_point():
                tensor.uniform_(-0.1, 0.3, generator=seeded(number))
        for norm in network.modules():
            if isinstance(norm, nn.BatchNorm1d | nn.BatchNorm2d):
                assert norm.running_var is not None
                norm.running_var.add_(1.0)
    network.double().eval()
    noise = torch.randn(1, 3, generator=seeded(1), dtype=torch.float64)
    x = noise.numpy()[0]
    for layer in network.layers:
        if isinstance(layer, nn.ConvTranspose2d):
            x = conv_transpose_same(x, kernel_of(layer), 2)
            assert layer.bias is not None
            x = x + layer.bias.detach().numpy()
        elif isinstance(layer, nn.Linear):
            x = layer.weight.detach().numpy() @ x + layer.bias.detach().numpy()
        elif isinstance(layer, Finish):
            x = finished(x, layer)
        elif isinstance(layer, ToMap):
            x = x.reshape(layer.sizes)
        else:
            assert isinstance(layer, Crop)
            x = x[: layer.height, : layer.width]
    expected = np.tanh(x).transpose(2, 0, 1)
    assert np.abs(expected).max() < 0.999
    np.testing.assert_allclose(network(noise).detach().numpy()[0], expected, atol=1e-12)


def test_a_generator_is_its_tensorflow_layers_one_by_one() -> None:
    network = ShallowZ20Generator(latent_size=3, shape=MNIST, width=2)
    with torch.no_grad():
        network.initialise(seeded())
        for norm in network.modules():
            if isinstance(norm, nn.BatchNorm2d):
                assert norm.running_var is not None
                norm.running_var.normal_(2.0, 0.1, generator=seeded(2))
                norm.weight.normal_(generator=seeded(3))
    network.double().eval()
    noise = torch.randn(1, 3, generator=seeded(1), dtype=torch.float64)
    dense, _, _, plain, one, first, two, second, three, _ = network.layers

    def normed(x: np.ndarray, module: nn.Module) -> np.ndarray:
        norm: Any = getattr(module, "norm", module)
        scale = (norm.weight / (norm.running_var + 1e-5).sqrt()).detach().numpy()
        return x * scale  # mean and shift are 0, as is every bias

    def rectified(x: np.ndarray) -> np.ndarray:
        return np.where(x > 0, x, 0.1 * x)

    x = rectified(dense(noise).detach().numpy().reshape(7, 7, 2))
    x = rectified(normed(conv_same(x, kernel_of(plain), 1), one))
    x = rectified(normed(conv_transpose_same(x, kernel_of(first), 2), two))
    x = np.tanh(normed(conv_transpose_same(x, kernel_of(second), 2), three))
    np.testing.assert_allclose(network(noise).detach().numpy()[0, 0], x[..., 0], atol=1e-12)


def test_maps_smaller_than_a_valid_kernel_are_padded_to_fit_it_once() -> None:
    layer = ValidConv2d(1, 1, 4, 2)
    layer.weight.data.fill_(1.0)
    assert layer.bias is not None
    layer.bias.data.zero_()
    x = torch.rand(1, 1, 3, 9, generator=seeded())
    plain = nn.functional.conv2d(nn.functional.pad(x, (0, 0, 0, 1)), layer.weight, stride=2)
    assert torch.equal(layer(x), plain)
    assert CifarCarsDiscriminator(shape=CIFAR, width=4).head.logit.in_features == 2 * 2 * 4


@pytest.mark.parametrize(
    ("name", "truncated"), [("shallow-z20", False), ("lsgan", False), ("smooth-ez", True)]
)
def test_weights_of_a_fiftieth(name: str, truncated: bool) -> None:
    networks = [
        make_generator(
            GeneratorSettings(architecture=name, width=32),
            latent_size=64,
            shape=MNIST,
            num_classes=0,
            seed=seeded(),
        ),
        make_discriminator(
            DiscriminatorSettings(architecture=name, width=16),
            shape=MNIST,
            num_classes=0,
            seed=seeded(),
        ),
    ]
    for layer in (module for network in networks for module in network.modules()):
        if isinstance(layer, nn.Linear | nn.Conv2d | nn.ConvTranspose2d):
            cut = truncated or isinstance(layer, nn.Conv2d)
            weight = layer.weight.detach()
            if weight.numel() > 2000:
                deviation = 0.02 * (0.8796 if cut else 1.0)
                assert float(weight.std()) == pytest.approx(deviation, rel=0.05)
                assert (float(weight.abs().max()) <= 0.04) == cut
