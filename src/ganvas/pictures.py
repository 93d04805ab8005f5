"""Images or points to a file of the user's: a PNG, an NPZ archive, a PNG for each image."""

import os
import re
from collections.abc import Sequence
from io import BytesIO
from pathlib import Path

import numpy as np

from ganvas.errors import GanvasError, UsageError
from ganvas.files import to_png_bytes, whole_folder, write_bytes, write_png
from ganvas.grid import images_to_grid, upscale
from ganvas.scatter import points_to_picture

__all__ = ["require_file", "require_folder", "require_writable", "to_grid_png"]
__all__ += ["write_images", "write_points"]

_SUFFIXES = (".png", ".npz")  # a path without one of these is a folder
_GRID_SIDE = 600  # pixels: small images are enlarged until their grid is about this wide


def require_writable(path: Path) -> None:
    """Raise what `require_file` or `require_folder` does, by the kind of `path`."""
    if path.suffix.lower() in _SUFFIXES:
        require_file(path)
    else:
        require_folder(path)


def require_file(path: Path) -> None:
    """Raise GanvasError when a file plainly cannot be written, before any work is done for it."""
    if path.is_dir():
        raise GanvasError(f"cannot write {path}: it is a folder; name a file in it")
    _require_parent(path)


def require_folder(path: Path) -> None:
    """Raise GanvasError unless a folder can be made, or is there and empty: none is replaced."""
    if path.is_dir() and any(path.iterdir()):
        raise GanvasError(f"the folder {path} is not empty, and is not replaced; name a new one")
    if path.exists() and not path.is_dir():
        raise GanvasError(f"cannot make the folder {path}: a file is there; name another one")
    _require_parent(path)


def write_images(
    path: Path,
    images: np.ndarray,
    labels: np.ndarray | None = None,
    class_names: Sequence[str] = (),
    *,
    columns: int | None = None,
) -> Path:
    """Write images uint8 (N, C, H, W), labels int64 (N,) or None, whole or not at all.

    path.png     one picture, `columns` images wide (about square by default), enlarged
    path.npz     arrays `images` uint8 (N, H, W, C) and, with classes, `labels` int64 (N,) and
                 `class_names`; no pickle
    other        a new folder with a PNG for each image: number, and class where there is one
    Returns `path`. Raises GanvasError when it cannot be written.
    """
    kind = path.suffix.lower()
    if kind == ".png":
        write_bytes(path, to_grid_png(images, columns=columns))
    elif kind == ".npz":
        arrays = {"images": images.transpose(0, 2, 3, 1)}
        if labels is not None and class_names:
            arrays["class_names"] = np.array(class_names)
        _write_arrays(path, labels, **arrays)
    else:
        _write_folder(path, images, labels, class_names)
    return path


def to_grid_png(images: np.ndarray, *, columns: int | None = None) -> bytes:
    """Return images uint8 (N, C, H, W) as the bytes of the PNG that `write_images` writes."""
    wide = columns or max(1, round(len(images) ** 0.5))
    grid = images_to_grid(images, wide)
    return to_png_bytes(upscale(grid, max(1, round(_GRID_SIDE / grid.shape[1]))))


def write_points(
    path: Path, points: np.ndarray, labels: np.ndarray | None = None, *, scale: float
) -> Path:
    """Write points float32 (N, 2), labels int64 (N,) or None, whole or not at all.

    path.png     where they lie, in the square from -1.2 to 1.2 times `scale`
    path.npz     arrays `points` float32 (N, 2) and, with classes, `labels` int64 (N,); no pickle
    Returns `path`. Raises UsageError for another ending, GanvasError when it cannot be written.
    """
    kind = path.suffix.lower()
    if kind == ".png":
        picture = points_to_picture(points, scale)[..., None]
        write_png(path, upscale(picture, max(1, round(_GRID_SIDE / len(picture)))))
    elif kind == ".npz":
        _write_arrays(path, labels, points=points)
    else:
        raise UsageError(f"points are written to FILE.png or FILE.npz, not to {path}")
    return path


def _write_arrays(path: Path, labels: np.ndarray | None, **arrays: np.ndarray) -> None:
    if labels is not None:
        arrays["labels"] = labels
    buffer = BytesIO()
    np.savez_compressed(buffer, allow_pickle=False, **arrays)
    write_bytes(path, buffer.getvalue())


def _require_parent(path: Path) -> None:
    parent = path.absolute().parent
    if not parent.is_dir():
        raise GanvasError(f"cannot write {path}: there is no folder {parent}")
    if not os.access(parent, os.W_OK):
        raise GanvasError(f"cannot write {path}: the folder {parent} is not writable")


def _write_folder(
    path: Path, images: np.ndarray, labels: np.ndarray | None, class_names: Sequence[str]
) -> None:
    from PIL import Image

    require_folder(path)
    digits = len(str(len(images) - 1))
    with whole_folder(path.absolute()) as folder:
        for number, image in enumerate(images.transpose(0, 2, 3, 1)):
            word = "" if labels is None else f"-{_plain(class_names[labels[number]])}"
            flat = image[..., 0] if image.shape[2] == 1 else image
            name = f"{number:0{digits}d}{word}.png"
            Image.fromarray(np.ascontiguousarray(flat)).save(folder / name, "png")


def _plain(name: str) -> str:
    """Return a class name as a part of a file name."""
    return re.sub(r"[^A-Za-z0-9._]+", "-", name).strip("-.") or "class"
