"""Gradients averaged over processes: flattened into one message for each set of weights."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch
import torch.distributed as dist
from torch import Tensor, nn

__all__ = ["MOST_FIGURES", "Means"]

MOST_FIGURES = 32
"""Numbers of a report that travel with the gradients."""


@dataclass(kw_only=True, slots=True)
class _Bucket:
    """The room of one message: gradients, each as its weight lies in memory, and figures."""

    flat: Tensor
    views: list[Tensor]
    figures: Tensor


class Means:
    """Averages gradients over all processes.

    Each is left in its weight's `grad` as a view of the message: nothing is copied back.
    """

    def __init__(self) -> None:
        self._buckets: dict[tuple[int, ...], _Bucket] = {}
        self._sent: list[tuple[_Bucket, Sequence[nn.Parameter], Any]] = []

    def send(self, weights: Sequence[nn.Parameter], figures: Tensor | None = None) -> Tensor:
        """Send off the gradients of `weights` and some numbers; return where the numbers will be.

        Weights without a gradient have none in any process, and stay so.
        """
        moved = [weight for weight in weights if weight.grad is not None]
        bucket = self._bucket_of(moved)
        if moved:
            torch._foreach_copy_(bucket.views, [w.grad for w in moved if w.grad is not None])
        bucket.figures.zero_()
        if figures is not None:
            bucket.figures[: len(figures)].copy_(figures)
        self._sent.append((bucket, moved, dist.all_reduce(bucket.flat, async_op=True)))
        return bucket.figures

    def receive(self) -> None:
        """Wait for everything that was sent, and put the means in their places."""
        sent, self._sent = self._sent, []
        for bucket, weights, work in sent:
            work.wait()
            bucket.flat.div_(dist.get_world_size())
            for weight, view in zip(weights, bucket.views, strict=True):
                weight.grad = view

    def _bucket_of(self, weights: Sequence[nn.Parameter]) -> _Bucket:
        key = tuple(map(id, weights))
        bucket = self._buckets.get(key)
        if bucket is None:
            bucket = self._buckets[key] = _make_bucket(weights)
        return bucket


def _make_bucket(weights: Sequence[nn.Parameter]) -> _Bucket:
    sizes = [weight.numel() for weight in weights]
    device = weights[0].device if weights else torch.device("cpu")
    flat = torch.empty(sum(sizes) + MOST_FIGURES, device=device)
    *parts, figures = flat.split([*sizes, MOST_FIGURES])
    views = [
        part.as_strided(weight.shape, weight.stride(), part.storage_offset())
        for part, weight in zip(parts, weights, strict=True)
    ]
    return _Bucket(flat=flat, views=views, figures=figures)
