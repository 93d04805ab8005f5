"""A picture in the terminal: two pixels in each character, by the half block and two colours."""

import math
from functools import lru_cache
from itertools import groupby

import numpy as np
from rich.color import Color
from rich.console import Console, ConsoleOptions, RenderResult
from rich.segment import Segment
from rich.style import Style

from ganvas.events import Sampled

__all__ = ["Preview", "area_average", "can_preview", "choose_layout", "cut_images"]

_GRID_GAP = 2  # pixels between the images of a run's grid (ganvas.grid's default)
_LEAST_SIDE = 12  # pixels: digits can still be read at this size
_GROUND = 56  # grey between the images
_STEP = 17  # 16 levels a channel: neighbours fall together, so far less is sent to the terminal


def can_preview(console: Console) -> bool:
    """Return whether the terminal shows colours enough, and the half block."""
    return (
        console.is_terminal
        and not console.no_color
        and not console.legacy_windows
        and console.color_system in ("truecolor", "256")
        and console.encoding.startswith("utf")
    )


class Preview:
    """Shows the images of a `Sampled` event in `text_rows` lines at most; rich renders it."""

    def __init__(self, event: Sampled, text_rows: int = 20) -> None:
        self._images = cut_images(event.grid, event.rows, event.columns)
        self._group = event.rows
        self._text_rows = text_rows
        self._drawn: tuple[tuple[int, int], list[Segment]] | None = None

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        size = (options.max_width, min(self._text_rows, console.height - 7))
        # Most refreshes change only the figures above the picture.
        if self._drawn is None or self._drawn[0] != size:
            self._drawn = (size, self._draw(*size))
        yield from self._drawn[1]

    def _draw(self, width: int, text_rows: int) -> list[Segment]:
        _, height, wide, _ = self._images.shape
        layout = choose_layout(height, wide, self._group, width, 2 * text_rows)
        if layout is None:
            return []
        rows, columns, scale = layout
        small_height = max(1, int(height * scale))
        small_width = max(1, int(wide * scale))
        shown = self._images[: rows * columns]
        picture = np.full(
            (rows * (small_height + 1), columns * (small_width + 1), 3), float(_GROUND)
        )
        for number, image in enumerate(shown):
            top = number // columns * (small_height + 1)
            left = number % columns * (small_width + 1)
            small = area_average(image, small_height, small_width)
            picture[top : top + small_height, left : left + small_width] = small
        return _picture_to_segments(picture)


def cut_images(grid: np.ndarray, rows: int, columns: int) -> np.ndarray:
    """Return the images of a grid uint8 (H, W) or (H, W, C) as float64 RGB (N, h, w, 3).

    Column by column, so that the first `rows` images hold one of each class.
    """
    deep = grid[..., None] if grid.ndim == 2 else grid
    height = (deep.shape[0] - _GRID_GAP) // rows
    width = (deep.shape[1] - _GRID_GAP) // columns
    tiles = deep[_GRID_GAP : _GRID_GAP + rows * height, _GRID_GAP : _GRID_GAP + columns * width]
    tiles = tiles.reshape(rows, height, columns, width, -1).transpose(2, 0, 1, 3, 4)
    images = tiles[:, :, : height - _GRID_GAP, : width - _GRID_GAP].astype(np.float64)
    images = images.reshape(rows * columns, *images.shape[2:])
    if images.shape[3] == 4:
        return images[..., :3] * (images[..., 3:] / 255)
    return images if images.shape[3] == 3 else images.repeat(3, axis=3)


def choose_layout(
    height: int, width: int, group: int, max_width: int, max_height: int
) -> tuple[int, int, float] | None:
    """Return (rows, columns, scale) for images of `height` x `width`, or None without room.

    A `group` of images (one of each class) stays together as even rows where that fits; images
    are as large as the room allows, and never larger than they are.
    """
    least = min(1.0, _LEAST_SIDE / min(height, width))
    most_columns = max_width // (math.ceil(width * least) + 1)
    most_rows = max_height // (math.ceil(height * least) + 1)
    if not most_columns or not most_rows:
        return None
    rows_of_group = -(-group // most_columns)
    if rows_of_group <= most_rows:
        columns = -(-group // rows_of_group)
        rows = most_rows // rows_of_group * rows_of_group
    else:
        columns, rows = most_columns, most_rows
    scale = min(1.0, (max_width // columns - 1) / width, (max_height // rows - 1) / height)
    return rows, columns, scale


def area_average(image: np.ndarray, height: int, width: int) -> np.ndarray:
    """Return an image (H, W, C) made `height` x `width`, each pixel the mean of what it covers."""
    down, across = _averaging(image.shape[0], height), _averaging(image.shape[1], width)
    averaged: np.ndarray = np.einsum("ij,jkc,lk->ilc", down, image, across)
    return averaged


@lru_cache(maxsize=16)
def _averaging(size: int, new_size: int) -> np.ndarray:
    """Return the matrix (new_size, size) that averages `size` pixels into `new_size`."""
    edges = np.arange(new_size + 1) * (size / new_size)
    pixels = np.arange(size)
    overlap = np.minimum(edges[1:, None], pixels + 1) - np.maximum(edges[:-1, None], pixels)
    weights = np.clip(overlap, 0, None)
    normalised: np.ndarray = weights / weights.sum(axis=1, keepdims=True)
    return normalised


def _picture_to_segments(picture: np.ndarray) -> list[Segment]:
    """Return lines of half blocks for a picture (H, W, 3) of values 0..255."""
    if len(picture) % 2:
        picture = np.concatenate([picture, np.full_like(picture[:1], _GROUND)])
    levels = (np.rint(picture / _STEP) * _STEP).astype(int)
    pairs = np.concatenate([levels[0::2], levels[1::2]], axis=2)  # (text rows, width, 6)
    segments = []
    for line in pairs.tolist():
        for colours, run in groupby(map(tuple, line)):
            segments.append(Segment("▀" * len(list(run)), _style(colours)))
        segments.append(Segment.line())
    return segments


@lru_cache(maxsize=4096)
def _style(colours: tuple[int, ...]) -> Style:
    """Return the style of a half block: the upper pixel in front, the lower behind."""
    upper, lower = colours[:3], colours[3:]
    return Style(color=Color.from_rgb(*upper), bgcolor=Color.from_rgb(*lower))
