"""Files written whole or not at all: a temporary beside the target, fsync, rename, fsync."""

import json
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from shutil import rmtree
from typing import Any

import numpy as np

from ganvas.errors import GanvasError

__all__ = [
    "digest_of",
    "read_json",
    "whole_folder",
    "write_bytes",
    "write_json",
    "write_png",
    "write_text",
]


def write_bytes(path: Path, content: bytes) -> None:
    """Write `content` to `path` atomically. Raises GanvasError naming the path and the cause.

    An error means that nothing changed: what was at `path` is still there.
    """
    temporary = _beside(path)
    try:
        try:
            with temporary.open("xb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            os.replace(temporary, path)
        except BaseException:
            with suppress(OSError):
                temporary.unlink()
            raise
    except OSError as error:
        raise _cannot_write(path, error) from None
    _sync_folder(path.parent)


def write_text(path: Path, content: str) -> None:
    """Write UTF-8 text atomically; what UTF-8 cannot say (a path's odd bytes) is escaped."""
    write_bytes(path, content.encode(errors="backslashreplace"))


def write_json(path: Path, content: Any) -> None:
    """Write JSON atomically, indented, with a final newline; refuses NaN and infinities."""
    write_text(path, json.dumps(content, indent=2, allow_nan=False) + "\n")


def read_json(path: Path, *, max_bytes: int = 1 << 20) -> Any:
    """Return the JSON in `path`. Raises GanvasError when it is missing, too long or malformed."""
    try:
        with path.open("rb") as file:
            content = file.read(max_bytes + 1)
    except OSError as error:
        raise GanvasError(f"cannot read {path}: {error.strerror}") from None
    if len(content) > max_bytes:
        raise GanvasError(f"{path} is longer than the {max_bytes} bytes such a file may have")
    try:
        return json.loads(content, parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as error:
        raise GanvasError(f"{path} is not valid JSON: {error}") from None


def write_png(path: Path, image: np.ndarray) -> None:
    """Write a uint8 picture (H, W), (H, W, 1), (H, W, 3) or (H, W, 4) atomically as PNG."""
    from PIL import Image

    buffer = BytesIO()
    flat = image[..., 0] if image.ndim == 3 and image.shape[2] == 1 else image
    Image.fromarray(np.ascontiguousarray(flat)).save(buffer, "png")
    write_bytes(path, buffer.getvalue())


@contextmanager
def whole_folder(path: Path) -> Iterator[Path]:
    """Yield a temporary folder beside `path` that takes its place when the block succeeds.

    An existing folder at `path` is replaced. On any error the temporary is removed and `path` is
    as it was before. (Two renames replace a folder: whoever is killed between them finds the old
    one beside `path`, under a name that begins with a dot.)
    """
    temporary, old = _beside(path), _beside(path)
    try:
        temporary.mkdir()
        yield temporary
        _sync_folder(temporary)
        try:
            if path.is_dir():
                os.replace(path, old)
            os.replace(temporary, path)
        except BaseException:
            if old.exists():
                os.replace(old, path)
            raise
    except OSError as error:
        raise _cannot_write(path, error) from None
    finally:
        rmtree(temporary, ignore_errors=True)
    _sync_folder(path.parent)
    _remove_folder(old)


def digest_of(path: Path) -> str:
    """Return "sha256:<hex>" of the file's bytes."""
    total = sha256()
    with path.open("rb") as file:
        while block := file.read(1 << 20):
            total.update(block)
    return f"sha256:{total.hexdigest()}"


def _refuse_constant(name: str) -> None:
    """Refuse NaN and Infinity, which Python reads but JSON does not have."""
    raise ValueError(f"{name} is no JSON number")


def _cannot_write(path: Path, error: OSError) -> GanvasError:
    return GanvasError(f"cannot write {path}: {error.strerror or error}")


def _beside(path: Path) -> Path:
    """Return a new name in the same folder; never longer than a name may be."""
    return path.parent / f".{path.name[:50]}.{secrets.token_hex(6)}"


def _remove_folder(folder: Path) -> None:
    if folder.is_symlink():
        folder.unlink()
    else:
        rmtree(folder, ignore_errors=True)


def _sync_folder(folder: Path) -> None:
    """Make a rename in `folder` last through a power cut, where the system can.

    Some file systems cannot; by then everything is in place, so that is no error.
    """
    if os.name != "posix":
        return
    with suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
