"""Random augmentation: each change comes to each image by chance, with numbers of its own."""

from collections.abc import Callable, Collection

import torch
from torch import Tensor

from ganvas.augment import operations
from ganvas.rng import draw_rows

__all__ = ["OPERATIONS", "augment"]

MOST_SHIFT = 1 / 8
"""The share of a side by which an image is moved at most."""

WINDOW = 1 / 2
"""The share of a side that is cut out."""


def augment(
    images: Tensor,
    names: Collection[str],
    *,
    probability: float,
    generator: torch.Generator,
) -> Tensor:
    """Return images floating (N, C, H, W) in [-1, 1] with the named changes of `OPERATIONS`.

    Each change comes to each image with `probability`, independently; at 0 the images come back
    bit for bit, at 1 all are changed (but for `flip`, which then turns half of them). The strengths
    are those of DiffAugment (arXiv 2006.10738), the probability is that of ADA (arXiv 2006.06676,
    section 3.2). An image's change depends on no other image. How many random numbers are drawn
    follows from the shape and the names alone.
    """
    for name, operation in OPERATIONS.items():
        if name in names:
            chance = _uniform(images, generator)
            changed = operation(images, generator)
            images = torch.where((chance < probability)[:, None, None, None], changed, images)
    return images


def _brightness(images: Tensor, generator: torch.Generator) -> Tensor:
    """Amounts from -1/2 to 1/2."""
    return operations.brighten(images, _uniform(images, generator) - 0.5)


def _saturation(images: Tensor, generator: torch.Generator) -> Tensor:
    """Factors from 0 (grey) to 2."""
    return operations.saturate(images, _uniform(images, generator) * 2)


def _contrast(images: Tensor, generator: torch.Generator) -> Tensor:
    """Factors from 1/2 to 3/2."""
    return operations.contrast(images, _uniform(images, generator) + 0.5)


def _translation(images: Tensor, generator: torch.Generator) -> Tensor:
    """Up to an eighth of each side, every whole number of pixels as often."""
    most = [int(size * MOST_SHIFT + 0.5) for size in images.shape[2:]]
    down, right = (_whole(images, -m, m, generator) for m in most)
    return operations.translate(images, down, right)


def _cutout(images: Tensor, generator: torch.Generator) -> Tensor:
    """A window of half of each side, its centre anywhere in the image."""
    height, width = images.shape[2:]
    sizes = [int(size * WINDOW + 0.5) for size in (height, width)]
    top, left = (
        _whole(images, 0, side - size % 2, generator) - size // 2
        for side, size in zip((height, width), sizes, strict=True)
    )
    return operations.cut_out(images, top, left, height=sizes[0], width=sizes[1])


def _flip(images: Tensor, generator: torch.Generator) -> Tensor:
    """Every second image: turning all would be the same data, mirrored."""
    return operations.flip(images, _uniform(images, generator) < 0.5)


def _uniform(images: Tensor, generator: torch.Generator) -> Tensor:
    """Numbers in [0, 1), float32 (N,)."""
    return draw_rows(
        lambda rows: torch.rand(rows, generator=generator, device=images.device),
        len(images),
        generator,
    )


def _whole(images: Tensor, low: int, high: int, generator: torch.Generator) -> Tensor:
    """Whole numbers from low to high, both included, int64 (N,)."""
    return draw_rows(
        lambda rows: torch.randint(
            low, high + 1, (rows,), generator=generator, device=images.device
        ),
        len(images),
        generator,
    )


OPERATIONS: dict[str, Callable[[Tensor, torch.Generator], Tensor]] = {
    "flip": _flip,
    "brightness": _brightness,
    "saturation": _saturation,
    "contrast": _contrast,
    "translation": _translation,
    "cutout": _cutout,
}
"""Every change by its name, in the order in which they are made."""
