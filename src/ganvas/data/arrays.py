"""NumPy arrays as a data set: layout, range and labels decided by stated rules, or refused."""

from collections.abc import Sequence
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from ganvas.data.images import CHANNELS, MAX_SIDE, MIN_SIDE, DataSet, ImageArray, LabelArray
from ganvas.data.pictures.preparation import Preparation
from ganvas.data.splits import arrays_to_digest
from ganvas.data.whole import Whole
from ganvas.errors import UsageError, did_you_mean

__all__ = ["Layout", "from_arrays", "to_images", "to_labels"]

Layout = Literal["auto", "NHW", "NHWC", "NCHW"]

_AXES_OF = {"NHW": 3, "NHWC": 4, "NCHW": 4}
_CHUNK_IMAGES = 4096  # floats are converted by parts, so memory stays near the uint8 result
_CHANNEL_WORDS = "1, 3 or 4"


def from_arrays(
    images: npt.ArrayLike,
    labels: npt.ArrayLike | None = None,
    *,
    layout: Layout = "auto",
    held_out: int | None = None,
    class_names: Sequence[str] = (),
    name: str = "arrays",
) -> DataSet:
    """Return a data set of the given arrays, which are copied; it has no test split.

    `images`: (N, H, W) is grey; of (N, H, W, C) and (N, C, H, W) the axis of size 1, 3 or 4 is
    the channels, and `layout` must say so where both or neither is. Sides are 8 to 128 pixels,
    N at least 2. Values: integers 0..255; bool (0 or 255); floats in [0, 1], or in [-1, 1]
    when any is below 0. Floats become bytes by rounding x * 255 or (x + 1) * 127.5 to the
    nearest whole number, halves up.

    `labels`: integers (N,) from 0. With `class_names` they index it; without, there are
    max + 1 classes named "0", "1", ... and each must occur.

    `held_out` images are set aside by a fixed permutation; None means min(5000, N // 12).

    Raises UsageError naming what was found, the rule and how to mend it.
    """
    pixels = to_images(images, layout)
    ids, class_words = to_labels(labels, len(pixels), tuple(class_names))
    whole = Whole(
        name=name,
        images=pixels,
        labels=ids,
        class_names=class_words,
        digest=arrays_to_digest(images=pixels, labels=ids),
        source="arrays in memory",
    )
    return whole.split(held_out)


def to_images(
    images: npt.ArrayLike,
    layout: Layout = "auto",
    *,
    at_least: int = 2,
    preparation: Preparation | None = None,
) -> ImageArray:
    """Return images as contiguous uint8 (N, C, H, W) by `from_arrays`' rules, `at_least` so many.

    They may still be the caller's own memory. Raises UsageError.
    """
    array = np.asarray(_array(images, "images"))
    seen = _to_nchw(array, layout, at_least)
    if preparation is not None and preparation.changes:
        from ganvas.data.pictures.fit import (
            fit_arrays,  # with Pillow, which arrays alone do not need
        )

        seen = fit_arrays(_to_bytes(seen), preparation)
    _require_sides(seen.shape, array.shape)
    return _to_bytes(seen)


def _array(values: npt.ArrayLike, what: str) -> npt.NDArray[Any]:
    try:
        return np.asarray(values)
    except (ValueError, TypeError, RuntimeError) as error:  # ragged lists, tensors on a GPU
        raise UsageError(
            f"{what} cannot be read as one NumPy array ({' '.join(str(error).split())}); "
            "give an array with one row for each image"
        ) from error


def _to_nchw(array: npt.NDArray[Any], layout: Layout, at_least: int) -> npt.NDArray[Any]:
    """Return a view of `array` as (N, C, H, W), after checking its sizes."""
    if layout != "auto" and layout not in _AXES_OF:
        near = did_you_mean(str(layout), ["auto", *_AXES_OF])
        raise UsageError(f"unknown layout '{layout}'{near}")
    chosen = _guess_layout(array.shape) if layout == "auto" else layout
    if array.ndim != _AXES_OF[chosen]:
        raise UsageError(
            f"layout {chosen} has {_AXES_OF[chosen]} axes, but the images have shape "
            f"{array.shape}; give another layout or reshape them"
        )
    if chosen == "NHW":
        array = array[:, None]
    elif chosen == "NHWC":
        array = np.moveaxis(array, 3, 1)
    total, channels = array.shape[:2]
    if channels not in CHANNELS:
        raise UsageError(
            f"images read as {chosen} have {channels} channels, the rule is {_CHANNEL_WORDS}; "
            "give layout= if they are laid out otherwise"
        )
    if total < at_least:
        raise UsageError(f"at least {at_least} images are needed, got {total}")
    return array


def _require_sides(nchw: tuple[int, ...], given: tuple[int, ...]) -> None:
    height, width = nchw[2:]
    if not (MIN_SIDE <= height <= MAX_SIDE and MIN_SIDE <= width <= MAX_SIDE):
        raise UsageError(
            f"images of shape {given} are read as {height}x{width} pixels, the networks take "
            f"sides of {MIN_SIDE} to {MAX_SIDE}; resize them, or give layout= if they are laid "
            "out otherwise"
        )


def _guess_layout(shape: tuple[int, ...]) -> Literal["NHW", "NHWC", "NCHW"]:
    if len(shape) == 3:
        return "NHW"
    if len(shape) != 4:
        raise UsageError(
            f"images must have 3 axes (N, H, W) or 4 (N, H, W, C or N, C, H, W), got shape {shape}"
        )
    last, second = shape[3] in CHANNELS, shape[1] in CHANNELS
    if last == second:
        which = "both" if last else "neither"
        raise UsageError(
            f"images of shape {shape}: {which} of the second and the last axis could be the "
            f"channels ({_CHANNEL_WORDS}); say which with layout='NHWC' or layout='NCHW'"
        )
    return "NHWC" if last else "NCHW"


def _to_bytes(array: npt.NDArray[Any]) -> ImageArray:
    """Return the pixels as contiguous uint8, 0..255; they may still be the caller's own."""
    kind = array.dtype.kind
    if kind == "b":
        return np.ascontiguousarray(array).astype(np.uint8) * np.uint8(255)
    if kind in "iu":
        low, high = int(array.min()), int(array.max())
        if low < 0 or high > 255:
            raise UsageError(
                f"integer images must be 0 to 255, found {low} to {high}; scale them, "
                "or give floats in [0, 1] or [-1, 1]"
            )
        return np.ascontiguousarray(array, dtype=np.uint8)
    if kind != "f":
        raise UsageError(
            f"images must be bytes, integers, floats or bool, got {array.dtype}; convert them"
        )
    return _floats_to_bytes(array)


def _floats_to_bytes(array: npt.NDArray[np.floating[Any]]) -> ImageArray:
    low, high = float(array.min()), float(array.max())  # NaN if any value is
    if not (np.isfinite(low) and np.isfinite(high)):
        bad = sum(
            int(np.count_nonzero(~np.isfinite(array[i : i + _CHUNK_IMAGES])))
            for i in range(0, len(array), _CHUNK_IMAGES)
        )
        raise UsageError(f"images hold {bad} values that are NaN or infinite; remove or fill them")
    floor = -1.0 if low < 0 else 0.0
    if low < floor or high > 1:
        raise UsageError(
            "float images must lie in [0, 1], or in [-1, 1] when any value is below 0; "
            f"found {low:g} to {high:g}; scale them, or give uint8 0..255"
        )
    pixels = np.empty(array.shape, dtype=np.uint8)
    for start in range(0, len(array), _CHUNK_IMAGES):
        part = array[start : start + _CHUNK_IMAGES].astype(np.float64)
        scaled = (part - floor) * (255 / (1 - floor))
        pixels[start : start + _CHUNK_IMAGES] = np.floor(scaled + 0.5)
    return pixels


def to_labels(
    labels: npt.ArrayLike | None, total: int, class_names: tuple[str, ...]
) -> tuple[LabelArray | None, tuple[str, ...]]:
    """Return the labels as int64 (N,) and the class names, by `from_arrays`' rules.

    (None, ()) without labels. Raises UsageError.
    """
    if len(set(class_names)) != len(class_names):
        raise UsageError("class_names must differ from each other; rename the repeated ones")
    if labels is None:
        if class_names:
            raise UsageError("class_names were given without labels; give both or neither")
        return None, ()
    array = _array(labels, "labels")
    if array.dtype.kind not in "iu":
        raise UsageError(
            f"labels must be integers from 0, got {array.dtype}; convert them with .astype(int)"
        )
    if array.shape != (total,):
        hint = "; of one-hot rows take .argmax(axis=1)" if array.ndim == 2 else ""
        raise UsageError(
            f"labels must be one integer for each of the {total} images, shape ({total},), "
            f"got shape {array.shape}{hint}"
        )
    low, high = int(array.min()), int(array.max())
    if low < 0:
        raise UsageError(f"labels must be at least 0, found {low}")
    if class_names and high >= len(class_names):
        raise UsageError(
            f"labels must be 0 to {len(class_names) - 1} (class_names has {len(class_names)} "
            f"entries), found {high}"
        )
    present = np.unique(array)
    if not class_names and len(present) != high + 1:
        gap = int(np.argmax(present != np.arange(len(present))))
        raise UsageError(
            f"labels go up to {high}, so there are {high + 1} classes, but class {gap} has no "
            "image; number the classes from 0 without gaps, or give class_names"
        )
    words = class_names or tuple(str(label) for label in range(high + 1))
    return array.astype(np.int64, copy=False), words
