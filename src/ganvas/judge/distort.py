"""Small random distortions of training pictures that leave them what they are."""

import math

import torch
from torch import Tensor
from torch.nn import functional

__all__ = ["distort"]

_DEGREES = 12.0
_STRETCH = 0.12  # scale of each axis within 1 +- this
_SHEAR = 0.15
_SHIFT = 0.08  # of the picture's side: about 2 pixels at 28


def distort(
    pixels: Tensor, generator: torch.Generator, *, strength: float = 1.0, mirror: bool = False
) -> Tensor:
    """Return (N, C, H, W) `pixels`, each turned, stretched, slanted and shifted a little.

    `strength` (0..1) scales how far each of these goes. With `mirror`, half of the pictures are
    swapped left to right as well: right for photographs, wrong for digits and letters.
    """
    count = len(pixels)
    draws = (torch.rand(count, 6, generator=generator) * 2.0 - 1.0) * strength
    angle = draws[:, 0] * math.radians(_DEGREES)
    stretch = 1.0 + draws[:, 1:3] * _STRETCH
    slant = draws[:, 3] * _SHEAR
    turn = torch.stack([angle.cos(), -angle.sin(), angle.sin(), angle.cos()], 1).view(-1, 2, 2)
    shape = torch.zeros(count, 2, 2)
    shape[:, 0, 0], shape[:, 1, 1] = stretch[:, 0], stretch[:, 1]
    shape[:, 0, 1] = slant
    if mirror:
        sides = torch.randint(0, 2, (count, 1), generator=generator) * 2.0 - 1.0
        shape[:, 0, :] *= sides
    # affine_grid measures in half sides, hence twice the shift.
    move = draws[:, 4:6].unsqueeze(2) * (2.0 * _SHIFT)
    grid = functional.affine_grid(
        torch.cat([turn @ shape, move], 2), list(pixels.shape), align_corners=False
    )
    return functional.grid_sample(pixels, grid, padding_mode="border", align_corners=False)
