"""A folder or archive of pictures, or a file of arrays -> all its images, splits and classes."""

from pathlib import Path

from ganvas.data.archives.container import MAX_MEMBERS
from ganvas.data.archives.kinds import open_container, packed_arrays, read_arrays
from ganvas.data.arrays import Layout
from ganvas.data.asked import plain_name
from ganvas.data.pictures.arrange import arrange
from ganvas.data.pictures.array_files import Arrays
from ganvas.data.pictures.preparation import Preparation
from ganvas.data.pictures.read import mixed, read_part
from ganvas.data.splits import splits_to_digest
from ganvas.data.whole import Whole
from ganvas.errors import DataError

__all__ = ["arrays_to_whole", "read_own"]


def read_own(
    path: Path,
    *,
    layout: Layout = "auto",
    preparation: Preparation,
    max_bad: float = 0.0,
    max_members: int | None = None,
) -> Whole:
    """Return the images at `path` as the parts of a data set called after it.

    `train/` and `test/` folders are splits where both are there. `max_bad` is the share of
    pictures that may be left out because they cannot be read, `max_members` the most files that
    are looked at (None: as many as usual). Raises UsageError or DataError
    for what cannot be taken, as `read_pictures` does, and for fewer than two
    training images.
    """
    whole = _read(path, layout, preparation, max_bad, max_members or MAX_MEMBERS)
    if len(whole.images) < 2:
        raise DataError(f"{path} holds one training image, at least 2 are needed; give more")
    return whole


def _read(
    path: Path, layout: Layout, preparation: Preparation, max_bad: float, max_members: int
) -> Whole:
    arrays = read_arrays(path, layout=layout, preparation=preparation)
    if arrays is not None:
        return arrays_to_whole(arrays, path, preparation)
    container = open_container(path, max_members=max_members)
    members = container.members()
    arrays = packed_arrays(container, members, layout=layout, preparation=preparation)
    if arrays is not None:
        return arrays_to_whole(arrays, path, preparation)
    arrangement = arrange(members, path)
    train, test = (
        None
        if part is None
        else read_part(
            container, part, arrangement.class_names, preparation=preparation, max_bad=max_bad
        )
        for part in (arrangement.train, arrangement.test)
    )
    assert train is not None
    if test is not None and test.images.shape[1:] != train.images.shape[1:]:
        first, second = ((part.names[0], tuple(part.images.shape[1:])) for part in (train, test))
        raise mixed(path, first, second)
    return Whole(
        name=plain_name(path),
        images=train.images,
        labels=train.labels,
        test_images=None if test is None else test.images,
        test_labels=None if test is None else test.labels,
        class_names=arrangement.class_names,
        digest=splits_to_digest(
            (train.images, train.labels), None if test is None else (test.images, test.labels)
        ),
        source=f"pictures in {path}",
        reference=str(path.resolve()),
        preparation=preparation,
        refused=train.refused + (() if test is None else test.refused),
    )


def arrays_to_whole(arrays: Arrays, path: Path, preparation: Preparation) -> Whole:
    """Return the arrays of a file as the training images of a data set called after it."""
    return Whole(
        name=plain_name(path),
        images=arrays.images,
        labels=arrays.labels,
        class_names=arrays.class_names,
        digest=splits_to_digest((arrays.images, arrays.labels), None),
        source=f"arrays in {path}",
        reference=str(path.resolve()),
        preparation=preparation,
    )
