"""Batch norm over the whole batch, of which each of several processes holds a part."""

from collections.abc import Callable
from typing import Protocol, runtime_checkable

import torch
from torch import Tensor, nn
from torch.nn.modules.batchnorm import _BatchNorm

__all__ = ["Gather", "GlobalBatchNorm", "SharesStatistics", "follow_statistics"]
__all__ += ["global_statistics", "share_batch_norms"]

Gather = Callable[[Tensor], Tensor]
"""The values (...) of each process -> those of all of them (processes, ...), differentiably: what
comes back to one process is the sum of what all processes send back."""


@runtime_checkable
class SharesStatistics(Protocol):
    """A layer of ours that takes its statistics from all processes once it has their `gather`."""

    gather: Gather | None


def global_statistics(x: Tensor, gather: Gather) -> tuple[Tensor, Tensor, Tensor]:
    """Return mean and variance (C,) of all processes' x (N, C, ...), and how many values each has.

    With counts n_r, means m_r and variances v_r of the processes' own rows, n = sum n_r:
        m = sum n_r / n * m_r,    v = sum n_r / n * (v_r + (m_r - m)^2)
    Made of differentiable parts, they can be differentiated twice, as a gradient penalty does.
    """
    dims = [0, *range(2, x.dim())]
    own_variance, own_mean = torch.var_mean(x.float(), dims, correction=0)
    own_count = own_mean.new_full((1,), x.numel() / x.shape[1])
    of_all = gather(torch.cat([own_mean, own_variance, own_count]))
    means, variances, counts = of_all.split([len(own_mean), len(own_mean), 1], dim=1)
    count = counts.sum()
    shares = counts / count
    mean = (shares * means).sum(0)
    return mean, (shares * (variances + (means - mean).square())).sum(0), count


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
    `norm`.
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

    def forward(self, x: Tensor) -> Tensor:
        """Return x (N, C) or (N, C, H, W) with each channel normalised, in the dtype of x."""
        if not self.training:
            return nn.functional.batch_norm(
                x, self.running_mean, self.running_var, self.weight, self.bias, eps=self.eps
            )
        mean, variance, count = global_statistics(x, self._gather)
        running = self.running_mean, self.running_var
        follow_statistics(running, mean, variance, count, self.momentum)
        self.num_batches_tracked += 1
        scale = (variance + self.eps).rsqrt()
        if self.weight is not None:
            scale = scale * self.weight
        shift = -mean * scale if self.bias is None else self.bias - mean * scale
        shape = (1, -1, *(1,) * (x.dim() - 2))
        return torch.addcmul(shift.view(shape), x.float(), scale.view(shape)).to(x.dtype)


def share_batch_norms(network: nn.Module, gather: Gather) -> None:
    """Let every batch norm of `network` take its statistics from all processes."""
    for name, part in list(network.named_children()):
        if isinstance(part, _BatchNorm):
            setattr(network, name, GlobalBatchNorm(part, gather))
        elif isinstance(part, SharesStatistics):
            part.gather = gather
        else:
            share_batch_norms(part, gather)
