"""Files written whole or not at all: a temporary beside the target, fsync, rename, fsync."""

import errno
import json
import os
import re
import secrets
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np

from ganvas import disk
from ganvas.errors import DataError, DiskFullError, GanvasError, in_a_line

__all__ = [
    "cannot_write",
    "digest_of",
    "discard_folder",
    "inside",
    "parse_json",
    "read_bytes",
    "read_json",
    "read_png",
    "sweep",
    "to_json_bytes",
    "to_png_bytes",
    "whole_folder",
    "write_bytes",
    "write_json",
    "write_png",
    "write_text",
]

_NO_ROOM = {errno.ENOSPC, errno.EFBIG} | {getattr(errno, "EDQUOT", errno.ENOSPC)}

# Beside `name`: `.name.<12 hex digits>.new`, what is being written; `.old`, what is being
# replaced and comes back if that fails; `.gone`, what is being removed.
_ASIDE = re.compile(r"\.(.+)\.[0-9a-f]{12}\.(new|old|gone)", re.DOTALL)
_LARGEST_PICTURE = 1 << 26  # bytes of its file, and pixels
_LONGEST = 50  # letters of `name` kept there, so that the whole is never too long for a name


def write_bytes(path: Path, content: bytes) -> None:
    """Write `content` to `path` atomically. Raises GanvasError naming the path and the cause.

    An error means that nothing changed: what was at `path` is still there.
    """
    temporary = _beside(path, "new")
    try:
        try:
            handle = disk.create(temporary)
            try:
                disk.write(handle, content)
                disk.sync(handle)
            finally:
                disk.close(handle)
            disk.rename(temporary, path)
        except BaseException:
            with suppress(OSError):
                disk.remove_file(temporary)
            raise
    except OSError as error:
        raise cannot_write(path, error) from None
    disk.sync_folder(path.parent)


def write_text(path: Path, content: str) -> None:
    """Write UTF-8 text atomically; what UTF-8 cannot say (a path's odd bytes) is escaped."""
    write_bytes(path, content.encode(errors="backslashreplace"))


def write_json(path: Path, content: Any) -> None:
    """Write JSON atomically, indented, with a final newline; refuses NaN and infinities."""
    write_bytes(path, to_json_bytes(content))


def to_json_bytes(content: Any) -> bytes:
    """Return `content` as the bytes that `write_json` writes."""
    return (json.dumps(content, indent=2, allow_nan=False) + "\n").encode("ascii")


def read_bytes(path: Path, *, max_bytes: int) -> bytes:
    """Return what a regular file holds. Raises GanvasError: missing, no file, or too long.

    What is no regular file (a pipe, a device) could keep its reader waiting for ever.
    """
    try:
        handle = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0))
        with os.fdopen(handle, "rb") as file:
            mode = os.fstat(handle).st_mode
            if not stat.S_ISREG(mode):
                raise DataError(f"cannot read {path}: it is no regular file")
            content = file.read(max_bytes + 1)
    except OSError as error:
        raise GanvasError(f"cannot read {path}: {error.strerror}") from None
    if len(content) > max_bytes:
        raise GanvasError(f"{path} is longer than the {max_bytes} bytes such a file may have")
    return content


def read_json(path: Path, *, max_bytes: int = 1 << 20) -> Any:
    """Return the JSON in `path`. Raises GanvasError when it is missing, too long or malformed."""
    return parse_json(path, read_bytes(path, max_bytes=max_bytes))


def parse_json(path: Path, content: bytes) -> Any:
    """Return what the JSON `content` of `path` says. Raises GanvasError when it is malformed."""
    try:
        return json.loads(content, parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as error:
        raise GanvasError(f"{path} is not valid JSON: {error}") from None


def write_png(path: Path, image: np.ndarray) -> None:
    """Write a uint8 picture (H, W), (H, W, 1), (H, W, 3) or (H, W, 4) atomically as PNG."""
    write_bytes(path, to_png_bytes(image))


def to_png_bytes(image: np.ndarray) -> bytes:
    """Return a picture as the bytes that `write_png` writes."""
    from PIL import Image

    buffer = BytesIO()
    flat = image[..., 0] if image.ndim == 3 and image.shape[2] == 1 else image
    Image.fromarray(np.ascontiguousarray(flat)).save(buffer, "png")
    return buffer.getvalue()


def read_png(path: Path) -> np.ndarray:
    """Return a PNG that `write_png` wrote as uint8 (H, W, C), C = 1, 3 or 4.

    Raises GanvasError when it cannot be read, DataError when it is damaged or something else.
    """
    from PIL import PngImagePlugin

    content = read_bytes(path, max_bytes=_LARGEST_PICTURE)
    try:
        picture = PngImagePlugin.PngImageFile(BytesIO(content))
        width, height = picture.size
        if width * height > _LARGEST_PICTURE:  # what declares more is not decoded
            raise ValueError(f"it declares {width:,}x{height:,} pixels")
        if picture.mode not in ("L", "RGB", "RGBA"):
            raise ValueError(f"it is neither grey, RGB nor RGBA of 8 bits but {picture.mode}")
        array = np.array(picture)
    except Exception as error:  # of a damaged file, Pillow raises nearly anything
        raise DataError(f"{path} is no whole PNG picture: {in_a_line(error)}") from None
    return array.reshape(height, width, -1)


@contextmanager
def whole_folder(path: Path) -> Iterator[Path]:
    """Yield a temporary folder beside `path` that takes its place when the block succeeds.

    An existing folder at `path` is replaced. On any error the temporary is removed and `path` is
    as it was before. (Two renames replace a folder: after a kill between them `sweep` puts the
    old one back.)
    """
    temporary, old = _beside(path, "new"), _beside(path, "old")
    try:
        disk.make_folder(temporary)
        yield temporary
        disk.sync_folder(temporary)
        try:
            if path.is_dir():
                disk.rename(path, old)
            disk.rename(temporary, path)
        except BaseException:
            if old.exists():
                disk.rename(old, path)
            raise
    except OSError as error:
        raise cannot_write(path, error) from None
    finally:
        if temporary.exists():
            disk.remove_tree(temporary)
    disk.sync_folder(path.parent)
    _remove(old)


def discard_folder(path: Path) -> None:
    """Remove a folder as one step: it is there, or its name is free and `sweep` ends the rest."""
    gone = _beside(path, "gone")
    try:
        disk.rename(path, gone)
    except OSError as error:
        raise cannot_write(path, error) from None
    disk.sync_folder(path.parent)
    _remove(gone)


def sweep(folder: Path) -> None:
    """Clear away in `folder` what a killed process left, and put back what it had moved aside.

    Only for whoever knows that nobody else writes there. Raises GanvasError.
    """
    try:
        for path in sorted(folder.iterdir()):
            match = _ASIDE.fullmatch(path.name)
            if match is None:
                continue
            target = folder / match[1]
            if match[2] == "old" and len(match[1]) < _LONGEST and not os.path.lexists(target):
                disk.rename(path, target)
            else:
                _remove(path)
    except OSError as error:
        raise cannot_write(folder, error) from None


def inside(folder: Path, name: str) -> Path:
    """Return `folder/name`, unless that is a link out of the folder. Raises DataError.

    What somebody else packed may hold links to anywhere; a link within the folder is followed.
    """
    path = folder / name
    try:
        leads_out = path.is_symlink() and not path.resolve().is_relative_to(folder.resolve())
    except (OSError, RuntimeError):  # RuntimeError: a link in a circle, before Python 3.13
        leads_out = True
    if leads_out:
        raise DataError(f"{path} is a link out of its folder; put the file itself there")
    return path


def digest_of(path: Path) -> str:
    """Return "sha256:<hex>" of the file's bytes."""
    total = sha256()
    with path.open("rb") as file:
        while block := file.read(1 << 20):
            total.update(block)
    return f"sha256:{total.hexdigest()}"


def cannot_write(path: Path, error: OSError) -> GanvasError:
    """Return the error that says in one line what could not be written, and why."""
    kind = DiskFullError if error.errno in _NO_ROOM else GanvasError
    return kind(f"cannot write {path}: {error.strerror or error}")


def _refuse_constant(name: str) -> None:
    """Refuse NaN and Infinity, which Python reads but JSON does not have."""
    raise ValueError(f"{name} is no JSON number")


def _beside(path: Path, kind: str) -> Path:
    """Return a new name in the same folder; never longer than a name may be."""
    return path.parent / f".{path.name[:_LONGEST]}.{secrets.token_hex(6)}.{kind}"


def _remove(path: Path) -> None:
    """Remove a file, a link or a folder, where there is one; what cannot be removed stays."""
    with suppress(OSError):
        if path.is_dir() and not path.is_symlink():
            disk.remove_tree(path)
        elif os.path.lexists(path):
            disk.remove_file(path)
