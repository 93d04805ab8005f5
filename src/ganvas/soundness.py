"""Whether a training state is sound, and whether two are the same. Pure."""

from collections.abc import Iterator
from hashlib import blake2b
from typing import Any

import torch
from torch import Tensor

__all__ = ["fingerprint", "first_broken"]


def first_broken(state: Any) -> str | None:
    """Return the dotted name of the first tensor in a nested state with a NaN or an infinity.

    None when there is none. A gradient that is not finite stays behind in the weights or in its
    optimiser's running means, so with both in `state` it is found as well.
    """
    for name, tensor in _tensors(state, ""):
        if tensor.is_floating_point() and not bool(torch.isfinite(tensor).all()):
            return name
    return None


def fingerprint(state: Any) -> int:
    """Return a number below 2^63 that follows from the bytes of all tensors in a nested state."""
    digest = blake2b(digest_size=8)
    for name, tensor in _tensors(state, ""):
        digest.update(name.encode())
        digest.update(tensor.detach().cpu().contiguous().reshape(-1).view(torch.uint8).numpy().data)
    return int.from_bytes(digest.digest(), "little") >> 1


def _tensors(value: Any, name: str) -> Iterator[tuple[str, Tensor]]:
    if isinstance(value, Tensor):
        yield name, value
    elif isinstance(value, dict):
        for key, part in value.items():
            yield from _tensors(part, f"{name}.{key}" if name else str(key))
    elif isinstance(value, list | tuple):
        for number, part in enumerate(value):
            yield from _tensors(part, f"{name}.{number}" if name else str(number))
