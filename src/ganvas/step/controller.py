"""Small stateful parts of a step that steer by what the updates report."""

from collections.abc import Mapping
from typing import Any, Protocol

from ganvas.step.judgement import Report

__all__ = ["Controller"]


class Controller(Protocol):
    """Reads the report of every update, in order, and keeps what it makes of them.

    A checkpoint holds its state under its name in `Step.controllers`; after `load_state_dict` it
    must go on as if it had never stopped. What it decides takes effect from the next update on.
    """

    def read(self, report: Report, *, images: int) -> None:
        """Take in an update's report; `images` real images were first drawn by that update."""
        ...

    def figures(self) -> Report:
        """Return what it decided, for the log: scalars."""
        ...

    def state_dict(self) -> dict[str, Any]:
        """Return the state: numbers, texts, tensors, lists and dictionaries of them."""
        ...

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Restore what `state_dict` gave."""
        ...
