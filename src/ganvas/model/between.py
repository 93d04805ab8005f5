"""A conditional network asked for what lies between classes, or between clusters."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

__all__ = ["among_classes", "between_classes"]


@contextmanager
def between_classes(network: nn.Module, others: Tensor, shares: Tensor) -> Iterator[None]:
    """Let `network` take each row's class for the mix (1 - share) label + share other.

    others int64 (N,), or (N, P) where each row is of P classes, shares float (N,) in [0, 1]: for
    the N rows of every call within. Networks know a class by its row of an embedding, and the mix
    is that of the rows; at a share of 0 the class is the label's to the last bit.
    """

    def mix(weight: Tensor, rows: Tensor) -> Tensor:
        ends = functional.embedding(others.to(rows.device), weight)
        return torch.lerp(rows, ends, _beside(shares.to(rows), ends))

    with _embedding(network, mix):
        yield


@contextmanager
def among_classes(network: nn.Module, classes: Tensor, shares: Tensor) -> Iterator[None]:
    """Let `network` take for each row's class the mix of K classes: sum_k share_k class_k.

    classes int64 (N, K), or (N, K, P) of P classes each, shares float (N, K) that sum to 1 over K:
    for the N rows of every call within, whatever labels it is given. Where one class has all the
    share it is that class.
    """

    def mix(weight: Tensor, rows: Tensor) -> Tensor:
        mixed = functional.embedding(classes.to(rows.device), weight)
        return (mixed * _beside(shares.to(rows), mixed)).sum(dim=1)

    with _embedding(network, mix):
        yield


def _beside(shares: Tensor, rows: Tensor) -> Tensor:
    """Return the shares with as many dimensions as rows, to be multiplied with them."""
    return shares.reshape(shares.shape + (1,) * (rows.ndim - shares.ndim))


@contextmanager
def _embedding(network: nn.Module, mix: Callable[[Tensor, Tensor], Tensor]) -> Iterator[None]:
    """Let each embedding answer ``mix(its weight, its rows)`` instead of its rows."""

    def answer(module: nn.Module, inputs: Any, rows: Tensor) -> Tensor:
        assert isinstance(module, nn.Embedding)
        return mix(module.weight, rows)

    embeddings = [part for part in network.modules() if isinstance(part, nn.Embedding)]
    handles = [part.register_forward_hook(answer) for part in embeddings]
    try:
        yield
    finally:
        for handle in handles:
            handle.remove()
