"""A training state, a nested dictionary, to disk and back: tensors as safetensors, rest as JSON.

Knows no model. A checkpoint is a folder named by the images seen; it appears whole or not at all,
and the file `last` names the newest one.
"""

from pathlib import Path
from shutil import rmtree
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor

from ganvas.errors import DataError, GanvasError
from ganvas.files import digest_of, read_json, whole_folder, write_json, write_text
from ganvas.weights import write_weights

__all__ = ["FORMAT_VERSION", "load_checkpoint", "newest_checkpoint", "save_checkpoint"]

FORMAT_VERSION = 1
_TENSOR, _ITEMS = "$tensor", "$items"


def save_checkpoint(folder: Path, images: int, state: dict[str, Any], *, keep: int) -> Path:
    """Save `state` as `folder/<images>`, name it in `folder/last`, keep the newest `keep`.

    `state` may nest dictionaries and lists of tensors, numbers, texts and None. Raises GanvasError
    when it cannot be written; what was there before stays.
    """
    folder.mkdir(parents=True, exist_ok=True)
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
        rmtree(old, ignore_errors=True)
    return target


def newest_checkpoint(folder: Path) -> Path | None:
    """Return the newest checkpoint under `folder`, or None when there is none."""
    found = _all_checkpoints(folder)
    return found[-1] if found else None


def load_checkpoint(path: Path) -> dict[str, Any]:
    """Return the state that `save_checkpoint` was given (tuples come back as lists).

    Raises DataError when the checkpoint is damaged or of another format.
    """
    document = read_json(path / "state.json", max_bytes=1 << 26)
    version = document.get("format_version") if isinstance(document, dict) else None
    if version != FORMAT_VERSION:
        raise DataError(f"{path} has checkpoint format {version!r}, not {FORMAT_VERSION}")
    weights = path / "state.safetensors"
    try:
        found = digest_of(weights)
        if found != document["tensors"]:
            raise DataError(f"{weights} is damaged: expected {document['tensors']}, found {found}")
        tensors = load_file(weights)
    except (OSError, SafetensorError) as error:
        raise GanvasError(f"cannot read {weights}: {error}") from None
    joined: dict[str, Any] = _join(document["state"], tensors)
    return joined


def _all_checkpoints(folder: Path) -> list[Path]:
    if not folder.is_dir():
        return []
    return sorted(path for path in folder.iterdir() if path.is_dir() and path.name.isdecimal())


def _split(value: Any, name: str, tensors: dict[str, Tensor]) -> Any:
    """Return `value` for JSON, its tensors moved into `tensors` under their path."""
    if isinstance(value, Tensor):
        tensors[name] = value
        # safetensors stores contiguous bytes; the memory layout is part of bit-exactness.
        channels_last = value.dim() == 4 and value.is_contiguous(
            memory_format=torch.channels_last
        )
        return {_TENSOR: name, "channels_last": channels_last}
    if isinstance(value, dict):
        items = [[key, _split(part, f"{name}/{key}", tensors)] for key, part in value.items()]
        return {_ITEMS: items}
    if isinstance(value, list | tuple):
        return [_split(part, f"{name}/{i}", tensors) for i, part in enumerate(value)]
    return value


def _join(value: Any, tensors: dict[str, Tensor]) -> Any:
    if isinstance(value, list):
        return [_join(part, tensors) for part in value]
    if not isinstance(value, dict):
        return value
    if _TENSOR in value:
        tensor = tensors[value[_TENSOR]]
        if value["channels_last"]:
            tensor = tensor.contiguous(memory_format=torch.channels_last)
        return tensor
    return {key: _join(part, tensors) for key, part in value[_ITEMS]}
