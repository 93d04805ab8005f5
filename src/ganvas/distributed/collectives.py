"""A differentiable gathering of values over processes, and what comes back through it."""

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

__all__ = ["gather"]

Exchange = Callable[[Tensor], Tensor]


def gather(values: Tensor, exchange: Exchange, rank: int) -> Tensor:
    """Return the values (...) of every process, (processes, ...), in the order of the ranks.

    `exchange` does so without gradients; this process is number `rank`. The gradient that comes
    back to a process is the sum of what all processes send back for its values, so that each loss
    reaches every process' share of the batch. It can be differentiated as often as one likes.
    """
    if not torch.is_grad_enabled() or not values.requires_grad:
        return exchange(values)
    gathered: Tensor = _Gather.apply(values, exchange, rank)  # type: ignore[no-untyped-call]
    return gathered


class _Gather(torch.autograd.Function):
    """y_s = (x_0, ..., x_n) in every process s."""

    @staticmethod
    def forward(ctx: Any, values: Tensor, exchange: Exchange, rank: int) -> Tensor:
        ctx.exchange, ctx.rank = exchange, rank
        return exchange(values)

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor, None, None]:
        back: Tensor = _OwnSum.apply(  # type: ignore[no-untyped-call]
            gradients[0], ctx.exchange, ctx.rank
        )
        return back, None, None


class _OwnSum(torch.autograd.Function):
    """z_r = sum over processes s of (g_s)_r, the transpose of `_Gather`."""

    @staticmethod
    def forward(ctx: Any, gradients: Tensor, exchange: Exchange, rank: int) -> Tensor:
        ctx.exchange, ctx.rank = exchange, rank
        return exchange(gradients)[:, rank].sum(0)

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor, None, None]:
        back: Tensor = _Gather.apply(  # type: ignore[no-untyped-call]
            gradients[0], ctx.exchange, ctx.rank
        )
        return back, None, None
