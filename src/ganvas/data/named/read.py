"""All images of a data set that is known by name: its files found or fetched, checked, read."""

from pathlib import Path

import numpy as np

from ganvas.data.images import ImageArray, LabelArray
from ganvas.data.named.check import read_known
from ganvas.data.named.download import Progress
from ganvas.data.named.fetch import fetch_files, remedy_for
from ganvas.data.named.find import embedded_folder
from ganvas.data.named.idx import bytes_to_array
from ganvas.data.named.kinds import BinarySource, IdxSource, KnownFile, Source, StackedSource
from ganvas.data.splits import DEFAULT_HELD_OUT, splits_to_digest
from ganvas.data.whole import Whole
from ganvas.errors import DataError

__all__ = ["read_source"]


def read_source(
    source: Source,
    *,
    data_dir: Path | None = None,
    allow_download: bool = True,
    progress: Progress | None = None,
) -> Whole:
    """Return all images of `source`; the arguments are those of `load`.

    Raises DataError for files that are damaged, missing or cannot be downloaded.
    """
    if isinstance(source, StackedSource):
        from ganvas.data.named.stacked import stack

        of = read_source(
            source.of, data_dir=data_dir, allow_download=allow_download, progress=progress
        )
        return stack(source, of)
    if isinstance(source, BinarySource):
        from ganvas.data.named.cifar import read_batches  # with Pillow, which IDX files do not need

        return read_batches(
            source, data_dir=data_dir, allow_download=allow_download, progress=progress
        )
    paths = fetch_files(source, data_dir=data_dir, allow_download=allow_download, progress=progress)
    train = (
        _images(source, source.train_images, paths, source.num_train),
        _labels(source, source.train_labels, paths, source.num_train),
    )
    test = (
        _images(source, source.test_images, paths, source.num_test),
        _labels(source, source.test_labels, paths, source.num_test),
    )
    return Whole(
        name=source.name,
        images=train[0],
        labels=train[1],
        test_images=test[0],
        test_labels=test[1],
        class_names=source.class_names,
        digest=splits_to_digest(train, test),
        source=_origin(source, paths),
        licence=source.licence,
        reference=source.name,
        held_out=DEFAULT_HELD_OUT,
    )


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
