"""The default networks: stages, padding, modulated norm, and D's logits of every class."""

from typing import get_args

import pytest
import torch

from ganvas.nets.modulated import ModulatedBatchNorm, ModulatedLayerNorm
from ganvas.nets.shape import ImageShape
from ganvas.nets.swift import (
    SwiftDiscriminator,
    SwiftGenerator,
    _padding,
    num_stages,
)
from ganvas.recipe import NormKind


def seeded() -> torch.Generator:
    return torch.Generator().manual_seed(0)


def square(size: int, channels: int = 1) -> ImageShape:
    return ImageShape(channels=channels, height=size, width=size)


def made_generator(norm: NormKind) -> SwiftGenerator:
    generator = SwiftGenerator(latent_size=4, shape=square(20), num_classes=3, width=8, norm=norm)
    with torch.no_grad():
        generator.initialise(seeded())
    return generator


@pytest.mark.parametrize(
    ("size", "stages", "base"),
    [(8, 2, 2), (20, 2, 5), (28, 2, 7), (32, 2, 8), (33, 3, 5), (64, 3, 8), (128, 4, 8)],
)
def test_the_first_map_is_at_most_eight_pixels_wide(size: int, stages: int, base: int) -> None:
    assert num_stages(square(size)) == stages
    generator = SwiftGenerator(latent_size=4, shape=square(size), width=16)
    assert generator.base[:2] == (base, base)


@pytest.mark.parametrize("size", range(1, 65))
def test_no_pixel_is_left_out_by_a_strided_convolution(size: int) -> None:
    padding = _padding(size)
    last = -padding + 2 * ((size + 2 * padding - 3) // 2) + 2  # last pixel the last window covers
    assert last >= size - 1


def test_the_modulated_norm_is_batch_norm_with_a_scale_and_shift_for_each_image() -> None:
    norm = ModulatedBatchNorm(3)
    x = torch.randn(6, 3, 4, 4, generator=seeded()) * 3 + 1
    scale, shift = (torch.randn(6, 3, generator=seeded()) for _ in range(2))
    mean = x.mean((0, 2, 3), keepdim=True)
    variance = x.var((0, 2, 3), unbiased=False, keepdim=True)
    plain = (x - mean) / (variance + 1e-5).sqrt()
    expected = plain * scale[:, :, None, None] + shift[:, :, None, None]
    assert torch.allclose(norm(x, scale, shift), expected, atol=1e-5)


def test_the_modulated_layer_norm_takes_each_positions_mean_and_variance_over_its_channels() -> (
    None
):
    norm = ModulatedLayerNorm()
    x = torch.randn(6, 3, 4, 5, generator=seeded()) * 3 + 1
    scale, shift = (torch.randn(6, 3, generator=seeded()) for _ in range(2))
    plain = (x - x.mean(1, keepdim=True)) / (x.var(1, unbiased=False, keepdim=True) + 1e-5).sqrt()
    expected = plain * scale[:, :, None, None] + shift[:, :, None, None]
    assert torch.allclose(norm(x, scale, shift), expected, atol=1e-5)


@pytest.mark.parametrize("norm", get_args(NormKind))
def test_in_evaluation_an_image_does_not_depend_on_its_batch(norm: NormKind) -> None:
    generator = made_generator(norm).eval()
    noise, labels = torch.randn(6, 4, generator=seeded()), torch.tensor([0, 1, 2, 0, 1, 2])
    whole = generator(noise, labels)
    assert torch.allclose(generator(noise[2:3], labels[2:3]), whole[2:3], atol=1e-5)


def test_with_layer_norm_an_image_is_in_training_what_it_is_in_evaluation() -> None:
    generator = made_generator("layer")
    noise, labels = torch.randn(6, 4, generator=seeded()), torch.tensor([0, 1, 2, 0, 1, 2])
    assert torch.allclose(
        generator.train()(noise, labels), generator.eval()(noise, labels), atol=1e-5
    )


def test_the_logit_of_each_class_is_what_asking_for_it_gives() -> None:
    discriminator = SwiftDiscriminator(shape=square(28), num_classes=5, width=8)
    with torch.no_grad():
        discriminator.initialise(seeded())
    images = torch.randn(3, 1, 28, 28, generator=seeded())
    table = discriminator.class_logits(images)
    assert table.shape == (3, 5)
    for label in range(5):
        asked = discriminator(images, torch.full((3,), label))
        assert torch.allclose(asked, table[:, label], atol=1e-5)


def test_no_image_influences_anothers_logit() -> None:
    discriminator = SwiftDiscriminator(shape=square(28), width=8)
    with torch.no_grad():
        discriminator.initialise(seeded())
    images = torch.randn(4, 1, 28, 28, generator=seeded())
    alone = torch.cat([discriminator(image[None]) for image in images])
    assert torch.allclose(discriminator(images), alone, atol=1e-5)
