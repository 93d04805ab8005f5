"""Data sets by name: load one, describe it, check its files."""

import os
from pathlib import Path
from typing import Any

import numpy as np

from ganvas.data.arrays import Layout
from ganvas.data.asked import Asked, parse_data
from ganvas.data.catalogue import find_source
from ganvas.data.images import DataSet, Images
from ganvas.data.named.check import FileCheck, check_file
from ganvas.data.named.download import Progress
from ganvas.data.named.find import find_file, folders, made_of
from ganvas.data.named.kinds import BinarySource
from ganvas.data.named.read import read_source
from ganvas.data.named.sources import SOURCES
from ganvas.data.pictures.preparation import AS_THEY_ARE, Preparation
from ganvas.data.splits import DEFAULT_HELD_OUT, check_held_out
from ganvas.data.store.card import find_stored
from ganvas.data.store.read import check_stored, read_stored
from ganvas.data.whole import Whole
from ganvas.errors import UsageError

__all__ = ["describe", "load", "read_asked", "require_own", "verify"]


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
    images to another size; `max_bad` is the share of them that may be left out because they
    cannot be read.

    `held_out` training images are set aside by a fixed permutation: of a path a twelfth (at
    most 5,000), and of some classes just those of the whole set's, unless another number than
    the default is asked for.

    Raises UsageError for an unknown name or class, a `max_bad` of a set by name, a `data_dir`
    that is no folder and a `held_out` out of range; DataError for files that are damaged, missing
    or cannot be downloaded.
    """
    asked = parse_data(name)
    count = None if held_out == DEFAULT_HELD_OUT else held_out
    if asked.name in SOURCES and not asked.classes:  # refused before anything is downloaded
        count = check_held_out(held_out, find_source(asked.name).num_train)
    whole = read_asked(
        asked,
        data_dir=data_dir,
        download=download,
        progress=progress,
        layout=layout,
        preparation=preparation,
        max_bad=max_bad,
    )
    return whole.split(count)


def read_asked(
    asked: Asked,
    *,
    data_dir: Path | None = None,
    download: bool = True,
    progress: Progress | None = None,
    layout: Layout = "auto",
    preparation: Preparation = AS_THEY_ARE,
    max_bad: float = 0.0,
    max_members: int | None = None,
) -> Whole:
    """Return all images of what is asked for, none held out yet; else as `load`."""
    require_own(asked.name, max_bad, is_own=asked.path is not None)
    stored = find_stored(asked.name) if asked.path is None else None
    if asked.path is not None:
        from ganvas.data.pictures.own import (
            read_own,  # with Pillow, which the named sets do not need
        )

        whole = read_own(
            asked.path,
            layout=layout,
            preparation=preparation,
            max_bad=max_bad,
            max_members=max_members,
        )
    elif stored is not None and asked.name not in SOURCES:
        whole = read_stored(stored, asked.name)
    else:
        source = find_source(asked.name)
        whole = read_source(source, data_dir=data_dir, allow_download=download, progress=progress)
    if asked.classes:
        whole = whole.only(asked.classes)
    return whole if asked.path is not None else whole.prepared(preparation)


def require_own(name: str, max_bad: float, *, is_own: bool) -> None:
    """Raise UsageError for a share of unreadable pictures where they are not somebody's own."""
    if max_bad and not is_own:
        raise UsageError(
            f"'{name}' is a data set by name, of which nothing may be unreadable: leave out the "
            "share, which is for pictures of your own"
        )


def describe(dataset: DataSet) -> dict[str, Any]:
    """Return what there is to say about `dataset`, ready for JSON.

    For each split that exists, the number of images and of each class (no classes without
    labels); sizes in pixels; digest, source and licence; files that were left out, and why.
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
        "refused": [{"name": bad.name, "reason": bad.reason} for bad in dataset.refused],
    }


def verify(name: str, data_dir: Path | None = None) -> list[FileCheck]:
    """Check each file of the data set called `name` where `load` finds it; download nothing.

    Raises UsageError for an unknown name or a `data_dir` that is no folder. What is missing or
    damaged is in the result.
    """
    stored = find_stored(name)
    if stored is not None and name not in SOURCES:
        return check_stored(stored)
    source = made_of(find_source(name))
    if isinstance(source, BinarySource):
        from ganvas.data.named.cifar import check_batches

        return check_batches(source, data_dir)
    among = folders(source, data_dir)
    return [check_file(file, find_file(file, among)) for file in source.files]


def _class_counts(part: Images, class_names: tuple[str, ...]) -> dict[str, int]:
    if part.labels is None:
        return {}
    counts = np.bincount(part.labels, minlength=len(class_names))
    return {name: int(count) for name, count in zip(class_names, counts, strict=True)}
