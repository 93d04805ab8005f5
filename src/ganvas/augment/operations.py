"""Changes of images by given numbers, one for each row: no randomness in here.

All take images floating (N, C, H, W) in [-1, 1] with any N, C, H, W, keep shape and dtype, and
pass gradients on to the images. 0 is mid-grey, which is what shows where nothing of an image is.
(arXiv 2006.10738, section 3.2 and appendix A.)
"""

import torch
from torch import Tensor

__all__ = ["brighten", "contrast", "cut_out", "flip", "saturate", "translate"]


def brighten(images: Tensor, amount: Tensor) -> Tensor:
    """x + amount; `amount` (N,)."""
    return images + _of_rows(amount, images)


def saturate(images: Tensor, factor: Tensor) -> Tensor:
    """mean + factor * (x - mean), the mean over each pixel's channels; `factor` (N,).

    With one channel every pixel is its own mean, and nothing changes.
    """
    if images.shape[1] == 1:
        return images
    mean = images.mean(1, keepdim=True)
    return mean + (images - mean) * _of_rows(factor, images)


def contrast(images: Tensor, factor: Tensor) -> Tensor:
    """mean + factor * (x - mean), the mean over each whole image; `factor` (N,)."""
    mean = images.mean((1, 2, 3), keepdim=True)
    return mean + (images - mean) * _of_rows(factor, images)


def translate(images: Tensor, down: Tensor, right: Tensor) -> Tensor:
    """Move each image by whole pixels, int64 (N,) each; what comes in from outside is 0."""
    height, width = images.shape[2:]
    rows, inside_rows = _sources(height, down)
    columns, inside_columns = _sources(width, right)
    picture = torch.arange(len(images), device=images.device)[:, None, None]
    # Indexed with the channels last, so that a pixel moves as one piece.
    moved = images.permute(0, 2, 3, 1)[picture, rows[:, :, None], columns[:, None, :]]
    inside = inside_rows[:, :, None] & inside_columns[:, None, :]
    return moved.permute(0, 3, 1, 2) * inside[:, None]


def cut_out(images: Tensor, top: Tensor, left: Tensor, *, height: int, width: int) -> Tensor:
    """Set a window of `height` x `width` pixels to 0; its corner int64 (N,) may lie outside."""
    in_rows = _between(images.shape[2], top, height)
    in_columns = _between(images.shape[3], left, width)
    window = in_rows[:, :, None] & in_columns[:, None, :]
    return images * ~window[:, None]


def flip(images: Tensor, turned: Tensor) -> Tensor:
    """Mirror the rows of `turned`, bool (N,), left to right."""
    return torch.where(turned[:, None, None, None], images.flip(3), images)


def _of_rows(values: Tensor, images: Tensor) -> Tensor:
    return values.to(images)[:, None, None, None]


def _sources(size: int, shift: Tensor) -> tuple[Tensor, Tensor]:
    """Return int64 (N, size): where each position is read from, and bool: whether that exists."""
    source = torch.arange(size, device=shift.device) - shift[:, None]
    return source.clamp(0, size - 1), (source >= 0) & (source < size)


def _between(size: int, first: Tensor, count: int) -> Tensor:
    position = torch.arange(size, device=first.device)
    return (position >= first[:, None]) & (position < first[:, None] + count)
