"""Named tensors <-> safetensors, checked before anything is allocated. No pickle anywhere."""

import struct
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load, save
from torch import Tensor

from ganvas.errors import DataError, GanvasError, did_you_mean
from ganvas.files import read_bytes, write_bytes

__all__ = [
    "Layout",
    "bytes_to_tensors",
    "layout_of",
    "read_tensors",
    "read_weights",
    "spoken_layout",
    "tensors_to_bytes",
    "weights_to_digest",
    "write_weights",
]

Layout = dict[str, tuple[tuple[int, ...], torch.dtype]]
"""What a file must hold: name -> (shape, dtype)."""

_HEADER_ROOM = 1 << 20  # bytes: names and shapes of some thousand tensors


def layout_of(tensors: Mapping[str, Tensor]) -> Layout:
    """Return the names, shapes and dtypes of `tensors` (which may lie on the meta device)."""
    return {name: (tuple(tensor.shape), tensor.dtype) for name, tensor in tensors.items()}


def tensors_to_bytes(
    tensors: Mapping[str, Tensor], metadata: dict[str, str] | None = None
) -> bytes:
    """Return the safetensors file of `tensors`; it depends on their names and values alone.

    So the same weights give the same file, wherever and however they lie in memory.
    """
    assert not metadata or len(metadata) == 1, "safetensors writes several in random order"
    plain = {name: tensor.detach().cpu().contiguous() for name, tensor in sorted(tensors.items())}
    return save(plain, metadata or None)  # with {} and no tensor, what it writes is no JSON


def write_weights(path: Path, tensors: Mapping[str, Tensor], metadata: dict[str, str]) -> str:
    """Write tensors atomically; return the digest of the file, "sha256:<hex>"."""
    content = tensors_to_bytes(tensors, metadata)
    write_bytes(path, content)
    return f"sha256:{sha256(content).hexdigest()}"


def weights_to_digest(tensors: Mapping[str, Tensor]) -> str:
    """Return "sha256:<hex>" of the file that `write_weights` would make of `tensors`."""
    return f"sha256:{sha256(tensors_to_bytes(tensors)).hexdigest()}"


def read_weights(path: Path, layout: Layout, digest: str | None) -> dict[str, Tensor]:
    """Return the tensors of `path`, which must hold exactly `layout` and have `digest`.

    The file's length is compared with the layout before it is read, its digest before it is
    parsed. Raises DataError naming the file, what was expected and what was found.
    """
    expected = sum(dtype.itemsize * torch.Size(shape).numel() for shape, dtype in layout.values())
    try:
        size = path.stat().st_size
    except OSError as error:
        raise GanvasError(f"cannot read {path}: {error.strerror}") from None
    if not expected <= size <= expected + _HEADER_ROOM:
        raise DataError(
            f"{path} has {size} bytes; the network described beside it needs {expected}"
        )
    tensors = read_tensors(path, digest)
    _check(path, layout_of(tensors), layout)
    return tensors


def read_tensors(path: Path, digest: str | None) -> dict[str, Tensor]:
    """Return whatever tensors `path` holds, once its bytes have `digest`.

    Raises GanvasError when it cannot be read, DataError when it is damaged.
    """
    try:
        size = path.stat().st_size  # what is no regular file has none, or is refused in a moment
    except OSError as error:
        raise GanvasError(f"cannot read {path}: {error.strerror}") from None
    content = read_bytes(path, max_bytes=size)
    found = f"sha256:{sha256(content).hexdigest()}"
    if digest is not None and found != digest:
        raise DataError(f"{path} is damaged or was changed: expected {digest}, found {found}")
    return bytes_to_tensors(path, content)


def bytes_to_tensors(path: Path, content: bytes) -> dict[str, Tensor]:
    """Return the tensors in `content`, the bytes of `path`. Raises DataError for no such file."""
    try:
        tensors: dict[str, Tensor] = load(content)
    except (SafetensorError, struct.error, ValueError, KeyError, TypeError, RuntimeError) as error:
        # The last two come from torch, for sizes that no tensor can have.
        reason = str(error).partition("\n")[0]
        raise DataError(f"{path} is not a whole safetensors file: {reason}") from None
    return tensors


def _check(path: Path, found: Layout, expected: Layout) -> None:
    for name in sorted(found.keys() ^ expected.keys()):
        if name in found:
            raise DataError(f"{path} has an unknown tensor '{name}'{did_you_mean(name, expected)}")
        raise DataError(f"{path} lacks the tensor '{name}'")
    for name, (shape, dtype) in expected.items():
        if found[name] != (shape, dtype):
            raise DataError(
                f"{path}: tensor '{name}' is {spoken_layout(found[name])}, "
                f"not {spoken_layout((shape, dtype))}"
            )


def spoken_layout(entry: tuple[tuple[int, ...], Any]) -> str:
    """Return a tensor's entry of a layout in words."""
    shape, dtype = entry
    return f"{str(dtype).removeprefix('torch.')} {'x'.join(map(str, shape)) or 'scalar'}"
