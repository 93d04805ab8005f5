"""Data sets by name: load one, describe it, check its files."""

import os
from pathlib import Path
from typing import Any

import numpy as np

from ganvas.data.arrays import Layout
from ganvas.data.asked import parse_data
from ganvas.data.catalogue import find_source
from ganvas.data.download import Progress
from ganvas.data.fetch import fetch_files, remedy_for
from ganvas.data.find import embedded_folder, find_file, folders
from ganvas.data.idx import bytes_to_array
from ganvas.data.images import DataSet, ImageArray, Images, LabelArray
from ganvas.data.known import FileCheck, check_file, read_known
from ganvas.data.preparation import AS_THEY_ARE, Preparation
from ganvas.data.sources import IdxSource, KnownFile
from ganvas.data.splits import DEFAULT_HELD_OUT, arrays_to_digest, check_held_out
from ganvas.data.whole import Whole
from ganvas.errors import DataError, UsageError

__all__ = ["describe", "load", "verify"]


def load(
    name: str | os.PathLike[str],
    *,
    data_dir: Path | None = None,
    held_out: int = DEFAULT_HELD_OUT,
    download: bool = True,
    progress: Progress | None = None,
    layout: Layout = "auto",
    preparation: Preparation = AS_THEY_ARE,
    max_bad: float = 0.0,
) -> DataSet:
    """Return a data set by its name or path, or some classes of it: `mnist:3,5`, `pets:cat`.

    A named set's files are checked by SHA-256 of their uncompressed bytes. They are looked for
    in `data_dir`/<name> and `data_dir`, then in the package (mnist) or the cache and the
    operating system's folder; missing ones are downloaded when `download` is true, with
    `progress(done_bytes, total_bytes)`.

    A path is a folder of pictures (one folder for each class, or none; `train/` and `test/` are
    splits where both are there) or a .npz or .npy file in `layout`. `preparation` brings
    pictures to one size; `max_bad` is the share of them that may be left out because they
    cannot be read.

    `held_out` training images are set aside by a fixed permutation: of a path a twelfth (at
    most 5,000), and of some classes just those of the whole set's, unless another number than
    the default is asked for.

    Raises UsageError for an unknown name or class, a `data_dir` that is no folder and a
    `held_out` out of range; DataError for files that are damaged, missing or cannot be
    downloaded.
    """
    asked = parse_data(name)
    count = None if held_out == DEFAULT_HELD_OUT else held_out
    if asked.path is None:
        source = find_source(asked.name)
        if not asked.classes:  # refused before anything is downloaded
            count = check_held_out(held_out, source.num_train)
        if preparation.changes:
            raise UsageError(
                f"{asked.name} comes in one size; a size and channels are for pictures of your own"
            )
        whole = _read_known(source, data_dir, download, progress)
    else:
        from ganvas.data.own import read_own  # with Pillow, which the named sets do not need

        whole = read_own(asked.path, layout=layout, preparation=preparation, max_bad=max_bad)
    if asked.classes:
        whole = whole.only(asked.classes)
    return whole.split(count)


def _read_known(
    source: IdxSource, data_dir: Path | None, download: bool, progress: Progress | None
) -> Whole:
    paths = fetch_files(source, data_dir=data_dir, allow_download=download, progress=progress)
    train_images = _images(source, source.train_images, paths, source.num_train)
    train_labels = _labels(source, source.train_labels, paths, source.num_train)
    test_images = _images(source, source.test_images, paths, source.num_test)
    test_labels = _labels(source, source.test_labels, paths, source.num_test)
    return Whole(
        name=source.name,
        images=train_images,
        labels=train_labels,
        test_images=test_images,
        test_labels=test_labels,
        class_names=source.class_names,
        digest=arrays_to_digest(
            train_images=train_images,
            train_labels=train_labels,
            test_images=test_images,
            test_labels=test_labels,
        ),
        source=_origin(source, paths),
        licence=source.licence,
        reference=source.name,
        held_out=DEFAULT_HELD_OUT,
    )


def describe(dataset: DataSet) -> dict[str, Any]:
    """Return what there is to say about `dataset`, ready for JSON.

    For each split that exists, the number of images and of each class (no classes without
    labels); sizes in pixels; digest, source and licence.
    """
    splits = [dataset.train, dataset.held_out]
    if dataset.test is not None:
        splits.append(dataset.test)
    return {
        "name": dataset.name,
        "kind": dataset.kind,
        "channels": dataset.channels,
        "height": dataset.height,
        "width": dataset.width,
        "num_classes": dataset.num_classes,
        "class_names": list(dataset.class_names),
        "splits": {
            part.split: {"images": len(part), "classes": _class_counts(part, dataset.class_names)}
            for part in splits
        },
        "digest": dataset.digest,
        "source": dataset.source,
        "licence": dataset.licence,
    }


def verify(name: str, data_dir: Path | None = None) -> list[FileCheck]:
    """Check each file of the data set called `name` where `load` finds it; download nothing.

    Raises UsageError for an unknown name or a `data_dir` that is no folder. What is missing or
    damaged is in the result.
    """
    source = find_source(name)
    among = folders(source, data_dir)
    return [check_file(file, find_file(file, among)) for file in source.files]


def _class_counts(part: Images, class_names: tuple[str, ...]) -> dict[str, int]:
    if part.labels is None:
        return {}
    counts = np.bincount(part.labels, minlength=len(class_names))
    return {name: int(count) for name, count in zip(class_names, counts, strict=True)}


def _images(
    source: IdxSource, file: KnownFile, paths: dict[str, Path], expected: int
) -> ImageArray:
    """Return a file of grey images as uint8 (N, 1, H, W)."""
    array = _read(source, file, paths)
    _, height, width = source.shape
    if array.shape != (expected, height, width):
        raise DataError(
            f"{paths[file.name]}: expected {(expected, height, width)}, found {array.shape}"
        )
    return array.reshape(expected, *source.shape)


def _labels(
    source: IdxSource, file: KnownFile, paths: dict[str, Path], expected: int
) -> LabelArray:
    """Return a file of labels as int64 (N,)."""
    array = _read(source, file, paths)
    if array.shape != (expected,) or array.max(initial=0) >= len(source.class_names):
        raise DataError(
            f"{paths[file.name]}: expected {expected} labels below {len(source.class_names)}, "
            f"found {array.shape} up to {array.max(initial=0)}"
        )
    return array.astype(np.int64)


def _read(source: IdxSource, file: KnownFile, paths: dict[str, Path]) -> ImageArray:
    path = paths[file.name]
    data = read_known(file, path, remedy=remedy_for(source, path))
    return bytes_to_array(data, name=str(path))


def _origin(source: IdxSource, paths: dict[str, Path]) -> str:
    places = sorted({str(path.parent) for path in paths.values()})
    if source.embedded and places == [str(embedded_folder(source))]:
        return "embedded in ganvas"
    return f"files in {', '.join(places)}"
