"""The published networks: parameters worked out by hand, output shapes, settings, first weights.

Keras' summaries count a batch norm's moving mean and variance as "non-trainable parameters"; here
they are statistics, so a published total is both together.
"""

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
from ganvas.nets.summary import LayerRow, describe_discriminator, describe_generator
from ganvas.nets.wgan_gp import WganGpDiscriminator, WganGpGenerator
from ganvas.recipe import DiscriminatorSettings, GeneratorSettings
from tests.keras_reference import conv_same, conv_transpose_same

MNIST = ImageShape(channels=1, height=28, width=28)
CIFAR = ImageShape(channels=3, height=32, width=32)
LSUN = ImageShape(channels=3, height=64, width=64)


def seeded(number: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(number)


def generator_rows(name: str, width: int, latent: int, shape: ImageShape) -> list[LayerRow]:
    settings = GeneratorSettings(architecture=name, width=width)
    return describe_generator(settings, latent_size=latent, shape=shape)


def discriminator_rows(name: str, width: int, shape: ImageShape) -> list[LayerRow]:
    return describe_discriminator(
        DiscriminatorSettings(architecture=name, width=width), shape=shape
    )


def conv(kernel: int, before: int, after: int) -> int:
    return kernel**2 * before * after + after


# Trained parameters, and the moving statistics of norms over this many channels.
GENERATORS = {
    "dropout-cnn": (
        (64, 100, MNIST),
        101 * 12544 + conv(5, 256, 128) + conv(5, 128, 64) + conv(5, 64, 32) + conv(5, 32, 1),
        12544 + 128 + 64 + 32,
    ),
    "dcgan-rmsprop": (
        (64, 100, MNIST),
        101 * 12544 + conv(5, 256, 128) + conv(5, 128, 64) + conv(5, 64, 32) + conv(5, 32, 1),
        12544 + 128 + 64 + 32,
    ),
    "shallow-z20": (
        (32, 20, MNIST),
        21 * 1568 + conv(3, 32, 64) + conv(3, 64, 64) + conv(3, 64, 1),
        64 + 64 + 1,
    ),
    "cifar-cars": ((128, 32, CIFAR), 6_264_579, 0),
    "sngan": (
        (64, 128, CIFAR),
        129 * 8192 + conv(4, 512, 256) + conv(4, 256, 128) + conv(4, 128, 64) + conv(3, 64, 3),
        8192 + 256 + 128 + 64,
    ),
    "wgan-gp": (
        (64, 128, CIFAR),
        129 * 4096 + conv(5, 256, 128) + conv(5, 128, 64) + conv(5, 64, 3),
        4096 + 128 + 64,
    ),
    "lsgan": (
        (64, 1024, LSUN),
        1025 * 8192 + conv(5, 512, 256) + conv(5, 256, 128) + conv(5, 128, 64) + conv(5, 64, 3),
        8192 + 256 + 128 + 64,
    ),
}
FOUR = conv(5, 1, 64) + conv(5, 64, 128) + conv(5, 128, 256) + conv(5, 256, 512)
DISCRIMINATORS = {
    "dropout-cnn": ((64, MNIST), FOUR + 4 * 4 * 512 + 1, 0),
    "dcgan-rmsprop": ((64, MNIST), 4_311_553, 0),
    "shallow-z20": (
        (32, MNIST),
        conv(3, 1, 32) + conv(3, 32, 64) + 3137 * 64 + 65,
        32 + 64 + 64,
    ),
    "cifar-cars": ((128, CIFAR), 790_913, 0),
    "smooth-ez": ((32, MNIST), conv(5, 1, 32) + conv(5, 32, 64) + 3137 * 1024 + 1025, 0),
    "sngan": (
        (64, CIFAR),
        conv(3, 3, 64)
        + conv(4, 64, 64)
        + conv(3, 64, 128)
        + conv(4, 128, 128)
        + conv(3, 128, 256)
        + conv(4, 256, 256)
        + conv(3, 256, 512)
        + 8193,
        0,
    ),
    "wgan-gp": ((64, CIFAR), conv(5, 3, 64) + conv(5, 64, 128) + conv(5, 128, 256) + 4097, 0),
    "lsgan": (
        (64, LSUN),
        conv(5, 3, 64) + conv(5, 64, 128) + conv(5, 128, 256) + conv(5, 256, 512) + 8193,
        128 + 256 + 512,
    ),
}


@pytest.mark.parametrize("name", sorted(GENERATORS))
def test_the_generator_has_the_published_parameters(name: str) -> None:
    arguments, layers, normed = GENERATORS[name]
    rows = generator_rows(name, *arguments)
    assert sum(row.parameters for row in rows) == layers + 2 * normed
    assert sum(row.statistics for row in rows) == 2 * normed


@pytest.mark.parametrize("name", sorted(DISCRIMINATORS))
def test_the_discriminator_has_the_published_parameters(name: str) -> None:
    arguments, layers, normed = DISCRIMINATORS[name]
    rows = discriminator_rows(name, *arguments)
    assert sum(row.parameters for row in rows) == layers + 2 * normed
    assert sum(row.statistics for row in rows) == 2 * normed


def test_smooth_ez_has_the_published_weights_and_no_shifts() -> None:
    rows = generator_rows("smooth-ez", 50, 100, MNIST)
    layers = 101 * 3136 + conv(3, 1, 50) + conv(3, 50, 25) + conv(1, 25, 1)
    assert sum(row.parameters for row in rows) == layers


def test_the_published_totals_of_keras() -> None:
    rows = generator_rows("dcgan-rmsprop", 64, 100, MNIST)
    assert sum(row.parameters + row.statistics for row in rows) == 2_394_241
    rows = generator_rows("dcgan-tf", 64, 100, MNIST)
    assert sum(row.parameters + row.statistics for row in rows) == 2_330_944


def maps(rows: list[LayerRow], *kinds: str) -> list[tuple[int, ...]]:
    return [row.output_shape for row in rows if row.kind in kinds]


def test_the_shapes_of_the_published_maps() -> None:
    rows = generator_rows("cifar-cars", 128, 32, CIFAR)
    found = maps(rows, "Linear", "SameConv2d", "SameConvTranspose2d")
    same = [(256, 16, 16)] * 3
    assert found == [(32768,), *same, (256, 32, 32), (3, 32, 32)]
    rows = discriminator_rows("cifar-cars", 128, CIFAR)
    assert maps(rows, "ValidConv2d") == [(128, 30, 30), (128, 14, 14), (128, 6, 6), (128, 2, 2)]
    assert maps(rows, "Flatten", "Linear") == [(512,), (1,)]
    for name in ("dropout-cnn", "dcgan-rmsprop"):
        rows = discriminator_rows(name, 64, MNIST)
        assert maps(rows, "SameConv2d") == [(64, 14, 14), (128, 7, 7), (256, 4, 4), (512, 4, 4)]
        rows = generator_rows(name, 64, 100, MNIST)
        found = maps(rows, "SameConv2d", "SameConvTranspose2d")
        assert found == [(128, 14, 14), (64, 28, 28), (32, 28, 28), (1, 28, 28)]
    rows = generator_rows("smooth-ez", 50, 100, MNIST)
    assert maps(rows, "SameConv2d", "DoubleBilinear", "Conv2d") == [
        (50, 28, 28),
        (50, 56, 56),
        (25, 28, 28),
        (1, 28, 28),
    ]
    rows = discriminator_rows("sngan", 64, CIFAR)
    widths = [(64, 32), (64, 16), (128, 16), (128, 8), (256, 8), (256, 4), (512, 4)]
    assert maps(rows, "Conv2d") == [(channels, size, size) for channels, size in widths]
    rows = discriminator_rows("wgan-gp", 64, MNIST)  # as in its authors' code for MNIST
    assert maps(rows, "SameConv2d") == [(64, 14, 14), (128, 7, 7), (256, 4, 4)]


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
