"""Writes the files of a stored data set: image by image at any place, however many there are."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from io import BytesIO
from pathlib import Path

import numpy as np
import numpy.typing as npt

from ganvas.data.images import ImageArray, LabelArray
from ganvas.data.splits import splits_to_digest
from ganvas.data.store.card import StoredSet
from ganvas.data.store.mapped import open_mapped
from ganvas.errors import DataError
from ganvas.files import write_bytes, write_json

if sys.platform != "win32":
    import fcntl

__all__ = [
    "ImageFile",
    "cannot_write",
    "clear",
    "exclusive",
    "without_gaps",
    "write_card",
    "write_labels",
    "write_split",
]

_ROWS = 1024


class ImageFile:
    """A .npy file of `total` images of one shape, written one by one; a context manager.

    What an earlier one wrote stays. Errors of the disk are OSErrors.
    """

    def __init__(self, path: Path, total: int, shape: tuple[int, ...]) -> None:
        self._path = path
        self._total = total
        self._shape = shape
        self._size = int(np.prod(shape))
        self._start = len(_header((total, *shape)))
        mode = "r+b" if path.exists() else "w+b"
        self._file = path.open(mode, buffering=0)
        self._file.truncate(self._start + total * self._size)
        self._put_header(total)

    def __enter__(self) -> "ImageFile":
        return self

    def __exit__(self, *error: object) -> None:
        self._file.close()

    def write(self, place: int, image: ImageArray) -> None:
        """Write one image (C, H, W), or several (n, C, H, W) one after the other, at `place`."""
        at = self._start + place * self._size
        rest = memoryview(np.ascontiguousarray(image).reshape(-1).data)
        while rest:
            if hasattr(os, "pwrite"):
                written = os.pwrite(self._file.fileno(), rest, at)
            else:
                self._file.seek(at)
                written = self._file.write(rest)
            rest, at = rest[written:], at + written

    def sync(self) -> None:
        """Make what was written last through a power cut."""
        os.fsync(self._file.fileno())

    def keep(self, places: npt.NDArray[np.int64]) -> None:
        """Let the images at `places` take the first places, as `without_gaps` has chosen them.

        Doing it again changes nothing, so that a stop half way does no harm; `cut` comes after.
        """
        for place, old in enumerate(places.tolist()):
            if place != old:
                self._file.seek(self._start + old * self._size)
                self.write(place, np.frombuffer(self._file.read(self._size), dtype=np.uint8))
        self.sync()

    def cut(self, count: int) -> None:
        """End the file after `count` images."""
        self._put_header(count)
        self._file.truncate(self._start + count * self._size)
        self.sync()

    def _put_header(self, count: int) -> None:
        header = _header((count, *self._shape))
        assert len(header) == self._start  # NumPy leaves room for the first number to change
        self._file.seek(0)
        self._file.write(header)


def without_gaps(kept: npt.NDArray[np.bool_]) -> npt.NDArray[np.int64]:
    """Return which places the images move from when only the `kept` ones, bool (N,), stay.

    Those that lie in the way stay where they are; gaps are filled from the end.
    """
    count = int(np.count_nonzero(kept))
    places = np.arange(count)
    places[~kept[:count]] = count + np.flatnonzero(kept[count:])
    return places


def write_split(
    folder: Path,
    split: str,
    images: ImageArray,
    labels: LabelArray | None,
    order: npt.NDArray[np.int64] | None,
) -> None:
    """Write images and labels of a split in `order` (None: as they lie), some at a time."""
    with ImageFile(folder / f"{split}-images.npy", len(images), images.shape[1:]) as file:
        for start in range(0, len(images), _ROWS):
            rows = slice(start, start + _ROWS)
            file.write(start, images[rows] if order is None else images[order[rows]])
        file.sync()
    if labels is not None:
        write_labels(folder, split, labels if order is None else labels[order])


def write_labels(folder: Path, split: str, labels: LabelArray) -> None:
    """Write the labels of a split."""
    buffer = BytesIO()
    np.lib.format.write_array(buffer, np.ascontiguousarray(labels), allow_pickle=False)
    write_bytes(folder / f"{split}-labels.npy", buffer.getvalue())


def write_card(folder: Path, card: StoredSet) -> StoredSet:
    """Write the card, with the digest of the files, which are all there; return it so."""

    def split(name: str, count: int) -> tuple[ImageArray, LabelArray | None]:
        images = open_mapped(folder / f"{name}-images.npy", (count, *card.shape), np.uint8)
        if not card.class_names:
            return images, None
        return images, open_mapped(folder / f"{name}-labels.npy", (count,), np.int64)

    test = split("test", card.num_test) if card.num_test else None
    digest = splits_to_digest(split("train", card.num_train), test)
    card = replace(card, digest=digest)
    write_json(folder / "set.json", card.to_json())
    return card


def clear(folder: Path) -> None:
    """Remove the files in `folder`."""
    for path in folder.iterdir():
        path.unlink()


@contextmanager
def exclusive(path: Path) -> Iterator[None]:
    """Hold the lock file at `path`, which is removed afterwards; DataError when another does."""
    with path.open("a") as file:
        if sys.platform != "win32":
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise DataError(
                    f"another process is importing into {path.parent}; wait until it is done"
                ) from None
            except OSError:
                pass  # a file system without locks
        yield
    path.unlink(missing_ok=True)


def cannot_write(path: Path, error: OSError) -> DataError:
    """Return the error for a disk that refuses."""
    return DataError(
        f"cannot write {path}: {error.strerror or error}; make room, or set GANVAS_CACHE to a "
        "folder that can be written"
    )


def _header(shape: tuple[int, ...]) -> bytes:
    buffer = BytesIO()
    np.lib.format.write_array_header_1_0(
        buffer, {"descr": "|u1", "fortran_order": False, "shape": shape}
    )
    return buffer.getvalue()
