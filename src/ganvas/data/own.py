"""A folder of pictures or a file of arrays, whatever its splits and classes -> all its images."""

from pathlib import Path

from ganvas.data.arrange import arrange
from ganvas.data.array_files import ARRAY_SUFFIXES, read_array_file
from ganvas.data.arrays import Layout
from ganvas.data.asked import plain_name
from ganvas.data.pictures import mixed, open_container, read_part
from ganvas.data.preparation import Preparation
from ganvas.data.splits import arrays_to_digest
from ganvas.data.whole import Whole
from ganvas.errors import DataError

__all__ = ["read_own"]


def read_own(
    path: Path, *, layout: Layout = "auto", preparation: Preparation, max_bad: float = 0.0
) -> Whole:
    """Return the images at `path` as the parts of a data set called after it.

    `train/` and `test/` folders are splits where both are there. `max_bad` is the share of
    pictures that may be left out because they cannot be read. Raises UsageError or DataError
    for what cannot be taken, as `read_folder` and `read_array_file` do, and for fewer than two
    training images.
    """
    whole = _read(path, layout, preparation, max_bad)
    if len(whole.images) < 2:
        raise DataError(f"{path} holds one training image, at least 2 are needed; give more")
    return whole


def _read(path: Path, layout: Layout, preparation: Preparation, max_bad: float) -> Whole:
    name, reference = plain_name(path), str(path.resolve())
    if path.suffix.lower() in ARRAY_SUFFIXES and path.is_file():
        arrays = read_array_file(path, layout=layout, preparation=preparation)
        return Whole(
            name=name,
            images=arrays.images,
            labels=arrays.labels,
            class_names=arrays.class_names,
            digest=arrays_to_digest(images=arrays.images, labels=arrays.labels),
            source=f"arrays in {path}",
            reference=reference,
            preparation=preparation,
        )
    container = open_container(path)
    arrangement = arrange(container.members(), path)
    train = read_part(
        container,
        arrangement.train,
        arrangement.class_names,
        preparation=preparation,
        max_bad=max_bad,
    )
    if arrangement.test is None:
        test, digest = None, arrays_to_digest(images=train.images, labels=train.labels)
    else:
        test = read_part(
            container,
            arrangement.test,
            arrangement.class_names,
            preparation=preparation,
            max_bad=max_bad,
        )
        if test.images.shape[1:] != train.images.shape[1:]:
            raise mixed(
                path,
                (train.names[0], train.images.shape[1:]),
                (test.names[0], test.images.shape[1:]),
            )
        digest = arrays_to_digest(
            train_images=train.images,
            train_labels=train.labels,
            test_images=test.images,
            test_labels=test.labels,
        )
    return Whole(
        name=name,
        images=train.images,
        labels=train.labels,
        test_images=None if test is None else test.images,
        test_labels=None if test is None else test.labels,
        class_names=arrangement.class_names,
        digest=digest,
        source=f"pictures in {path}",
        reference=reference,
        preparation=preparation,
    )
