"""CIFAR's binary layout: batches of records, a label byte and the red, green and blue planes.

Read from the published archive, the folder it unpacks to, or class folders of the same images.
"""

from collections.abc import Iterator
from math import prod
from pathlib import Path

import numpy as np

from ganvas.data.archives.container import by_index
from ganvas.data.archives.kinds import open_container
from ganvas.data.images import ImageArray, LabelArray
from ganvas.data.named.check import FileCheck, check_file, md5_of
from ganvas.data.named.download import Progress
from ganvas.data.named.fetch import fetch_files, remedy_for
from ganvas.data.named.find import find_batches, folders
from ganvas.data.named.kinds import BinarySource
from ganvas.data.pictures.own import read_own
from ganvas.data.pictures.preparation import AS_THEY_ARE
from ganvas.data.splits import DEFAULT_HELD_OUT, splits_to_digest
from ganvas.data.whole import Whole
from ganvas.errors import DataError

__all__ = ["bytes_to_records", "check_batches", "read_batches"]


def read_batches(
    source: BinarySource,
    *,
    data_dir: Path | None = None,
    allow_download: bool = True,
    progress: Progress | None = None,
) -> Whole:
    """Return all images of `source`, from where `find_batches` finds a copy or the mirrors.

    Batches that are laid out right but are not the published ones are taken, and the result's
    `source` says so. Raises DataError for files that are missing or laid out otherwise.
    """
    path = find_batches(source, folders(source, data_dir))
    if path is None:
        found = fetch_files(
            source, data_dir=data_dir, allow_download=allow_download, progress=progress
        )
        path = found[source.archive.name]
    if path.name == source.pictures:
        return _read_pictures(source, path)
    splits, changed = [], []
    for expected, batches in (
        (source.num_train, source.train_files),
        (source.num_test, source.test_files),
    ):
        images = np.empty((expected, *source.shape), dtype=np.uint8)
        labels = np.empty(expected, dtype=np.int64)
        each = expected // len(batches)
        for number, (name, content) in enumerate(_contents(path, tuple(batches), source)):
            rows = slice(number * each, (number + 1) * each)
            images[rows], labels[rows] = bytes_to_records(content, each, source, f"{path}: {name}")
            if md5_of(content) != f"md5:{batches[name]}":
                changed.append(name)
        splits.append((images, labels))
    where = f"files in {path}"
    if changed:
        where += f" (not the published images: {', '.join(changed)})"
    return _whole(source, splits[0], splits[1], where)


def check_batches(source: BinarySource, data_dir: Path | None) -> list[FileCheck]:
    """Compare the copy that `read_batches` would read with what was published."""
    path = find_batches(source, folders(source, data_dir))
    if path is None or not path.is_dir():
        is_archive = path is not None and path.name == source.archive.name
        return [check_file(source.archive, path if is_archive else None)]
    checks = []
    for name, published in (source.train_files | source.test_files).items():
        found = md5_of((path / name).read_bytes())
        state = found == f"md5:{published}"
        checks.append(
            FileCheck(
                file=name,
                path=str(path / name),
                state="ok" if state else "damaged",
                expected=f"md5:{published}",
                found=found,
                reason="" if state else "its bytes differ",
            )
        )
    return checks


def _contents(
    path: Path, names: tuple[str, ...], source: BinarySource
) -> Iterator[tuple[str, bytes]]:
    """Yield each of the batches `names` and its bytes, in the order of `names`."""
    container = open_container(path)
    named = {
        member.name.rpartition("/")[2]: member
        for member in container.members()
        if member.name.count("/") <= 1
    }
    missing = [name for name in names if name not in named]
    if missing:
        raise DataError(f"{path} holds no {missing[0]}; {remedy_for(source, path)}")
    members = by_index(named[name] for name in names)
    found = {}
    for member, content in zip(members, container.read(members), strict=True):
        name = member.name.rpartition("/")[2]
        if isinstance(content, DataError):
            raise DataError(f"{path}: {name}: {content}; {remedy_for(source, path)}")
        found[name] = content
        while found and (first := next(iter(names))) in found:
            yield first, found.pop(first)
            names = names[1:]
            if not names:
                return


def bytes_to_records(
    content: bytes, expected: int, source: BinarySource, what: str
) -> tuple[ImageArray, LabelArray]:
    """Return the images uint8 (N, C, H, W) and labels int64 (N,) of a batch."""
    size = 1 + prod(source.shape)
    if len(content) != expected * size:
        raise DataError(
            f"{what} is damaged: expected {expected} records of {size} bytes, found "
            f"{len(content):,} bytes in all; get the file again"
        )
    records = np.frombuffer(content, dtype=np.uint8).reshape(expected, size)
    labels = records[:, 0].astype(np.int64)
    if labels.max(initial=0) >= len(source.class_names):
        raise DataError(
            f"{what} is damaged: labels are to be below {len(source.class_names)}, found "
            f"{labels.max()}; get the file again"
        )
    return records[:, 1:].reshape(expected, *source.shape), labels


def _read_pictures(source: BinarySource, path: Path) -> Whole:
    """Return the images of class folders, which must be those of the published set in number."""
    whole = read_own(path, preparation=AS_THEY_ARE)
    found = (
        whole.class_names,
        whole.images.shape,
        None if whole.test_images is None else whole.test_images.shape,
    )
    expected = (
        source.class_names,
        (source.num_train, *source.shape),
        (source.num_test, *source.shape),
    )
    if found != expected:
        raise DataError(
            f"{path} is not {source.name}: expected train/ and test/ of {source.num_train} and "
            f"{source.num_test} pictures {source.shape} in the classes "
            f"{', '.join(source.class_names)}; read it by its path instead"
        )
    assert whole.labels is not None
    assert whole.test_images is not None
    assert whole.test_labels is not None
    return _whole(
        source,
        (whole.images, whole.labels),
        (whole.test_images, whole.test_labels),
        f"pictures in {path} (not the published images)",
    )


def _whole(
    source: BinarySource,
    train: tuple[ImageArray, LabelArray],
    test: tuple[ImageArray, LabelArray],
    where: str,
) -> Whole:
    return Whole(
        name=source.name,
        images=train[0],
        labels=train[1],
        test_images=test[0],
        test_labels=test[1],
        class_names=source.class_names,
        digest=splits_to_digest(train, test),
        source=where,
        licence=source.licence,
        reference=source.name,
        held_out=DEFAULT_HELD_OUT,
    )
