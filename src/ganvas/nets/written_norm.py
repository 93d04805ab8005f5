"""Norms without parameters of their own, their gradients written out.

Batch norm, alone or over processes, and layer norm of each position over its channels.
"""

import torch
import torch.nn.functional as F
from torch import Tensor

from ganvas.nets.global_norm import Gather, combine_statistics, follow_statistics

__all__ = ["layer_norm_back", "layer_normal", "norm_back", "normal"]

_batch_norm_backward = torch.ops.aten.native_batch_norm_backward.default
_layer_norm_backward = torch.ops.aten.native_layer_norm_backward.default


def normal(
    x: Tensor,
    running: tuple[Tensor, Tensor],
    *,
    momentum: float,
    epsilon: float,
    gather: Gather | None,
) -> tuple[Tensor, Tensor, Tensor]:
    """Return y = (x - m) / s of x (N, C, H, W) in its dtype, m and 1 / s (C,).

    With s = sqrt(v + epsilon); mean m and variance v are those of x, or with `gather` those of the
    x of all processes. The moving ones follow them.
    """
    if gather is None:
        return torch.native_batch_norm(x, None, None, *running, True, momentum, epsilon)
    scratch = torch.zeros_like(running[0]), torch.zeros_like(running[0])
    own_mean, own_variance = torch.batch_norm_update_stats(x, *scratch, 0.0)
    own_count = x.numel() / x.shape[1]
    mean, variance, count = combine_statistics(own_mean, own_variance, own_count, gather)
    follow_statistics(running, mean, variance, count, momentum)
    y = F.batch_norm(x, mean, variance, eps=epsilon)
    return y, mean, (variance + epsilon).rsqrt()


def norm_back(
    gradient: Tensor,
    scale: Tensor,
    x: Tensor,
    y: Tensor,
    running: tuple[Tensor, Tensor],
    centre: Tensor,
    inverse: Tensor,
    *,
    sums: tuple[Tensor, Tensor],
    epsilon: float,
    gather: Gather | None,
) -> Tensor:
    """Return the gradient of x (N, C, H, W) from that of scale * y, which it may overwrite.

    `scale` (N, C, 1, 1) is each image's; y, `centre` and `inverse` are what `normal` returned, and
    `sums` (N, C) those of gradient and of gradient * y over an image. With g = scale * gradient,
    its sums over all rows, and n values of a channel:
        dx = inverse * (g - sum(g) / n - y * sum(g y) / n)
    """
    if gather is None:
        found: Tensor
        found, _, _ = _batch_norm_backward(
            gradient.mul_(scale),
            x,
            None,
            *running,
            centre,
            inverse,
            True,
            epsilon,
            (True, False, False),
        )
        return found
    own = (torch.stack(sums) * scale[:, :, 0, 0]).sum(1, dtype=inverse.dtype).view(-1)
    total = gather(torch.cat([own, own.new_full((1,), x.numel() / x.shape[1])])).sum(0)
    of_shift, of_slope = (total[:-1] * (-1 / total[-1])).view(2, -1) * inverse
    zero, one = torch.zeros_like(inverse), torch.ones_like(inverse)
    rest = F.batch_norm(y, zero, one, of_slope, of_shift, eps=0.0)
    return torch.addcmul(
        rest, gradient, (scale[:, :, 0, 0] * inverse).to(y.dtype)[:, :, None, None]
    )


def layer_normal(x: Tensor, *, epsilon: float) -> tuple[Tensor, Tensor, Tensor]:
    """Return y = (x - m) / s of x (N, C, H, W) in its dtype, m and 1 / s (N, H, W, 1).

    With s = sqrt(v + epsilon); mean m and variance v are those of a position's channels.
    """
    last = x.permute(0, 2, 3, 1)
    y, mean, inverse = torch.native_layer_norm(last, last.shape[-1:], None, None, epsilon)
    return y.permute(0, 3, 1, 2), mean, inverse


def layer_norm_back(gradient: Tensor, x: Tensor, mean: Tensor, inverse: Tensor) -> Tensor:
    """Return the gradient of x from that of `layer_normal`'s y, with m and 1 / s as it gave."""
    last = x.permute(0, 2, 3, 1)
    found: Tensor
    found, _, _ = _layer_norm_backward(
        gradient.permute(0, 2, 3, 1),
        last,
        last.shape[-1:],
        mean,
        inverse,
        None,
        None,
        (True, False, False),
    )
    return found.permute(0, 3, 1, 2)
