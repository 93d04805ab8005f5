"""Data sets by name: load one, describe it, say where it is, check its files."""

from pathlib import Path

import numpy as np

from ganvas.data.find import find_file, folders
from ganvas.data.idx import bytes_to_array, read_checked
from ganvas.data.images import DataSet, ImageArray, Images, LabelArray
from ganvas.data.sources import SOURCES, IdxSource, KnownFile
from ganvas.data.splits import arrays_to_digest, split_held_out
from ganvas.errors import DataError, UsageError, did_you_mean

__all__ = ["load", "names"]


def names() -> tuple[str, ...]:
    """Return the names that `load` takes."""
    return tuple(SOURCES)


def load(
    name: str,
    *,
    data_dir: Path | None = None,
    held_out: int = 5000,
    download: bool = True,
    progress: object = None,
) -> DataSet:
    source = find_source(name)
    among = folders(source, data_dir)
    paths = {}
    for file in source.files:
        path = find_file(file, among)
        if path is None:
            raise DataError(f"{name}: {file.name}.gz not found")
        paths[file.name] = path
    return _read(source, paths, held_out)


def find_source(name: str) -> IdxSource:
    """Return the known source called `name`; UsageError suggests the nearest name."""
    if name not in SOURCES:
        near = did_you_mean(name.lower(), SOURCES)
        raise UsageError(f"unknown data set '{name}'{near}")
    return SOURCES[name]


def _read(source: IdxSource, paths: dict[str, Path], held_out: int) -> DataSet:
    def images(file: KnownFile) -> ImageArray:
        return _array(file, paths).reshape(-1, *source.shape)

    def labels(file: KnownFile) -> LabelArray:
        return _array(file, paths).astype(np.int64)

    train_images, train_labels = images(source.train_images), labels(source.train_labels)
    test_images, test_labels = images(source.test_images), labels(source.test_labels)
    digest = arrays_to_digest(
        train_images=train_images,
        train_labels=train_labels,
        test_images=test_images,
        test_labels=test_labels,
    )
    train, rest = split_held_out(train_images, train_labels, held_out)
    return DataSet(
        name=source.name,
        train=train,
        held_out=rest,
        test=Images(split="test", images=test_images, labels=test_labels),
        class_names=source.class_names,
        digest=digest,
        source="embedded",
        licence=source.licence,
    )


def _array(file: KnownFile, paths: dict[str, Path]) -> ImageArray:
    path = paths[file.name]
    data = read_checked(path, num_bytes=file.num_bytes, digest=file.digest, remedy="reinstall")
    return bytes_to_array(data, name=str(path))
