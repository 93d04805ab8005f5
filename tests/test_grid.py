"""Every image stands at its place, whole, and everything else is ground."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ganvas.grid import enlargement, examples, images_to_grid, on_white, upscale

SIDE = st.integers(1, 5)


@settings(deadline=None)
@given(
    count=st.integers(0, 9),
    columns=st.integers(1, 5),
    channels=st.sampled_from([1, 3, 4]),
    height=SIDE,
    width=SIDE,
    gap=st.integers(0, 3),
    ground=st.integers(0, 255),
)
def test_images_can_be_cut_out_again_and_the_rest_is_ground(
    count: int, columns: int, channels: int, height: int, width: int, gap: int, ground: int
) -> None:
    shape = (count, channels, height, width)
    images = np.random.default_rng(0).integers(0, 256, shape, dtype=np.uint8)
    grid = images_to_grid(images, columns, gap=gap, ground=ground)
    rows = -(-count // columns)
    assert grid.dtype == np.uint8
    assert grid.shape == (gap + rows * (height + gap), gap + columns * (width + gap), channels)
    covered = np.zeros(grid.shape[:2], bool)
    for number, image in enumerate(images):
        row, column = divmod(number, columns)
        top, left = gap + row * (height + gap), gap + column * (width + gap)
        place = slice(top, top + height), slice(left, left + width)
        np.testing.assert_array_equal(grid[place].transpose(2, 0, 1), image)
        assert not covered[place].any()
        covered[place] = True
    assert (grid[~covered] == ground).all()


def test_by_default_the_ground_is_white_and_two_wide() -> None:
    grid = images_to_grid(np.zeros((2, 1, 1, 1), np.uint8), 2)
    assert grid[..., 0].tolist() == [
        [255] * 8,
        [255] * 8,
        [255, 255, 0, 255, 255, 0, 255, 255],
        [255] * 8,
        [255] * 8,
    ]


@settings(deadline=None)
@given(factor=st.integers(1, 4), height=SIDE, width=SIDE, channels=st.sampled_from([1, 3]))
def test_every_pixel_becomes_a_square(factor: int, height: int, width: int, channels: int) -> None:
    shape = (height, width, channels)
    picture = np.random.default_rng(0).integers(0, 256, shape, dtype=np.uint8)
    large = upscale(picture, factor)
    assert large.dtype == np.uint8
    np.testing.assert_array_equal(large, np.kron(picture, np.ones((factor, factor, 1), np.uint8)))


@pytest.mark.parametrize("factors", [(2, 3), (1, 4)])
def test_enlarging_twice_is_enlarging_by_the_product(factors: tuple[int, int]) -> None:
    picture = np.arange(24, dtype=np.uint8).reshape(2, 4, 3)
    twice = upscale(upscale(picture, factors[0]), factors[1])
    np.testing.assert_array_equal(twice, upscale(picture, factors[0] * factors[1]))


def test_examples_are_a_row_for_each_class() -> None:
    labels = np.arange(90) % 3
    images = np.zeros((90, 1, 8, 8), np.uint8) + labels.astype(np.uint8)[:, None, None, None]
    shown = examples(images, labels)
    assert [int(image.max()) for image in shown] == [0] * 10 + [1] * 10 + [2] * 10


def test_a_small_class_repeats_and_an_absent_one_has_no_row() -> None:
    images = np.arange(4, dtype=np.uint8)[:, None, None, None] + np.zeros((4, 1, 8, 8), np.uint8)
    shown = examples(images, np.array([0, 2, 2, 2]))
    assert [int(image.max()) for image in shown] == [0] * 10 + [1, 2, 3] * 3 + [1]


@pytest.mark.parametrize("labels", [None, np.zeros(200, np.int64), np.full(200, 3)])
def test_without_classes_to_tell_examples_are_the_first_images(labels: np.ndarray | None) -> None:
    images = np.arange(200, dtype=np.uint8)[:, None, None, None] + np.zeros(
        (200, 1, 8, 8), np.uint8
    )
    assert np.array_equal(examples(images, labels), images[:100])


@settings(deadline=None)
@given(
    height=st.integers(1, 9),
    width=st.integers(1, 9),
    channels=st.sampled_from([1, 3, 4]),
    factor=st.integers(1, 4),
    seed=st.integers(0, 99),
)
def test_an_enlarged_picture_shrinks_back(
    height: int, width: int, channels: int, factor: int, seed: int
) -> None:
    picture = np.random.default_rng(seed).integers(0, 3, (height, width, channels), dtype=np.uint8)
    large = upscale(picture, factor)
    found = enlargement(large)
    assert found == factor * enlargement(picture)
    np.testing.assert_array_equal(upscale(large[::found, ::found], found), large)
    np.testing.assert_array_equal(large[::factor, ::factor], picture)


def test_enlargement_of_a_picture_with_all_and_with_nothing_in_it() -> None:
    assert enlargement(np.arange(24, dtype=np.uint8).reshape(4, 6, 1)) == 1
    assert enlargement(np.zeros((4, 6, 1), np.uint8)) == 2


def test_transparency_becomes_white() -> None:
    picture = np.array([[[10, 20, 30, 255], [10, 20, 30, 0], [0, 100, 255, 51]]], np.uint8)
    expected = [[[10, 20, 30], [255, 255, 255], [204, 224, 255]]]
    assert on_white(picture).tolist() == expected
    grey = np.zeros((2, 2, 1), np.uint8)
    assert on_white(grey) is grey
