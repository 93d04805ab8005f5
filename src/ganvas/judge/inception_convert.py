"""The published Inception weights (a PyTorch file, so pickle) -> a judge's folder without pickle.

This is the one place where ganvas opens a pickle: one known file, whose bytes are compared with
the published SHA-256 first, in PyTorch's mode that loads tensors only. Nothing else is opened.
"""

import re
from collections.abc import Mapping
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from ganvas.errors import DataError, GanvasError, UsageError
from ganvas.files import read_json, whole_folder, write_json, write_text
from ganvas.judge.card import CONFIG, WEIGHTS
from ganvas.judge.inception_card import (
    NAME,
    SOURCE_DIGEST,
    SOURCE_FILE,
    check_inception_card,
    inception_card,
)
from ganvas.judge.inception_network import build_inception
from ganvas.weights import layout_of, write_weights

__all__ = ["convert_inception"]

_LARGEST_SOURCE = 1 << 28  # bytes; the published file has 0.95e8
# What other exports of this network carry besides: counters of batches, a head for training.
_UNUSED = re.compile(r"(.+\.)?num_batches_tracked|AuxLogits\..+")


def convert_inception(
    source: Path, out: Path, command: str, *, expected_digest: str = SOURCE_DIGEST
) -> Path:
    """Write the judge of the weights in `source` to the folder `out`; return `out`.

    `source` is the published file, under any name; `command` is recorded. `out` is written whole
    or not at all, with the folders above it; an Inception judge that is there is replaced, but
    nothing else is. The same source gives the same weights file, byte for byte.

    `expected_digest` ("sha256:<hex>") is that of the published file; whoever states another one
    vouches for that file.

    Raises UsageError where `out` is something else, DataError for any other file than the
    expected one (before it is opened as weights) or one that does not fit the network,
    GanvasError when `source` cannot be read or `out` not written.
    """
    _require_replaceable(out)
    content = _read_expected(source, expected_digest)
    tensors = _load(source, content)
    _require_layout(source, tensors)
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise GanvasError(f"cannot write {out}: {error.strerror}") from None
    with whole_folder(out) as folder:
        card = inception_card(
            weights_file=WEIGHTS,
            weights_digest=write_weights(folder / WEIGHTS, tensors, {"format": "pt"}),
            source_file=source.name,
            source_digest=expected_digest,
            command=command,
        )
        write_json(folder / CONFIG, card)
        write_text(folder / "README.md", _readme(card))
    return out


def _require_replaceable(out: Path) -> None:
    """Refuse to replace what is no Inception judge: a wrong -o must not cost a folder."""
    try:
        if not out.exists() or (out.is_dir() and not any(out.iterdir())):
            return
        check_inception_card(out / CONFIG, read_json(out / CONFIG))
    except (GanvasError, OSError):
        raise UsageError(
            f"{out} is there already and is no Inception judge; choose another folder"
        ) from None


def _read_expected(source: Path, expected_digest: str) -> bytes:
    """Return the bytes of `source`, which are then loaded from memory: nobody can swap them."""
    try:
        with source.open("rb") as file:
            content = file.read(_LARGEST_SOURCE + 1)
    except OSError as error:
        raise GanvasError(f"cannot read {source}: {error.strerror}") from None
    found = f"sha256:{sha256(content).hexdigest()}"
    if len(content) > _LARGEST_SOURCE:
        found = "a much larger file"
    if found != expected_digest:
        raise DataError(
            f"{source} is not the published {SOURCE_FILE}, or is damaged, so it is not opened: "
            f"expected {expected_digest}, found {found}"
        )
    return content


def _load(source: Path, content: bytes) -> dict[str, Tensor]:
    try:
        # Only after the digest: see the top of this file.
        state = torch.load(BytesIO(content), map_location="cpu", weights_only=True, mmap=False)
    except Exception as error:  # pickle's and zip's errors are of many kinds
        reason = str(error).partition("\n")[0]
        raise DataError(f"{source} is no PyTorch file of plain tensors: {reason}") from None
    if not isinstance(state, Mapping) or not all(
        isinstance(name, str) and isinstance(value, Tensor) for name, value in state.items()
    ):
        raise DataError(f"{source} must hold named tensors only")
    return {name: value for name, value in state.items() if not _UNUSED.fullmatch(name)}


def _require_layout(source: Path, tensors: dict[str, Tensor]) -> None:
    found, expected = layout_of(tensors), layout_of(build_inception().state_dict())
    for name in sorted(expected.keys() - found.keys()):
        raise DataError(f"{source} lacks the tensor '{name}'")
    for name in sorted(found.keys() - expected.keys()):
        raise DataError(f"{source} has an unknown tensor '{name}'")
    for name, (shape, dtype) in expected.items():
        if found[name] != (shape, dtype):
            raise DataError(
                f"{source}: tensor '{name}' is {found[name][1]} {found[name][0]}, "
                f"not {dtype} {shape}"
            )
        if not tensors[name].isfinite().all():
            raise DataError(f"{source}: tensor '{name}' has values that are not finite")


def _readme(card: dict[str, Any]) -> str:
    source = card["source"]
    return f"""# Judge: {NAME}

TensorFlow's Inception network of 2015. Its {card["features"]} features, the last average pool's
output, are those of the Fréchet Inception distance (FID) that papers print.

| | |
| --- | --- |
| takes | uint8 images of any size, grey (as RGB with equal channels) or RGB |
| classes | ImageNet's, which are not used |
| converted from | `{source["file"]}` |
| source digest | `{source["digest"]}` |
| weights digest | `{card["weights"]["digest"]}` |
| licence of the weights | {source["licence"]} |
| cite | {source["citation"]} |
| made by | `{card["command"]}` |

A distance compares with a published one only if the reference images, the number of samples
(mostly 50,000) and the images' size are the same, too.
"""
