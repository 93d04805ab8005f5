"""Files written whole or not at all: a temporary beside the target, fsync, rename, fsync."""

import json
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
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
    """Write `content` to `path` atomically. Raises GanvasError naming the path and the cause."""
    try:
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            os.chmod(name, 0o666 & ~_umask())
            os.replace(name, path)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise
        _sync_folder(path.parent)
    except OSError as error:
        raise _cannot_write(path, error) from None


def write_text(path: Path, content: str) -> None:
    """Write UTF-8 text atomically."""
    write_bytes(path, content.encode())


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
        return json.loads(content)
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
    as it was before.
    """
    try:
        temporary = Path(tempfile.mkdtemp(dir=path.parent, prefix=f".{path.name}."))
    except OSError as error:
        raise _cannot_write(path, error) from None
    try:
        yield temporary
        os.chmod(temporary, 0o777 & ~_umask())
        _sync_folder(temporary)
        if path.exists():
            old = Path(tempfile.mkdtemp(dir=path.parent, prefix=f".{path.name}.old."))
            os.replace(path, old)
            os.replace(temporary, path)
            rmtree(old)
        else:
            os.replace(temporary, path)
        _sync_folder(path.parent)
    except OSError as error:
        raise _cannot_write(path, error) from None
    finally:
        rmtree(temporary, ignore_errors=True)


def digest_of(path: Path) -> str:
    """Return "sha256:<hex>" of the file's bytes."""
    total = sha256()
    with path.open("rb") as file:
        while block := file.read(1 << 20):
            total.update(block)
    return f"sha256:{total.hexdigest()}"


def _cannot_write(path: Path, error: OSError) -> GanvasError:
    return GanvasError(f"cannot write {path}: {error.strerror or error}")


def _umask() -> int:
    # There is no call that only reads it.
    current = os.umask(0o022)
    os.umask(current)
    return current


def _sync_folder(folder: Path) -> None:
    """Make a rename in `folder` last through a power cut, where the system can."""
    if os.name != "posix":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
