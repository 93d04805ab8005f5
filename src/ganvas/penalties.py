"""Gradient penalties of the discriminator: they keep its slope small where images lie.

Each takes `critic`, a function from images float (N, C, H, W) to logits (N,) in which no image
influences another's logit (or to one logit for each pack of consecutive images), and returns a
scalar that can be differentiated again.
"""

from collections.abc import Callable
from typing import Protocol, runtime_checkable

import torch
from torch import Tensor

from ganvas.rng import draw_rows

__all__ = ["Critic", "KnowsSlopes", "gradient_penalty", "squared_gradient_norm"]

Critic = Callable[[Tensor], Tensor]


@runtime_checkable
class KnowsSlopes(Protocol):
    """A critic with a shorter way to its slopes than by autograd."""

    def squared_slopes(self, images: Tensor) -> Tensor:
        """Return ||grad_x D(x)||^2 of each image (N,), which can be differentiated once."""
        ...


def squared_gradient_norm(critic: Critic, images: Tensor) -> Tensor:
    """Return mean over images of ||grad_x D(x)||^2: R1 on real, R2 on fake images.

    arXiv 1801.04406, eq. 9; multiply with gamma / 2 for the penalty itself.
    """
    return _squared_norms(critic, images).mean()


def gradient_penalty(
    critic: Critic, *, real: Tensor, fake: Tensor, generator: torch.Generator
) -> Tensor:
    """Return mean of (||grad D(x)|| - 1)^2 on random points between real and fake images.

    x = e * real + (1 - e) * fake, e uniform in [0, 1) for each pair (arXiv 1704.00028, eq. 3).
    """
    each = (1,) * (real.dim() - 1)
    mix = draw_rows(
        lambda rows: torch.rand((rows, *each), generator=generator, device=generator.device),
        len(real),
        generator,
    ).to(real)
    norms = _squared_norms(critic, torch.lerp(fake, real, mix))
    # The small constant keeps the root's own gradient finite where D is flat.
    return ((norms + 1e-12).sqrt() - 1).square().mean()


def _squared_norms(critic: Critic, images: Tensor) -> Tensor:
    known: object = critic  # a function may have methods of its own, which its type does not tell
    if isinstance(known, KnowsSlopes):
        return known.squared_slopes(images.detach())
    points = images.detach().requires_grad_(True)
    logits = critic(points)
    (gradient,) = torch.autograd.grad(logits.float().sum(), points, create_graph=True)
    norms = gradient.float().square().flatten(1).sum(1)
    if len(logits) == len(norms):
        return norms
    return norms.view(len(logits), -1).sum(1)  # a packed critic's logit has a slope at several
