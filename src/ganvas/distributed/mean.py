"""Gradients averaged over processes: flattened into one message for each set of weights."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from ganvas.distributed.channel import Channel, Message

__all__ = ["MOST_FIGURES", "Means"]

MOST_FIGURES = 32
"""Numbers of a report that travel with the gradients."""


@dataclass(frozen=True, kw_only=True, slots=True)
class _Parts:
    """Gradients, each as its weight lies in memory, and figures."""

    gradients: list[Tensor]
    figures: Tensor


@dataclass(frozen=True, kw_only=True, slots=True)
class _Bucket:
    """A message of the gradients of `weights`, and the parts of what is sent and comes back.

    It keeps the weights alive: they are told apart by their places, which others would take after
    them (the run's networks those of a trial), perhaps in one process and not in the next.
    """

    weights: tuple[nn.Parameter, ...]
    channel: Channel
    message: Message
    sent: _Parts
    means: _Parts


class Means:
    """Averages gradients over all processes, by the channel that goes from their device.

    The means are written over the very gradients that were sent. Were these let go instead, the
    allocator would give their memory back, and every update would fetch it anew page by page.
    """

    def __init__(self, channel_of: Callable[[torch.device], Channel]) -> None:
        self._channel_of = channel_of
        self._buckets: dict[tuple[int, ...], _Bucket] = {}
        self._sent: list[tuple[_Bucket, list[Tensor]]] = []

    def send(self, weights: Sequence[nn.Parameter], figures: Tensor | None = None) -> Tensor:
        """Send off the gradients of `weights` and some numbers; return where the numbers will be.

        Weights without a gradient have none in any process, and stay so.
        """
        moved = [weight for weight in weights if weight.grad is not None]
        bucket = self._bucket_of(moved)
        gradients = [weight.grad for weight in moved if weight.grad is not None]
        if gradients:
            torch._foreach_copy_(bucket.sent.gradients, gradients)
        bucket.sent.figures.zero_()
        if figures is not None:
            assert len(figures) <= MOST_FIGURES
            bucket.sent.figures[: len(figures)].copy_(figures)
        bucket.channel.send(bucket.message)
        self._sent.append((bucket, gradients))
        return bucket.means.figures

    def receive(self) -> None:
        """Wait for everything that was sent, and put the means in their places."""
        sent, self._sent = self._sent, []
        for channel in {id(bucket.channel): bucket.channel for bucket, _ in sent}.values():
            channel.receive()
        for bucket, gradients in sent:
            if gradients:
                torch._foreach_copy_(gradients, bucket.means.gradients)

    def _bucket_of(self, weights: Sequence[nn.Parameter]) -> _Bucket:
        key = tuple(map(id, weights))
        bucket = self._buckets.get(key)
        if bucket is None:
            bucket = self._buckets[key] = self._make_bucket(weights)
        return bucket

    def _make_bucket(self, weights: Sequence[nn.Parameter]) -> _Bucket:
        device = weights[0].device if weights else torch.device("cpu")
        channel = self._channel_of(device)
        length = sum(weight.numel() for weight in weights) + MOST_FIGURES
        message = channel.open_message(length, device)
        return _Bucket(
            weights=tuple(weights),
            channel=channel,
            message=message,
            sent=_cut(message.sent, weights),
            means=_cut(message.means, weights),
        )


def _cut(numbers: Tensor, weights: Sequence[nn.Parameter]) -> _Parts:
    *parts, figures = numbers.split([*(weight.numel() for weight in weights), MOST_FIGURES])
    gradients = [
        part.as_strided(weight.shape, weight.stride(), part.storage_offset())
        for part, weight in zip(parts, weights, strict=True)
    ]
    return _Parts(gradients=gradients, figures=figures)
