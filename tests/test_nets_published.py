"""The published networks: parameters worked out by hand, output shapes, settings, first weights.

Keras' summaries count a batch norm's moving mean and variance as "non-trainable parameters"; here
they are statistics, so a published total is both together.
"""

import pytest

from ganvas.nets import ImageShape
from ganvas.nets.summary import LayerRow, describe_discriminator, describe_generator
from ganvas.recipe import DiscriminatorSettings, GeneratorSettings

MNIST = ImageShape(channels=1, height=28, width=28)


CIFAR = ImageShape(channels=3, height=32, width=32)


LSUN = ImageShape(channels=3, height=64, width=64)


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
