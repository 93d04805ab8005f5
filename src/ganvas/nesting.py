"""A nested state <-> a tree for JSON and flat named tensors, bit for bit. Pure."""

import math
from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor

__all__ = ["join", "split"]

_TENSOR, _ITEMS, _FLOAT = "$tensor", "$items", "$float"


def split(state: Any) -> tuple[Any, dict[str, Tensor]]:
    """Return `state` for JSON, and the tensors that were in it, named by their path.

    `state` may nest dictionaries (with keys that JSON has as values) and lists of tensors,
    numbers, texts and None; no two tensors may share memory.
    """
    tensors: dict[str, Tensor] = {}
    return _split(state, "", tensors), tensors


def join(tree: Any, tensors: Mapping[str, Tensor]) -> Any:
    """Return the state that `split` was given (tuples come back as lists).

    Raises KeyError, TypeError, ValueError or RuntimeError for a tree that `split` never made.
    """
    if isinstance(tree, list):
        return [join(part, tensors) for part in tree]
    if not isinstance(tree, dict):
        return tree
    if _TENSOR in tree:
        tensor = tensors[tree[_TENSOR]]
        if not tree["channels_last"]:
            return tensor
        return _channels_last(tensor, tensor.device).copy_(tensor)
    if _FLOAT in tree:
        return float(tree[_FLOAT])
    return {key: join(part, tensors) for key, part in tree[_ITEMS]}


def _split(value: Any, name: str, tensors: dict[str, Tensor]) -> Any:
    if isinstance(value, Tensor):
        while name in tensors:  # the key "a/b" beside a key "a" that holds a "b", 1 beside "1"
            name += "'"
        tensors[name] = value
        # safetensors stores contiguous bytes; the memory layout is part of bit-exactness.
        last = value.dim() == 4 and value.stride() == _channels_last(value, "meta").stride()
        return {_TENSOR: name, "channels_last": last}
    if isinstance(value, dict):
        items = [[key, _split(part, f"{name}/{key}", tensors)] for key, part in value.items()]
        return {_ITEMS: items}
    if isinstance(value, list | tuple):
        return [_split(part, f"{name}/{i}", tensors) for i, part in enumerate(value)]
    if isinstance(value, float) and not math.isfinite(value):  # which JSON cannot say
        return {_FLOAT: str(value)}
    return value


def _channels_last(tensor: Tensor, device: torch.device | str) -> Tensor:
    """Return room for a tensor (N, C, H, W) with exactly the strides of channels_last.

    `contiguous` would leave some strides as they are where a side is 1, and kernels look at them.
    """
    return torch.empty_like(tensor, device=device, memory_format=torch.channels_last)
