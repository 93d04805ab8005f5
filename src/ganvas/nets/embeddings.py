"""What networks know of a class: a row of a table; of several at once their rows' mean, or sum."""

import torch
from torch import Tensor, nn

__all__ = ["embedding", "joined_rows", "mean_rows"]


def embedding(num_rows: int, width: int) -> nn.Embedding:
    """Return an embedding whose weights are not drawn: the network's `initialise` does.

    nn.Embedding's own draw on the meta device imports torch's compiler, which takes 2 s.
    """
    rows: nn.Embedding = nn.Embedding.from_pretrained(torch.empty(num_rows, width), freeze=False)
    return rows


def mean_rows(table: nn.Embedding, labels: Tensor | None) -> Tensor:
    """Return the row (N, W) of each label (N,); of labels (N, P) the mean of their P rows."""
    rows: Tensor = table(labels)
    return rows.mean(1) if rows.ndim == 3 else rows


def joined_rows(table: nn.Embedding, labels: Tensor | None) -> Tensor:
    """Return the row (N, W) of each label (N,); of labels (N, P) the sum of P rows over sqrt(P).

    Independent rows of variance 1 give variance 1.
    """
    rows: Tensor = table(labels)
    return rows.sum(1) * rows.shape[1] ** -0.5 if rows.ndim == 3 else rows
