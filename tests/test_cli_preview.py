"""The picture in the terminal: laws of averaging, cutting and fitting."""

from io import StringIO
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from ganvas.cli.preview import Preview, area_average, can_preview, choose_layout, cut_images
from ganvas.events import Sampled
from ganvas.grid import images_to_grid

sides = st.integers(1, 40)


def terminal(width: int = 80, height: int = 40, **options: object) -> Console:
    return Console(
        file=StringIO(),
        force_terminal=True,
        color_system="truecolor",
        width=width,
        height=height,
        **options,  # type: ignore[arg-type]
    )


def sampled(images: np.ndarray, columns: int) -> Sampled:
    grid = images_to_grid(images, columns)
    rows = len(images) // columns
    return Sampled(images=0, path=Path("x.png"), grid=grid, rows=rows, columns=columns)


@given(sides, sides, sides, sides)
def test_averaging_keeps_a_constant_and_the_mean(
    height: int, width: int, new_height: int, new_width: int
) -> None:
    image = np.random.default_rng(0).uniform(0, 255, (height, width, 3))
    small = area_average(image, new_height, new_width)
    assert small.shape == (new_height, new_width, 3)
    np.testing.assert_allclose(small.mean((0, 1)), image.mean((0, 1)))
    flat = area_average(np.full((height, width, 3), 77.0), new_height, new_width)
    np.testing.assert_allclose(flat, 77.0)


def test_averaging_by_a_whole_factor_is_the_mean_of_blocks() -> None:
    image = np.random.default_rng(1).uniform(0, 255, (12, 8, 3))
    blocks = image.reshape(4, 3, 4, 2, 3).mean((1, 3))
    np.testing.assert_allclose(area_average(image, 4, 4), blocks)
    np.testing.assert_allclose(area_average(image, 12, 8), image)


@given(st.integers(1, 5), st.integers(1, 5), sides, sides, st.sampled_from([1, 3]))
def test_a_grid_is_cut_into_its_images_column_by_column(
    rows: int, columns: int, height: int, width: int, channels: int
) -> None:
    shape = (rows * columns, channels, height, width)
    images = np.random.default_rng(2).integers(0, 256, shape, dtype=np.uint8)
    cut = cut_images(images_to_grid(images, columns), rows, columns)
    assert cut.shape == (rows * columns, height, width, 3)
    for number, image in enumerate(cut):
        column, row = divmod(number, rows)
        original = images[row * columns + column].transpose(1, 2, 0)
        assert np.array_equal(image, np.broadcast_to(original, image.shape))


def test_transparent_pixels_are_dark() -> None:
    images = np.full((1, 4, 8, 8), 200, np.uint8)
    images[0, 3] = 0
    assert not cut_images(images_to_grid(images, 1), 1, 1).any()


@given(
    st.integers(8, 128),
    st.integers(8, 128),
    st.integers(1, 20),
    st.integers(10, 200),
    st.integers(4, 40),
)
def test_a_layout_fits_and_images_stay_legible(
    height: int, width: int, group: int, max_width: int, max_height: int
) -> None:
    layout = choose_layout(height, width, group, max_width, max_height)
    if layout is None:
        return
    rows, columns, scale = layout
    assert 0 < scale <= 1
    assert columns * (int(width * scale) + 1) <= max_width
    assert rows * (int(height * scale) + 1) <= max_height
    assert min(height, width) * scale >= min(height, width, 12) - 1e-9
    if rows * columns >= group:
        assert rows % -(-group // columns) == 0  # no class begins in the middle of a row


def test_ten_digits_fill_two_rows_of_a_usual_terminal() -> None:
    layout = choose_layout(28, 28, 10, 100, 40)
    assert layout is not None
    assert layout[:2] == (2, 5)
    assert layout[2] == pytest.approx(19 / 28)


def test_what_is_drawn_has_the_colours_of_the_pixels_and_stays_within_its_lines() -> None:
    images = np.zeros((4, 3, 8, 8), np.uint8)
    images[:, 0] = 255
    console = terminal(width=30)
    console.print(Preview(sampled(images, 2), text_rows=5))
    lines = console.file.getvalue().splitlines()  # type: ignore[attr-defined]
    assert 0 < len(lines) <= 5
    assert "\x1b[38;2;255;0;0;48;2;255;0;0m▀▀▀▀▀▀▀▀" in lines[0]


def test_without_room_nothing_is_drawn() -> None:
    console = terminal(width=5, height=10)
    console.print(Preview(sampled(np.zeros((4, 1, 28, 28), np.uint8), 2)))
    assert "▀" not in console.file.getvalue()  # type: ignore[attr-defined]


def test_only_terminals_with_enough_colours_get_a_preview() -> None:
    assert can_preview(terminal())
    assert not can_preview(terminal(no_color=True))
    assert not can_preview(Console(file=StringIO(), force_terminal=False))
    few = Console(file=StringIO(), force_terminal=True, color_system="standard")
    assert not can_preview(few)
