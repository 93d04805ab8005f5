"""Augmentation: each change by its definition, and laws that hold for all of them together."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from ganvas.augment import OPERATIONS, add_noise, augment, noise_deviation
from ganvas.augment import operations as op

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


def test_brightness_moves_every_pixel_by_its_rows_amount() -> None:
    images, amount = pictures(3, 3, 4, 4), torch.tensor([-0.5, 0.0, 0.25])
    assert torch.allclose(op.brighten(images, amount) - images, amount.view(3, 1, 1, 1))


def test_saturation_and_contrast_keep_their_means_and_stretch_what_deviates() -> None:
    images, factor = pictures(4, 3, 6, 5), torch.tensor([0.0, 0.5, 1.0, 2.0])
    for change, over in ((op.saturate, (1,)), (op.contrast, (1, 2, 3))):
        after = change(images, factor)
        mean = images.mean(over, keepdim=True)
        assert torch.allclose(after.mean(over, keepdim=True), mean, atol=1e-6)
        stretched = (images - mean) * factor.view(4, 1, 1, 1)
        assert torch.allclose(after - mean, stretched, atol=1e-6)
    grey = pictures(4, 1, 6, 5)
    assert torch.equal(op.saturate(grey, factor), grey)


@given(
    down=st.integers(-9, 9), right=st.integers(-9, 9), height=st.integers(2, 8), w=st.integers(2, 8)
)
@settings(deadline=None, max_examples=50)
def test_translation_moves_each_pixel_and_leaves_0_behind(
    down: int, right: int, height: int, w: int
) -> None:
    images = pictures(2, 2, height, w)
    moved = op.translate(images, torch.tensor([down, 0]), torch.tensor([right, 0]))
    assert torch.equal(moved[1], images[1])
    for y in range(height):
        for x in range(w):
            inside = 0 <= y - down < height and 0 <= x - right < w
            expected = images[0, :, y - down, x - right] if inside else torch.zeros(2)
            assert torch.equal(moved[0, :, y, x], expected)


def test_translation_reaches_an_eighth_each_way_and_all_of_it() -> None:
    images = torch.zeros(3000, 1, 16, 24)
    images[:, :, 8, 12] = 1.0
    moved = augment(images, ["translation"], probability=1.0, generator=seeded())
    places = moved.squeeze(1).nonzero()[:, 1:]
    assert {int(y) - 8 for y in places[:, 0]} == set(range(-2, 3))
    assert {int(x) - 12 for x in places[:, 1]} == set(range(-3, 4))


def test_cutout_takes_one_window_of_half_of_each_side() -> None:
    images = torch.ones(2000, 3, 8, 12)
    gone = augment(images, ["cutout"], probability=1.0, generator=seeded()) == 0
    assert torch.equal(gone[:, :1].expand_as(gone), gone)
    rows, columns = gone[:, 0].any(2), gone[:, 0].any(1)
    window = rows[:, :, None] & columns[:, None, :]
    assert torch.equal(window, gone[:, 0])
    assert int(rows.sum(1).max()) == 4
    assert int(columns.sum(1).max()) == 6
    assert gone[:, 0].any(0).all()  # every pixel at times


def test_flip_mirrors_some_images_and_no_policy_without_it_does() -> None:
    images = pictures(400, 1, 8, 8)
    seen = augment(images, ["flip"], probability=1.0, generator=seeded())
    turned = (seen == images.flip(3)).flatten(1).all(1)
    assert torch.equal(seen[~turned], images[~turned])
    assert 150 < int(turned.sum()) < 250


def test_noise_has_its_deviation_and_none_is_none_at_all() -> None:
    images = pictures(50, 1, 16, 16)
    noise = add_noise(images, 0.3, seeded()) - images
    assert float(noise.std()) == pytest.approx(0.3, rel=0.03)
    assert float(noise.mean()) == pytest.approx(0, abs=0.01)
    assert add_noise(images, 0.0, seeded()) is images


@given(start=st.floats(0, 10), until=st.floats(0.01, 1), progress=st.floats(0, 1))
@settings(deadline=None)
def test_noise_fades_in_a_straight_line_to_0(start: float, until: float, progress: float) -> None:
    assert noise_deviation(start, until, 0.0) == start
    assert noise_deviation(start, until, until) == 0
    assert noise_deviation(start, 0.0, progress) == start
    level = noise_deviation(start, until, progress)
    assert level == pytest.approx(max(0.0, start * (until - progress) / until), abs=1e-9)
