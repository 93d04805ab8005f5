"""Means of what the step reports between two log lines, kept on the device until asked for."""

from collections.abc import Mapping
from typing import Any

from torch import Tensor

__all__ = ["Tally"]


class Tally:
    """Running sums of named scalars. Adding never waits for the device; `take` does."""

    def __init__(self) -> None:
        self._sums: dict[str, Tensor] = {}
        self._counts: dict[str, int] = {}

    def add(self, report: Mapping[str, Tensor]) -> None:
        """Count one update's report; not every update needs to name every figure."""
        for name, value in report.items():
            if name in self._sums:
                self._sums[name] = self._sums[name] + value
                self._counts[name] += 1
            else:
                self._sums[name], self._counts[name] = value, 1

    def state_dict(self) -> dict[str, Any]:
        """Return the sums and counts since the last `take`."""
        return {"sums": dict(self._sums), "counts": dict(self._counts)}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Go on from what `state_dict` gave."""
        self._sums = dict(state["sums"])
        self._counts = {name: int(count) for name, count in state["counts"].items()}

    def take(self) -> dict[str, float]:
        """Return the mean of each figure since the last call, and start again."""
        means = {name: float(total) / self._counts[name] for name, total in self._sums.items()}
        self._sums, self._counts = {}, {}
        return means
