"""Many pictures to one."""

import numpy as np

__all__ = [
    "COLUMNS",
    "MOST_ROWS",
    "enlargement",
    "examples",
    "images_to_grid",
    "on_white",
    "upscale",
]

COLUMNS = 10
"""Images in a row of a run's pictures; without classes they have as many rows."""
MOST_ROWS = 20
"""Classes shown in a picture, a row each."""


def images_to_grid(
    images: np.ndarray, columns: int, *, gap: int = 2, ground: int = 255
) -> np.ndarray:
    """Return uint8 images (N, C, H, W) as one picture (height, width, C), row by row.

    `gap` pixels of grey value `ground` lie between and around the images; places after the last
    image are ground too.
    """
    count, channels, height, width = images.shape
    rows = -(-count // columns)
    grid = np.full(
        (rows * (height + gap) + gap, columns * (width + gap) + gap, channels), ground, np.uint8
    )
    for i in range(count):
        top = gap + (i // columns) * (height + gap)
        left = gap + (i % columns) * (width + gap)
        grid[top : top + height, left : left + width] = images[i].transpose(1, 2, 0)
    return grid


def upscale(picture: np.ndarray, factor: int) -> np.ndarray:
    """Return the picture (H, W, C) with every pixel as a square of `factor` x `factor`."""
    return picture.repeat(factor, axis=0).repeat(factor, axis=1)


def enlargement(picture: np.ndarray) -> int:
    """Return the largest factor by which `upscale` can have made the picture (H, W, C); 1: none.

    Its multiples of that factor, ``picture[::factor, ::factor]``, are what was enlarged. A picture
    with little in it may allow a larger factor than the one it was made with.
    """
    height, width = picture.shape[:2]
    for factor in range(min(height, width), 1, -1):
        if height % factor == 0 and width % factor == 0:
            small = picture[::factor, ::factor]
            if np.array_equal(upscale(small, factor), picture):
                return factor
    return 1


def on_white(picture: np.ndarray) -> np.ndarray:
    """Return a uint8 picture (H, W, C) without transparency: RGBA (C = 4) as RGB over white."""
    if picture.shape[2] != 4:
        return picture
    colour, alpha = picture[..., :3].astype(np.uint32), picture[..., 3:].astype(np.uint32)
    return ((colour * alpha + 255 * (255 - alpha) + 127) // 255).astype(np.uint8)


def examples(images: np.ndarray, labels: np.ndarray | None) -> np.ndarray:
    """Return some of images uint8 (N, C, H, W) for a picture: with labels, a row for each class.

    A class with fewer than `COLUMNS` images repeats them. Labels are int64 (N,) from 0 on; with one
    class alone there are as many images as without.
    """
    if labels is None or (labels == labels[0]).all():
        return images[: COLUMNS * COLUMNS]
    rows = [np.flatnonzero(labels == label)[:COLUMNS] for label in range(int(labels.max()) + 1)]
    shown = [np.resize(row, COLUMNS) for row in rows[:MOST_ROWS] if len(row)]
    return images[np.concatenate(shown)]
