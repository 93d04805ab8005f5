"""Batch norm over the whole batch, of which each of several processes holds a part."""

from collections.abc import Callable
from typing import Any, Protocol, runtime_checkable

import torch
from torch import Tensor, nn
from torch.nn.modules.batchnorm import _BatchNorm

__all__ = ["Gather", "GlobalBatchNorm", "SharesStatistics", "follow_statistics"]
__all__ += ["combine_statistics", "global_statistics", "normalise", "share_batch_norms"]

Gather = Callable[[Tensor], Tensor]
"""The values (...) of each process -> those of all of them (processes, ...), differentiably: what
comes back to one process is the sum of what all processes send back."""


@runtime_checkable
class SharesStatistics(Protocol):
    """A layer of ours that takes its statistics from all processes once it has their `gather`."""

    gather: Gather | None


def normalise(
    x: Tensor, weight: Tensor | None, bias: Tensor | None, *, eps: float, gather: Gather
) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Return weight * (x - m) / sqrt(v + eps) + bias in the dtype of x (N, C, ...), and m, v, n.

    Mean m and variance v (C,) are those of all processes' rows, n says of how many values each is.
    It can be differentiated twice, as a gradient penalty does; m, v and n without gradients.
    """
    if x.device.type == "cpu":
        out: tuple[Tensor, Tensor, Tensor, Tensor] = _Normalise.apply(  # type: ignore[no-untyped-call]
            x, weight, bias, eps, gather
        )
        return out
    mean, variance, count = global_statistics(x, gather)
    y = _affine(x, mean, variance, weight, bias, eps)
    return y, mean.detach(), variance.detach(), count


def global_statistics(x: Tensor, gather: Gather) -> tuple[Tensor, Tensor, Tensor]:
    """Return mean and variance (C,) of all processes' x (N, C, ...), and how many values each has.

    Made of differentiable parts.
    """
    variance, mean = torch.var_mean(x.float(), [0, *range(2, x.dim())], correction=0)
    return combine_statistics(mean, variance, x.numel() / x.shape[1], gather)


def combine_statistics(
    own_mean: Tensor, own_variance: Tensor, own_count: float, gather: Gather
) -> tuple[Tensor, Tensor, Tensor]:
    """Return mean, variance and count of all rows, of which this process has these.

    With counts n_r, means m_r and variances v_r of the processes, n = sum n_r:
        m = sum n_r / n * m_r,    v = sum n_r / n * (v_r + (m_r - m)^2)
    """
    count_here = own_mean.new_full((1,), own_count)
    of_all = gather(torch.cat([own_mean, own_variance, count_here]))
    means, variances, counts = of_all.split([len(own_mean), len(own_mean), 1], dim=1)
    count = counts.sum()
    shares = counts / count
    mean = (shares * means).sum(0)
    return mean, (shares * (variances + (means - mean).square())).sum(0), count


def _affine(
    x: Tensor,
    mean: Tensor,
    variance: Tensor,
    weight: Tensor | None,
    bias: Tensor | None,
    eps: float,
) -> Tensor:
    """Return x normalised, of differentiable parts."""
    scale = (variance + eps).rsqrt()
    if weight is not None:
        scale = scale * weight
    shift = -mean * scale if bias is None else bias - mean * scale
    shape = (1, -1, *(1,) * (x.dim() - 2))
    return torch.addcmul(shift.view(shape), x.float(), scale.view(shape)).to(x.dtype)


class _Normalise(torch.autograd.Function):
    """`normalise` by PyTorch's own kernels of batch norm, at the price of a plain one.

    Its gradient is that of the differentiable parts, whose statistics alone take thirty times as
    long; where it is to be differentiated again, they do it.
    """

    @staticmethod
    def forward(
        ctx: Any, x: Tensor, weight: Tensor | None, bias: Tensor | None, eps: float, gather: Gather
    ) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        like = torch.zeros(x.shape[1], device=x.device)  # float32 whatever x is
        own_mean, own_variance = torch.batch_norm_update_stats(x, like, like.clone(), 0.0)
        own_count = x.numel() / x.shape[1]
        mean, variance, count = combine_statistics(own_mean, own_variance, own_count, gather)
        y = nn.functional.batch_norm(x, mean, variance, weight, bias, eps=eps)
        ctx.save_for_backward(x, weight, bias, mean, variance, count)
        ctx.eps, ctx.gather = eps, gather
        ctx.mark_non_differentiable(mean, variance, count)
        return y, mean, variance, count

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor | None, ...]:
        x, weight, bias, mean, variance, count = ctx.saved_tensors
        gradient = gradients[0]
        if torch.is_grad_enabled():  # it will be differentiated again
            there = [part for part in (x, weight, bias) if part is not None and part.requires_grad]
            again = _affine(x, *global_statistics(x, ctx.gather)[:2], weight, bias, ctx.eps)
            found = iter(torch.autograd.grad(again, there, gradient, create_graph=True))
            of_all = [
                next(found) if part is not None and part.requires_grad else None
                for part in (x, weight, bias)
            ]
            return *of_all, None, None
        inverse = (variance + ctx.eps).rsqrt()
        of_x, of_weight, of_bias = torch.ops.aten.native_batch_norm_backward(
            gradient, x, weight, mean, variance, mean, inverse, True, ctx.eps, [True, True, True]
        )
        # It took means over this process' values where they are over all:
        #   dx = w / s * (g - sum(g) / n - xhat * sum(g xhat) / n),    s = sqrt(v + eps)
        own = torch.cat([of_bias, of_weight]).float()
        wrong = own / (x.numel() / x.shape[1]) - ctx.gather(own).sum(0) / count
        scale = inverse if weight is None else inverse * weight
        shift, slope = (part * scale for part in wrong.chunk(2))
        of_x += nn.functional.batch_norm(
            x, mean, torch.ones_like(mean), slope * inverse, shift, eps=0.0
        )
        return (
            of_x,
            None if weight is None else of_weight.to(weight.dtype),
            None if bias is None else of_bias.to(bias.dtype),
            None,
            None,
        )


@torch.no_grad()
def follow_statistics(
    running: tuple[Tensor, Tensor], mean: Tensor, variance: Tensor, count: Tensor, momentum: float
) -> None:
    """Let a moving mean and a moving unbiased variance follow, as PyTorch's batch norm does."""
    running[0].lerp_(mean, momentum)
    running[1].lerp_(variance * (count / (count - 1)), momentum)


class GlobalBatchNorm(nn.Module):
    """The batch norm `norm` with means and variances over the rows of all processes.

    It holds the very parameters and buffers of `norm`, under their names. In evaluation it is
    `norm`; with `by_batch`, one that takes the statistics of each batch, of this process alone, and
    moves nothing.
    """

    weight: nn.Parameter | None
    bias: nn.Parameter | None
    running_mean: Tensor
    running_var: Tensor
    num_batches_tracked: Tensor

    def __init__(self, norm: _BatchNorm, gather: Gather) -> None:
        super().__init__()
        if norm.momentum is None or not norm.track_running_stats:
            raise ValueError("a batch norm without moving means cannot be shared")
        self.eps, self.momentum = norm.eps, norm.momentum
        self.weight, self.bias = norm.weight, norm.bias
        for name, buffer in norm.named_buffers():
            self.register_buffer(name, buffer)
        self._gather = gather
        self.by_batch = False

    def forward(self, x: Tensor) -> Tensor:
        """Return x (N, C) or (N, C, H, W) with each channel normalised, in the dtype of x."""
        if self.by_batch:
            return nn.functional.batch_norm(
                x, None, None, self.weight, self.bias, training=True, eps=self.eps
            )
        if not self.training:
            return nn.functional.batch_norm(
                x, self.running_mean, self.running_var, self.weight, self.bias, eps=self.eps
            )
        y, mean, variance, count = normalise(
            x, self.weight, self.bias, eps=self.eps, gather=self._gather
        )
        running = self.running_mean, self.running_var
        follow_statistics(running, mean, variance, count, self.momentum)
        self.num_batches_tracked += 1
        return y


def share_batch_norms(network: nn.Module, gather: Gather) -> None:
    """Let every batch norm of `network` take its statistics from all processes."""
    for name, part in list(network.named_children()):
        if isinstance(part, _BatchNorm):
            setattr(network, name, GlobalBatchNorm(part, gather))
        elif isinstance(part, SharesStatistics):
            part.gather = gather
        else:
            share_batch_norms(part, gather)
