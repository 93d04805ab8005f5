"""Walks through the space of latents: points on the way from one latent to the next.

Latents of a normal distribution lie near a sphere of radius sqrt(size); a straight line between
two of them leads through its inside, where G was never trained. There a walk follows the
sphere (arXiv 1609.04468, section 2.1). A uniform distribution fills a cube, which is convex: there
a straight line is right.
"""

from collections.abc import Sequence

import torch
from torch import Tensor

from ganvas.recipe import LatentSettings

__all__ = ["spherical", "straight", "through_classes", "through_latents"]

_PARALLEL = 1e-6  # sine of an angle, below which the arc is the line


def straight(start: Tensor, end: Tensor, share: Tensor) -> Tensor:
    """Return (1 - share) start + share end, in the latents' type.

    start, end (N, size); share (N,) in [0, 1]: 0 is the start to the last bit, 1 the end.
    """
    return torch.lerp(start, end, share.to(start.dtype)[:, None])


def spherical(start: Tensor, end: Tensor, share: Tensor) -> Tensor:
    """Return the point at `share` of the way from `start` to `end` around the origin.

    Its direction is (sin((1 - t) w) u + sin(t w) v) / sin w, with u, v the directions of the two, w
    the angle between them and t the share; its length goes straight from one's to the other's.
    So the angle from the start is t w, and no point is shorter than the shorter end.

    start, end (N, size); share (N,) in [0, 1]: 0 is the start and 1 the end, to the last bit. Where
    both point the same way, opposite ways (no arc is the shortest) or nowhere, it is the straight
    line.
    """
    a, b, t = start.double(), end.double(), share.double()[:, None]
    length_a, length_b = (x.norm(dim=1, keepdim=True) for x in (a, b))
    u, v = a / length_a, b / length_b
    # From chords, not from the cosine, which says nothing of small angles.
    angle = 2 * torch.atan2((u - v).norm(dim=1, keepdim=True), (u + v).norm(dim=1, keepdim=True))
    direction = (torch.sin((1 - t) * angle) * u + torch.sin(t * angle) * v) / torch.sin(angle)
    arc = direction * torch.lerp(length_a, length_b, t)
    is_arc = torch.sin(angle) > _PARALLEL  # False, too, where a length is 0 and the angle unknown
    found = torch.where(is_arc, arc, torch.lerp(a, b, t)).to(start.dtype)
    return torch.where(t == 0, start, torch.where(t == 1, end, found))


def through_latents(settings: LatentSettings, points: Tensor, steps: int) -> Tensor:
    """Return the latents (1 + (K - 1) steps, size) of a walk through points (K, size), in order.

    Every `steps`-th is one of the points, to the last bit. Normal latents go around the origin;
    truncated ones (at most 2) are kept within their bounds on the way. Uniform ones go straight.
    """
    first, share = _places(len(points), steps)
    start, end = points[first], points[(first + 1).clamp(max=len(points) - 1)]
    if settings.distribution == "uniform":
        return straight(start, end, share)
    latents = spherical(start, end, share)
    return latents.clamp(-2, 2) if settings.distribution == "truncated" else latents


def through_classes(
    classes: Sequence[int] | Sequence[Sequence[int]], steps: int
) -> tuple[Tensor, Tensor, Tensor]:
    """Return a walk through classes: (from, to, share), each (1 + (K - 1) steps,).

    Where each way point is of P classes, from and to are (1 + (K - 1) steps, P).

    int64, int64 and float32: at each place the class come from, the next one, and how far the
    walk is between them, in [0, 1).
    """
    known = torch.tensor(classes, dtype=torch.int64)
    first, share = _places(len(classes), steps)
    return known[first], known[(first + 1).clamp(max=len(classes) - 1)], share


def _places(count: int, steps: int) -> tuple[Tensor, Tensor]:
    """Return for each place the way point before it, int64, and the share from there, float32."""
    place = torch.arange(1 + (count - 1) * steps)
    return place // steps, (place % steps) / steps
