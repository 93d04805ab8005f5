"""What each change of augmentation does to pixels."""

import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from ganvas.augment import augment
from ganvas.augment import operations as op


def seeded(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def pictures(*shape: int, dtype: torch.dtype = torch.float32) -> Tensor:
    return torch.rand(shape, generator=seeded(7), dtype=dtype) * 2 - 1


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
