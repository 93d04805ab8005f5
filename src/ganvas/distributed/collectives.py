"""A differentiable gathering of values over processes, and what comes back through it."""

from typing import Any

import torch
import torch.distributed as dist
from torch import Tensor

__all__ = ["gather"]


def gather(values: Tensor) -> Tensor:
    """Return the values (...) of every process, (processes, ...), in the order of the ranks.

    The gradient that comes back to a process is the sum of what all processes send back for its
    values, so that each loss reaches every process' share of the batch. It can be differentiated
    as often as one likes.
    """
    gathered: Tensor = _Gather.apply(values)  # type: ignore[no-untyped-call]
    return gathered


class _Gather(torch.autograd.Function):
    """y_s = (x_0, ..., x_n) in every process s."""

    @staticmethod
    def forward(ctx: Any, values: Tensor) -> Tensor:
        flat = values.contiguous()
        room = flat.new_empty((dist.get_world_size(), *flat.shape))
        dist.all_gather(list(room.unbind(0)), flat)
        return room

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> Tensor:
        back: Tensor = _OwnSum.apply(gradients[0])  # type: ignore[no-untyped-call]
        return back


class _OwnSum(torch.autograd.Function):
    """z_r = sum over processes s of (g_s)_r, the transpose of `_Gather`."""

    @staticmethod
    def forward(ctx: Any, gradients: Tensor) -> Tensor:
        summed = gradients.contiguous().clone()
        dist.all_reduce(summed)
        return summed[dist.get_rank()].clone()

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> Tensor:
        back: Tensor = _Gather.apply(gradients[0])  # type: ignore[no-untyped-call]
        return back
