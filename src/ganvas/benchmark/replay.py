"""A training step's convolutions and matrix products: recorded once, then run alone."""

from typing import Any

import torch
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_map
from torch.utils.flop_counter import FlopCounterMode

__all__ = ["Recorder", "operations_of", "replay"]

_NAMES = ("aten::convolution", "aten::convolution_backward", "aten::mm", "aten::addmm", "aten::bmm")
Call = tuple[Any, tuple[Any, ...], dict[str, Any]]


class Recorder(TorchDispatchMode):
    """Keeps every convolution and matrix product that runs inside, with its inputs.

    Calls of the same operation on the same shapes and strides share the first one's copies, so
    that their replay finds its inputs in the caches, as the step itself does.
    """

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.calls: list[Call] = []
        self._known: dict[str, Call] = {}

    def __torch_dispatch__(
        self, func: Any, types: Any, args: tuple[Any, ...] = (), kwargs: Any = None
    ) -> Any:
        kwargs = kwargs or {}
        if func.name().split(".")[0] in _NAMES:
            key = f"{func} {tree_map(_shape, args)} {tree_map(_shape, kwargs)}"
            if key not in self._known:
                self._known[key] = (func, tree_map(_copy, args), tree_map(_copy, kwargs))
            self.calls.append(self._known[key])
        return func(*args, **kwargs)


def replay(calls: list[Call]) -> None:
    """Run the recorded calls one after another, nothing between them."""
    with torch.no_grad():
        for func, args, kwargs in calls:
            func(*args, **kwargs)


def operations_of(calls: list[Call]) -> float:
    """Return the arithmetic of the recorded calls, a multiply-add as two operations."""
    # Of their replay: a counter around the step itself cannot follow penalties' own gradients.
    with FlopCounterMode(display=False) as counter:
        replay(calls)
    return float(counter.get_total_flops())


def _shape(value: Any) -> Any:
    if isinstance(value, torch.Tensor):
        return tuple(value.shape), value.stride(), value.dtype
    return value


def _copy(value: Any) -> Any:
    # preserve_format: the strides are part of what an operation costs.
    return value.detach().clone() if isinstance(value, torch.Tensor) else value
