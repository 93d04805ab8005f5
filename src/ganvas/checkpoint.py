"""A training state, a nested dictionary, to disk and back: tensors as safetensors, rest as JSON.

Knows no model. A checkpoint is a folder named by the images seen; it appears whole or not at all,
and the file `last` names the newest one.
"""

import math
from pathlib import Path
from shutil import rmtree
from typing import Any

import torch
from torch import Tensor

from ganvas.errors import DataError, GanvasError
from ganvas.files import read_json, whole_folder, write_json, write_text
from ganvas.weights import read_tensors, write_weights

__all__ = ["FORMAT_VERSION", "load_checkpoint", "newest_checkpoint", "save_checkpoint"]

FORMAT_VERSION = 1
_TENSOR, _ITEMS, _FLOAT = "$tensor", "$items", "$float"


def save_checkpoint(folder: Path, images: int, state: dict[str, Any], *, keep: int) -> Path:
    """Save `state` as `folder/<images>`, name it in `folder/last`, keep the newest `keep`.

    `state` may nest dictionaries and lists of tensors, numbers, texts and None; no two tensors
    may share memory. Raises GanvasError when it cannot be written; what was there before stays.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise GanvasError(f"cannot make {folder}: {error.strerror}") from None
    tensors: dict[str, Tensor] = {}
    tree = _split(state, "", tensors)
    target = folder / f"{images:09d}"
    with whole_folder(target) as temporary:
        digest = write_weights(temporary / "state.safetensors", tensors, {})
        write_json(
            temporary / "state.json",
            {"format_version": FORMAT_VERSION, "tensors": digest, "state": tree},
        )
    write_text(folder / "last", target.name + "\n")
    for old in _all_checkpoints(folder)[:-keep]:
        if old != target:
            rmtree(old, ignore_errors=True)
    return target


def newest_checkpoint(folder: Path) -> Path | None:
    """Return the newest checkpoint under `folder`, or None when there is none."""
    found = _all_checkpoints(folder)
    return found[-1] if found else None


def load_checkpoint(path: Path) -> dict[str, Any]:
    """Return the state that `save_checkpoint` was given (tuples come back as lists).

    Raises GanvasError when a part is missing, DataError when one is damaged or of another format.
    """
    document = read_json(path / "state.json", max_bytes=1 << 26)
    version = document.get("format_version") if isinstance(document, dict) else None
    if version != FORMAT_VERSION:
        raise DataError(f"{path} has checkpoint format {version!r}, not {FORMAT_VERSION}")
    tensors = read_tensors(path / "state.safetensors", str(document.get("tensors")))
    try:
        state = _join(document["state"], tensors)
    except (KeyError, TypeError, ValueError, RuntimeError) as error:  # RuntimeError: a tensor's
        reason = f"{type(error).__name__} {error}".partition("\n")[0]  # shape, too deep a nesting
        raise DataError(f"{path / 'state.json'} does not hold a state: {reason}") from None
    if not isinstance(state, dict):
        raise DataError(f"{path / 'state.json'} does not hold a state but a {type(state).__name__}")
    return state


def _all_checkpoints(folder: Path) -> list[Path]:
    if not folder.is_dir():
        return []
    found = (path for path in folder.iterdir() if path.is_dir() and path.name.isdecimal())
    return sorted(found, key=lambda path: int(path.name))


def _split(value: Any, name: str, tensors: dict[str, Tensor]) -> Any:
    """Return `value` for JSON, its tensors moved into `tensors` under their path."""
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


def _join(value: Any, tensors: dict[str, Tensor]) -> Any:
    if isinstance(value, list):
        return [_join(part, tensors) for part in value]
    if not isinstance(value, dict):
        return value
    if _TENSOR in value:
        tensor = tensors[value[_TENSOR]]
        if not value["channels_last"]:
            return tensor
        return _channels_last(tensor, tensor.device).copy_(tensor)
    if _FLOAT in value:
        return float(value[_FLOAT])
    return {key: _join(part, tensors) for key, part in value[_ITEMS]}


def _channels_last(tensor: Tensor, device: torch.device | str) -> Tensor:
    """Return room for a tensor (N, C, H, W) with exactly the strides of channels_last.

    `contiguous` would leave some strides as they are where a side is 1, and kernels look at them.
    """
    return torch.empty_like(tensor, device=device, memory_format=torch.channels_last)
