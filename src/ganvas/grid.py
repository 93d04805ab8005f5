"""Many pictures to one."""

import numpy as np

__all__ = ["images_to_grid", "upscale"]


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
