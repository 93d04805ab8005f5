"""Train and held-out images told apart by a fixed permutation, and a digest of the whole."""

from hashlib import sha256
from operator import index
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from ganvas.data.images import ImageArray, Images, LabelArray
from ganvas.data.store.mapped import release
from ganvas.errors import UsageError
from ganvas.seeding import numpy_stream

__all__ = [
    "DEFAULT_HELD_OUT",
    "arrays_to_digest",
    "check_held_out",
    "held_out_order",
    "split_held_out",
    "split_mixed",
    "splits_to_digest",
]

_DIGEST_BYTES = 1 << 24

DEFAULT_HELD_OUT = 5000
"""Training images of a named data set that are set aside unless another number is asked for."""


def check_held_out(held_out: int, total: int) -> int:
    """Return how many of `total` training images to hold out; UsageError if that cannot be."""
    try:
        count = index(held_out)
    except TypeError:
        count = -1
    if not 0 <= count < total:
        raise UsageError(
            f"data.held_out must be a whole number from 0 to {total - 1} (of {total} training "
            f"images at least one must stay), got {held_out!r}; lower it, or set it to 0 to "
            "train on all"
        )
    return count


def held_out_order(total: int) -> npt.NDArray[np.int64]:
    """Return the fixed permutation of `total` rows whose first entries are held out."""
    return numpy_stream(0, "data.held_out").permutation(total)


def split_held_out(
    images: ImageArray,
    labels: LabelArray | None,
    held_out: int,
    order: npt.NDArray[np.int64] | None = None,
) -> tuple[Images, Images]:
    """Return (train, held_out): disjoint, and together all of `images`.

    The held-out rows are the first `held_out` entries of one fixed permutation of the rows,
    in that order, so any start of them is a fair sample; a larger number holds out a superset.
    The rest keeps the source's order. It is the same for every run, recipe and seed.
    `images` is uint8 (N, C, H, W); `labels` int64 (N,) or None; `order` is another permutation
    to take.

    Raises UsageError unless 0 <= held_out < N.
    """
    total = len(images)
    count = check_held_out(held_out, total)
    order = held_out_order(total) if order is None else order
    rest, kept = order[:count], np.sort(order[count:])

    def part(split: Literal["train", "held_out"], rows: npt.NDArray[np.int64]) -> Images:
        taken = None if labels is None else labels[rows]
        return Images(split=split, images=images[rows], labels=taken)

    return part("train", kept), part("held_out", rest)


def split_mixed(
    images: ImageArray, labels: LabelArray | None, held_out: int
) -> tuple[Images, Images]:
    """Return (train, held_out) of rows in random order: the first are held out. Both are views."""
    count = check_held_out(held_out, len(images))

    def part(split: Literal["train", "held_out"], rows: slice) -> Images:
        return Images(
            split=split, images=images[rows], labels=None if labels is None else labels[rows]
        )

    return part("train", slice(count, None)), part("held_out", slice(0, count))


def splits_to_digest(
    train: tuple[ImageArray, LabelArray | None],
    test: tuple[ImageArray, LabelArray | None] | None,
) -> str:
    """Return the digest of a data set's (images, labels) of both splits, or of the only one."""
    if test is None:
        return arrays_to_digest(images=train[0], labels=train[1])
    return arrays_to_digest(
        train_images=train[0], train_labels=train[1], test_images=test[0], test_labels=test[1]
    )


def arrays_to_digest(**arrays: npt.NDArray[Any] | None) -> str:
    """Return "sha256:<hex>" over name, dtype, shape and bytes of each array, in the order given.

    Arrays that are None are left out. Bytes are taken in C order and little endian, some rows
    at a time, so that a mapped file need not fit into memory.
    """
    total = sha256()
    for name, array in arrays.items():
        if array is not None:
            dtype = array.dtype.newbyteorder("<")
            total.update(f"{name} {dtype.str} {array.shape}\n".encode())
            rows = max(1, _DIGEST_BYTES * len(array) // max(1, array.nbytes))
            for start in range(0, len(array), rows):
                part = np.ascontiguousarray(array[start : start + rows], dtype=dtype)
                total.update(part.data)
                release(array)
    return f"sha256:{total.hexdigest()}"
