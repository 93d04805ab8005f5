"""What an update does to the weights, measured where it happens. It only reads."""

from collections.abc import Iterable, Mapping
from typing import Any

import torch
from torch import Tensor, nn

__all__ = ["Gauge"]

_MOST_UPDATES = 4  # of each player in one iteration: a round has sixty, all much alike


class Gauge:
    """Measures the updates of one iteration; the mean of each figure over those measured.

    g_gradient_norm, d_gradient_norm   L2 norm of all of a player's gradients, before any clipping
    g_update_ratio, d_update_ratio     |w' - w| / |w| over all of its weights, w' after the update
    fake_gradient_norm                 mean over fakes of N |dL_G / dx|, the slope of G's loss at
                                       each of its N images; N makes up for the mean in L_G
    """

    def __init__(self) -> None:
        self._sums: dict[str, float] = {}
        self._counts: dict[str, int] = {}
        self._before: list[Tensor] | None = None

    @torch.no_grad()
    def begin(self, player: str, weights: Iterable[nn.Parameter]) -> None:
        """Take in a player's weights and gradients, right before its optimiser moves them."""
        kept = list(weights)
        self._before = None
        if self._counts.get(f"{player}_gradient_norm", 0) >= _MOST_UPDATES:
            return
        self._before = [weight.detach().clone() for weight in kept]
        self._add(
            f"{player}_gradient_norm", _norm(w.grad.detach() for w in kept if w.grad is not None)
        )

    @torch.no_grad()
    def end(self, player: str, weights: Iterable[nn.Parameter]) -> None:
        """Take in the same weights right after."""
        if self._before is None:
            return
        changes = _norm(new.detach() - old for new, old in zip(weights, self._before, strict=True))
        self._add(f"{player}_update_ratio", changes / max(_norm(self._before), 1e-12))
        self._before = None

    def at_fakes(self, slope: Tensor, weight: float = 1.0) -> None:
        """Take in the gradient of `weight` times G's loss at its images, (N, ...)."""
        if self._counts.get("fake_gradient_norm", 0) < _MOST_UPDATES:
            norms = slope.detach().float().flatten(1).norm(dim=1)
            self._add("fake_gradient_norm", float(norms.mean()) * len(slope) / weight)

    def figures(self) -> dict[str, float]:
        """Return the means of what was measured."""
        return {name: total / self._counts[name] for name, total in self._sums.items()}

    def state_dict(self) -> dict[str, Any]:
        """Return the sums and counts so far."""
        return {"sums": dict(self._sums), "counts": dict(self._counts)}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Go on from what `state_dict` gave."""
        self._sums = {name: float(total) for name, total in state["sums"].items()}
        self._counts = {name: int(count) for name, count in state["counts"].items()}

    def _add(self, name: str, value: float) -> None:
        self._sums[name] = self._sums.get(name, 0.0) + value
        self._counts[name] = self._counts.get(name, 0) + 1


def _norm(tensors: Iterable[Tensor]) -> float:
    norms = [tensor.float().norm() for tensor in tensors]
    return float(torch.stack(norms).norm()) if norms else 0.0
