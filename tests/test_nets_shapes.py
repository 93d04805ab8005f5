"""What every architecture keeps to: sizes, channels, classes, ranges, explicit initial weights."""

import pytest
import torch
from torch import nn

from ganvas.errors import UsageError
from ganvas.nets import DISCRIMINATORS, GENERATORS, ImageShape, make_discriminator, make_generator
from ganvas.recipe import DiscriminatorSettings, GeneratorSettings
from tests.recipe_names import IMAGE_ARCHITECTURES

SIZES = [(8, 8), (9, 9), (20, 20), (28, 28), (32, 32), (33, 45), (64, 64), (127, 128)]
CHANNELS = (1, 3, 4)
ARCHITECTURES = IMAGE_ARCHITECTURES
# As published, weights of one size whatever the fan-in, or no norm after a few numbers of noise.
STARTS_SMALL = ("cifar-cars", "lsgan", "shallow-z20", "smooth-ez")
# Every channel count at every size for two; for the others each size with one of the counts.
FITS = [
    (name, size, channels)
    for name in ARCHITECTURES
    for number, size in enumerate(SIZES)
    for channels in CHANNELS
    if name in ("dcgan-tf", "swift") or channels == CHANNELS[number % 3]
]


def seeded(number: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(number)


def generator(
    name: str, size: tuple[int, int] = (28, 28), channels: int = 1, classes: int = 0, seed: int = 0
) -> nn.Module:
    return make_generator(
        GeneratorSettings(architecture=name, width=8),
        latent_size=6,
        shape=ImageShape(channels=channels, height=size[0], width=size[1]),
        num_classes=classes,
        seed=seeded(seed),
    )


def discriminator(
    name: str,
    size: tuple[int, int] = (28, 28),
    channels: int = 1,
    classes: int = 0,
    *,
    seed: int = 0,
    spectral_norm: bool = False,
) -> nn.Module:
    return make_discriminator(
        DiscriminatorSettings(architecture=name, width=8, spectral_norm=spectral_norm),
        shape=ImageShape(channels=channels, height=size[0], width=size[1]),
        num_classes=classes,
        seed=seeded(seed),
    )


@pytest.mark.parametrize(("name", "size", "channels"), FITS)
def test_any_size_and_channels_fit(name: str, size: tuple[int, int], channels: int) -> None:
    images = generator(name, size, channels)(torch.randn(2, 6, generator=seeded()))
    assert images.shape == (2, channels, *size)
    assert float(images.detach().abs().max()) <= 1
    logits = discriminator(name, size, channels).eval()(images.detach())
    assert logits.shape == (2,)


@pytest.mark.parametrize("classes", [1, 10, 37])
def test_classes_change_what_the_conditional_networks_do(classes: int) -> None:
    g, d = generator("swift", classes=classes), discriminator("swift", classes=classes)
    noise = torch.randn(4, 6, generator=seeded())
    first = torch.zeros(4, dtype=torch.int64)
    last = torch.full((4,), classes - 1)
    same = classes == 1
    assert torch.equal(g(noise, first), g(noise, last)) == same
    images = g(noise, first).detach()
    assert torch.equal(d(images, first), d(images, last)) == same


@pytest.mark.parametrize("name", ARCHITECTURES)
def test_initial_weights_come_from_the_seed_alone(name: str) -> None:
    for make in (generator, discriminator):
        torch.manual_seed(1)
        first = make(name).state_dict()
        torch.manual_seed(2)
        again, other = make(name).state_dict(), make(name, seed=7).state_dict()
        assert all(torch.equal(first[key], again[key]) for key in first)
        assert any(not torch.equal(first[key], other[key]) for key in first)


@pytest.mark.parametrize("name", ARCHITECTURES)
def test_no_parameter_or_buffer_is_left_unset(name: str) -> None:
    # to_empty leaves whatever the memory held: every element must have been written.
    for make in (generator, discriminator):
        networks = [make(name, seed=3) for _ in range(3)]
        for tensors in zip(*(net.state_dict().values() for net in networks), strict=True):
            assert all(torch.equal(tensors[0], tensor) for tensor in tensors)
            assert bool(torch.isfinite(tensors[0].float()).all())


@pytest.mark.parametrize("name", ARCHITECTURES)
def test_signals_keep_their_size_through_the_first_pass(name: str) -> None:
    images = generator(name)(torch.randn(64, 6, generator=seeded()))
    small = name in STARTS_SMALL
    assert (1e-3 if small else 0.02) < float(images.detach().std()) < 0.99
    logits = discriminator(name).eval()(torch.randn(64, 1, 28, 28, generator=seeded()).clamp(-1, 1))
    assert (1e-6 if small else 1e-3) < float(logits.detach().std()) < 10


def test_without_a_seed_nothing_is_allocated() -> None:
    network = make_generator(
        GeneratorSettings(),
        latent_size=64,
        shape=ImageShape(channels=1, height=28, width=28),
        num_classes=10,
        seed=None,
    )
    assert all(tensor.is_meta for tensor in network.state_dict().values())


@pytest.mark.parametrize("channels", [0, 2, 5])
def test_other_channel_counts_are_refused(channels: int) -> None:
    with pytest.raises(UsageError, match="image channels must be 1, 3 or 4"):
        ImageShape(channels=channels, height=28, width=28)


@pytest.mark.parametrize("size", [(7, 28), (28, 129), (0, 8)])
def test_sizes_outside_the_rule_are_refused(size: tuple[int, int]) -> None:
    with pytest.raises(UsageError, match="from 8 to 128 pixels"):
        ImageShape(channels=1, height=size[0], width=size[1])


def test_unknown_architectures_name_the_nearest() -> None:
    shape = ImageShape(channels=1, height=28, width=28)
    with pytest.raises(UsageError, match="did you mean 'swift'"):
        make_generator(
            GeneratorSettings(architecture="swifd"),
            latent_size=8,
            shape=shape,
            num_classes=0,
            seed=None,
        )
    assert sorted(DISCRIMINATORS) == sorted(GENERATORS)
