"""Augmentation: the laws that hold for all of its changes, and for their chances."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from ganvas.augment import OPERATIONS, augment

SHAPES = [(5, 1, 8, 8), (4, 3, 9, 13), (3, 4, 16, 8)]


def seeded(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def pictures(*shape: int, dtype: torch.dtype = torch.float32) -> Tensor:
    return torch.rand(shape, generator=seeded(7), dtype=dtype) * 2 - 1


def changed(images: Tensor, probability: float = 1.0, seed: int = 0) -> Tensor:
    return augment(images, OPERATIONS, probability=probability, generator=seeded(seed))


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
def test_with_probability_0_images_come_back_bit_for_bit(
    shape: tuple[int, ...], dtype: torch.dtype
) -> None:
    images = pictures(*shape).to(dtype)
    images[0] = -0.0
    same = changed(images, 0.0)
    assert same.dtype == dtype
    bits = [part.contiguous().view(torch.uint8) for part in (same, images)]
    assert torch.equal(*bits)


@pytest.mark.parametrize("shape", SHAPES)
def test_shape_and_type_stay_and_the_generator_decides_all(shape: tuple[int, ...]) -> None:
    images = pictures(*shape)
    first, again, other = changed(images), changed(images), changed(images, seed=1)
    assert first.shape == images.shape
    assert first.dtype == images.dtype
    assert torch.equal(first, again)
    assert not torch.equal(first, other)
    for before, after in zip(images, first, strict=True):
        assert not torch.equal(before, after)


@pytest.mark.parametrize("name", sorted(OPERATIONS))
@pytest.mark.parametrize("channels", [1, 3])
def test_each_change_can_be_differentiated(name: str, channels: int) -> None:
    images = pictures(3, channels, 5, 6, dtype=torch.float64).requires_grad_(True)

    def change(images: Tensor) -> Tensor:
        return augment(images, [name], probability=0.7, generator=seeded(2))

    assert torch.autograd.gradcheck(change, images)
    assert torch.autograd.gradgradcheck(change, images)


@given(seed=st.integers(0, 2**32), row=st.integers(0, 5), probability=st.floats(0, 1))
@settings(deadline=None, max_examples=25)
def test_no_image_depends_on_another(seed: int, row: int, probability: float) -> None:
    images = pictures(6, 3, 8, 9)
    others = pictures(6, 3, 8, 9) * 0.3
    others[row] = images[row]
    first, second = changed(images, probability, seed), changed(others, probability, seed)
    assert torch.equal(first[row], second[row])


def test_the_probability_is_that_of_each_change_of_each_image() -> None:
    images = pictures(1, 1, 8, 8).expand(4000, -1, -1, -1)
    for name in ("brightness", "contrast"):
        seen = augment(images, [name], probability=0.3, generator=seeded(3))
        share = float((seen != images).flatten(1).any(1).float().mean())
        assert share == pytest.approx(0.3, abs=0.03)


def test_random_numbers_are_drawn_alike_whatever_the_probability() -> None:
    after = []
    for probability in (0.0, 0.5, 1.0):
        generator = seeded()
        augment(pictures(4, 1, 8, 8), OPERATIONS, probability=probability, generator=generator)
        after.append(generator.get_state())
    assert torch.equal(after[0], after[1])
    assert torch.equal(after[0], after[2])
