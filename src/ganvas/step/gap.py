"""D's learning rate by how far its loss is from the ideal: a winner slows down, a loser speeds up.

A GAN learns while D is near the best D for the G there is. Its loss says on which side of that it
is: below the ideal it wins too easily, above it is fooled (arXiv 2302.00089).
"""

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor

from ganvas.step.judgement import Report

__all__ = ["GapAware", "gap_factor"]

_NEAR = 0.1  # of the ideal: the gap at which the factor has gone all its way
_LEAST, _MOST = 0.1, 2.0
_MEMORY = 0.95  # of the running mean of D's loss


def gap_factor(loss: Tensor, ideal: float) -> Tensor:
    """Return by what D's learning rate is multiplied, from 0.1 to 2, for its loss; a scalar.

    With the gap g = |loss - ideal| / (0.1 ideal), at most 1:

    below the ideal   0.1 ** g
    above it          2 ** g

    (arXiv 2302.00089, section 4, with the widths and limits given there.) It is 1 at the ideal.
    """
    gap = ((loss - ideal).abs() / (_NEAR * ideal)).clamp(max=1.0)
    return torch.where(loss < ideal, _LEAST**gap, _MOST**gap)


class GapAware:
    """Follows D's loss by a running mean, and says by what to multiply D's learning rate."""

    def __init__(self, ideal: float) -> None:
        self._ideal = ideal
        self._mean: Tensor | None = None

    @property
    def factor(self) -> float:
        """What the next iteration's learning rate of D is multiplied by; 1 before its first loss.

        It is read once an iteration: that is when a GPU is waited for.
        """
        return float(self._factor)

    def read(self, report: Report, *, images: int) -> None:
        """Take in `d_loss`; an update that says nothing of it changes nothing."""
        loss = report.get("d_loss")
        if loss is not None:
            new = loss.detach().float()
            self._mean = new if self._mean is None else torch.lerp(new, self._mean, _MEMORY)

    def figures(self) -> Report:
        """Return `d_gap_factor`."""
        return {"d_gap_factor": self._factor}

    @property
    def _factor(self) -> Tensor:
        return torch.ones(()) if self._mean is None else gap_factor(self._mean, self._ideal)

    def state_dict(self) -> dict[str, Any]:
        """Return the running mean."""
        return {"mean": None if self._mean is None else float(self._mean)}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Restore what `state_dict` gave."""
        mean = state["mean"]
        self._mean = None if mean is None else torch.tensor(float(mean), dtype=torch.float32)
