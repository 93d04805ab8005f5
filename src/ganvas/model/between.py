"""A conditional network asked for what lies between two classes."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

__all__ = ["between_classes"]


@contextmanager
def between_classes(network: nn.Module, others: Tensor, shares: Tensor) -> Iterator[None]:
    """Let `network` take each row's class for the mix (1 - share) label + share other.

    others int64 (N,), shares float (N,) in [0, 1]: for the N rows of every call within. Networks
    know a class by its row of an embedding, and the mix is that of the rows; at a share of 0 the
    class is the label's to the last bit.
    """

    def mix(module: nn.Module, inputs: Any, rows: Tensor) -> Tensor:
        assert isinstance(module, nn.Embedding)
        ends = functional.embedding(others.to(rows.device), module.weight)
        return torch.lerp(rows, ends, shares.to(rows)[:, None])

    embeddings = [part for part in network.modules() if isinstance(part, nn.Embedding)]
    handles = [part.register_forward_hook(mix) for part in embeddings]
    try:
        yield
    finally:
        for handle in handles:
            handle.remove()
