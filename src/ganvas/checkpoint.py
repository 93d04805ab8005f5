"""A training state, a nested dictionary, to disk and back: whole, verified, never half-written.

Knows no model. A checkpoint is a folder named by the images seen, which appears at once:

    state.safetensors   every tensor of the state
    state.json          everything else
    manifest.json       length and SHA-256 of both; written last

Beside the checkpoints, the file `last` names the newest one and `best` the one whose model was
found best. A new checkpoint never takes an old one's place: where the name is taken (a stop
within a long iteration draws no new images), `.1`, `.2`, ... is added.
"""

import os
import re
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from ganvas import disk
from ganvas.errors import DataError, GanvasError
from ganvas.files import (
    cannot_write,
    discard_folder,
    inside,
    parse_json,
    read_bytes,
    to_json_bytes,
    whole_folder,
    write_bytes,
    write_text,
)
from ganvas.nesting import join, split
from ganvas.weights import bytes_to_tensors, tensors_to_bytes

__all__ = [
    "FORMAT_VERSION",
    "Loaded",
    "best_checkpoint",
    "checkpoints_in",
    "load_checkpoint",
    "load_newest",
    "newest_checkpoint",
    "save_checkpoint",
]

FORMAT_VERSION = 2
TENSORS, STATE, MANIFEST = "state.safetensors", "state.json", "manifest.json"

_NAME = re.compile(r"(\d{1,18})(?:\.(\d{1,6}))?", re.ASCII)
_MOST_MANIFEST = 1 << 12  # bytes
_MOST_STATE = 1 << 24  # bytes: names and numbers of some hundred thousand tensors
_MOST_TENSORS = 1 << 36  # bytes; it must be there in that length, so this much can be asked for


@dataclass(frozen=True, kw_only=True, slots=True)
class Loaded:
    """A state with the checkpoint it comes from, and why newer ones were passed over."""

    path: Path
    state: dict[str, Any]
    passed_over: tuple[str, ...] = ()


def save_checkpoint(
    folder: Path, images: int, state: dict[str, Any], *, keep: int, is_best: bool = False
) -> Path:
    """Save `state` under `folder`, name it in `folder/last`, keep the newest `keep` and the best.

    `state` may nest dictionaries and lists of tensors, numbers, texts and None; no two tensors
    may share memory. The folder above `folder` must be there. Raises GanvasError when it cannot
    be written (DiskFullError: for want of room); what was there before stays.

    Checkpoints of more images than this one belong to a future that was given up; they go.
    """
    _make_place(folder)
    tree, tensors = split(state)
    parts = {TENSORS: tensors_to_bytes(tensors), STATE: to_json_bytes(tree)}
    target = _free_name(folder, images)
    with whole_folder(target) as temporary:
        for name, content in parts.items():
            write_bytes(temporary / name, content)
        write_bytes(temporary / MANIFEST, _manifest(parts))
    if is_best:
        write_text(folder / "best", target.name + "\n")
    write_text(folder / "last", target.name + "\n")
    older = [path for path in checkpoints_in(folder) if _order(path) < _order(target)]
    spared = {target, folder / _named(folder, "best"), *older[max(0, len(older) - (keep - 1)) :]}
    for path in checkpoints_in(folder):
        if path not in spared:
            discard_folder(path)
    return target


def checkpoints_in(folder: Path) -> list[Path]:
    """Return the checkpoints under `folder`, whole or not, the newest last."""
    try:
        found = [path for path in folder.iterdir() if _NAME.fullmatch(path.name) and path.is_dir()]
    except OSError:
        return []
    return sorted(found, key=_order)


def newest_checkpoint(folder: Path) -> Path | None:
    """Return the newest checkpoint under `folder`, whole or not, or None when there is none."""
    found = checkpoints_in(folder)
    return found[-1] if found else None


def load_newest(folder: Path) -> Loaded | None:
    """Return the newest state under `folder` that verifies; None when there is no checkpoint.

    Raises DataError, saying what is wrong with each, when there are some and none verifies.
    """
    passed_over: list[str] = []
    for path in reversed(checkpoints_in(folder)):
        try:
            state = load_checkpoint(path)
        except GanvasError as error:
            passed_over.append(str(error))
            continue
        return Loaded(path=path, state=state, passed_over=tuple(passed_over))
    if passed_over:
        raise DataError(f"no checkpoint in {folder} is whole: {'; '.join(passed_over)}")
    return None


def best_checkpoint(folder: Path, *, at_most: int) -> Path | None:
    """Return the checkpoint under `folder` whose model was found best, whole or not.

    None where none is there. `at_most` are images: one of more belongs to a future that was given
    up.
    """
    path = folder / _named(folder, "best")
    if _NAME.fullmatch(path.name) is None or _order(path)[0] > at_most:
        return None
    return path if path.is_dir() else None


def load_checkpoint(path: Path) -> dict[str, Any]:
    """Return the state that `save_checkpoint` was given (tuples come back as lists).

    Lengths are compared before anything is read, digests before anything is parsed. Raises
    GanvasError when a part is missing, DataError when one is damaged or of another format.
    """
    lengths = _read_manifest(path)
    content = _read_part(path, STATE, lengths, at_most=_MOST_STATE)
    tensors = bytes_to_tensors(
        path / TENSORS, _read_part(path, TENSORS, lengths, at_most=_MOST_TENSORS)
    )
    try:
        state = join(parse_json(path / STATE, content), tensors)
    except (KeyError, TypeError, ValueError, RuntimeError) as error:  # RuntimeError: a tensor's
        reason = f"{type(error).__name__} {error}".partition("\n")[0]  # shape, too deep a nesting
        raise DataError(f"{path / STATE} does not hold a state: {reason}") from None
    if not isinstance(state, dict):
        raise DataError(f"{path / STATE} does not hold a state but a {type(state).__name__}")
    return state


def _make_place(folder: Path) -> None:
    """Make the folder of checkpoints, but not the run directory: one that vanished stays away."""
    if folder.is_symlink():  # somebody else's run could have ours write, and remove, anywhere
        raise GanvasError(f"{folder} is a link; checkpoints are written to a folder of the run")
    if not folder.is_dir():
        try:
            disk.make_folder(folder)
        except OSError as error:
            raise cannot_write(folder, error) from None
        disk.sync_folder(folder.parent)


def _free_name(folder: Path, images: int) -> Path:
    plain = f"{images:09d}"
    path, number = folder / plain, 0
    while os.path.lexists(path):
        number += 1
        path = folder / f"{plain}.{number}"
    return path


def _order(path: Path) -> tuple[int, int]:
    match = _NAME.fullmatch(path.name)
    assert match is not None, path
    return int(match[1]), int(match[2] or 0)


def _named(folder: Path, file: str) -> str:
    """Return the name that `last` or `best` holds; a name that is nobody's where there is none."""
    try:
        return read_bytes(folder / file, max_bytes=100).decode("ascii", "replace").strip()
    except GanvasError:
        return ""


def _manifest(parts: dict[str, bytes]) -> bytes:
    return to_json_bytes(
        {
            "format_version": FORMAT_VERSION,
            "files": {
                name: {"bytes": len(content), "sha256": sha256(content).hexdigest()}
                for name, content in parts.items()
            },
        }
    )


def _read_manifest(folder: Path) -> dict[str, tuple[int, str]]:
    """Return each part's length and digest. Raises DataError for anything but our own bytes."""
    path = inside(folder, MANIFEST)
    content = read_bytes(path, max_bytes=_MOST_MANIFEST)
    manifest = parse_json(path, content)
    version = manifest.get("format_version") if isinstance(manifest, dict) else None
    if version != FORMAT_VERSION:
        raise DataError(f"{folder} has checkpoint format {version!r}, not {FORMAT_VERSION}")
    try:
        parts = {name: manifest["files"][name] for name in (TENSORS, STATE)}
        found = {name: (int(part["bytes"]), str(part["sha256"])) for name, part in parts.items()}
    except (KeyError, TypeError, ValueError):
        raise DataError(f"{path} does not say what the checkpoint's files are") from None
    ours = {"format_version": version, "files": parts}
    if to_json_bytes(manifest) != content or manifest != ours:
        raise DataError(f"{path} is damaged or was changed: ganvas writes it otherwise")
    return found


def _read_part(
    folder: Path, name: str, parts: dict[str, tuple[int, str]], *, at_most: int
) -> bytes:
    path = inside(folder, name)
    length, digest = parts[name]
    try:
        size = path.stat().st_size
    except OSError as error:
        raise GanvasError(f"cannot read {path}: {error.strerror}") from None
    if size != length:
        raise DataError(f"{path} has {size:,} bytes, not the {length:,} of its manifest")
    content = read_bytes(path, max_bytes=min(length, at_most))
    found = sha256(content).hexdigest()
    if found != digest:
        raise DataError(
            f"{path} is damaged or was changed: expected sha256:{digest}, found sha256:{found}"
        )
    return content
