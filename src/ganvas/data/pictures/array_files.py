"""Images in a .npy or .npz file: what its header declares is looked at before it is read."""

import lzma
import os
import struct
import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from io import BytesIO
from math import prod
from pathlib import Path
from typing import IO, Any

import numpy as np
import numpy.typing as npt

from ganvas.data.archives.limits import refuse_bomb
from ganvas.data.arrays import Layout, to_images, to_labels
from ganvas.data.images import ImageArray, LabelArray
from ganvas.data.npy import read_npy_header
from ganvas.data.pictures.preparation import Preparation
from ganvas.errors import DataError, UsageError, in_a_line

__all__ = ["ARRAY_SUFFIXES", "MAX_ARRAY_BYTES", "Arrays", "read_array_file", "read_point_file"]

ARRAY_SUFFIXES = (".npy", ".npz")
MAX_ARRAY_BYTES = 1 << 33
"""Most bytes of one array that are read into memory."""

_UNREADABLE = (
    OSError, EOFError, ValueError, RuntimeError, IndexError, OverflowError, MemoryError,
    struct.error, zipfile.BadZipFile, zlib.error, lzma.LZMAError,
)  # fmt: skip
# what the samplers of many published models call images and labels
_OLD_NAMES = {"images": "arr_0", "labels": "arr_1"}


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Arrays:
    """Images uint8 (N, C, H, W), labels int64 (N,) or None, and the classes' names."""

    images: ImageArray
    labels: LabelArray | None
    class_names: tuple[str, ...]


def read_array_file(
    path: Path,
    *,
    layout: Layout = "auto",
    preparation: Preparation | None = None,
    content: bytes | None = None,
) -> Arrays:
    """Return the images of a .npy file, or `images` with `labels` and `class_names` of a .npz.

    `content` is what the file holds where it lies in an archive, and `path` then its name.

    Layout, values and labels follow `from_arrays`' rules; one image is enough. Without `images`,
    a .npz may hold them as `arr_0` and `arr_1`. Pickled objects are never read.

    Raises DataError naming the file and what is wrong with it.
    """
    found = _read(path, content, "images")
    try:
        images = to_images(found["images"], layout, at_least=1, preparation=preparation)
        names = tuple(str(name) for name in found.get("class_names", ()))
        labels, class_names = to_labels(found.get("labels"), len(images), names)
    except UsageError as error:
        raise DataError(f"{path}: {error}") from None
    return Arrays(images=images, labels=labels, class_names=class_names)


def _read_npy(file: IO[bytes], path: Path) -> npt.NDArray[Any]:
    needed = _check_header(file, str(path))
    start = file.tell()
    have = file.seek(0, os.SEEK_END) - start
    if have != needed:
        raise DataError(f"{path} is damaged: its header needs {needed} bytes, found {have}")
    file.seek(0)
    return np.lib.format.read_array(file, allow_pickle=False)


def _read_npz(file: IO[bytes], path: Path, main: str) -> Mapping[str, npt.NDArray[Any]]:
    with zipfile.ZipFile(file) as archive:
        held = {info.filename.removesuffix(".npy"): info for info in archive.infolist()}
        wanted: dict[str, str]
        if main in held:
            wanted = {name: name for name in (main, "labels", "class_names") if name in held}
        else:
            wanted = {name: old for name, old in _OLD_NAMES.items() if old in held}
        if main not in wanted:
            raise DataError(
                f"{path} has no array '{main}' (it has {', '.join(sorted(held)) or 'nothing'}); "
                f"save it with numpy.savez(path, {main}=..., labels=...)"
            )
        packed = file.seek(0, os.SEEK_END)
        refuse_bomb(path, packed, sum(held[stored].file_size for stored in wanted.values()))
        found = {}
        for name, stored in wanted.items():
            info = held[stored]
            with archive.open(info) as member:
                needed = _check_header(member, f"{path}, array '{stored}',")
                have = info.file_size - member.tell()
            if have != needed:
                raise DataError(
                    f"{path} is damaged: the header of '{stored}' needs {needed} bytes, "
                    f"found {have}"
                )
            with archive.open(info) as member:
                found[name] = np.lib.format.read_array(member, allow_pickle=False)
        return found


def read_point_file(path: Path) -> npt.NDArray[np.floating[Any]]:
    """Return the points, floating (N, D), of a .npy file, or `points` of a .npz.

    Raises DataError naming the file and what is wrong with it, where it cannot be read or holds
    anything else; UsageError where there is none, or it is neither .npz nor .npy.
    """
    if path.suffix.lower() not in ARRAY_SUFFIXES or not path.is_file():
        raise UsageError(f"no .npz or .npy file of points at {path}")
    points = _read(path, None, "points")["points"]
    if points.ndim != 2 or not np.issubdtype(points.dtype, np.floating):
        raise DataError(
            f"{path} holds {points.dtype} of shape {points.shape}; points are floating, (N, 2)"
        )
    return points


def _read(path: Path, content: bytes | None, main: str) -> Mapping[str, npt.NDArray[Any]]:
    """Return the arrays of a file by name; that of a .npy file is called `main`."""
    try:
        with path.open("rb") if content is None else BytesIO(content) as file:
            is_npz = path.suffix.lower() == ".npz"
            return _read_npz(file, path, main) if is_npz else {main: _read_npy(file, path)}
    except _UNREADABLE as error:
        if isinstance(error, DataError):
            raise
        raise DataError(
            f"{path} cannot be read: {in_a_line(error)}; save it again with numpy"
        ) from None


def _check_header(file: IO[bytes], what: str) -> int:
    """Return how many bytes the values behind a .npy header need; the file stands before them."""
    try:
        shape, _, dtype = read_npy_header(file)
    except ValueError as error:
        raise DataError(
            f"{what} cannot be read: {error}; save it again with numpy, as plain numbers"
        ) from None
    needed = prod(shape) * dtype.itemsize
    if needed > MAX_ARRAY_BYTES:
        raise DataError(
            f"{what} declares {needed:,} bytes, at most {MAX_ARRAY_BYTES:,} are read; save the "
            "images as uint8, or as several files"
        )
    return needed
