"""A stored data set as images mapped from its files: nothing is read until it is looked at."""

from pathlib import Path

import numpy as np

from ganvas.data.images import ImageArray, LabelArray, Parent
from ganvas.data.named.check import FileCheck
from ganvas.data.splits import splits_to_digest
from ganvas.data.store.card import ARRAYS_PREFIX, StoredSet, read_card
from ganvas.data.store.mapped import open_mapped
from ganvas.data.whole import Whole
from ganvas.errors import DataError

__all__ = ["check_stored", "read_stored"]


def read_stored(folder: Path, reference: str) -> Whole:
    """Return the images in `folder`. Raises DataError when a file is missing or damaged."""
    card = read_card(folder)
    images, labels = _split(card, "train", card.num_train)
    test_images, test_labels = (
        _split(card, "test", card.num_test) if card.num_test else (None, None)
    )
    try:
        parent = None
        if card.parent is not None:
            parent = Parent(
                name=str(card.parent["name"]),
                digest=str(card.parent["digest"]),
                class_names=tuple(map(str, card.parent["class_names"])),
            )
    except (KeyError, TypeError) as error:
        raise DataError(f"{folder} is damaged ({error!r}); import the data again") from None
    return Whole(
        name=card.name,
        images=images,
        labels=labels,
        test_images=test_images,
        test_labels=test_labels,
        class_names=card.class_names,
        digest=card.digest,
        source=card.source if reference.startswith(ARRAYS_PREFIX) else f"{card.source}, imported",
        licence=card.licence,
        parent=parent,
        reference=reference,
        held_out=card.held_out,
        is_mixed=card.order == "mixed",
    )


def check_stored(folder: Path) -> list[FileCheck]:
    """Compare the images and labels in `folder` with the digest that their card states."""
    card = read_card(folder)
    whole = read_stored(folder, card.name)
    test = None if whole.test_images is None else (whole.test_images, whole.test_labels)
    found = splits_to_digest((whole.images, whole.labels), test)
    is_same = found == card.digest
    return [
        FileCheck(
            file=card.name,
            path=str(folder),
            state="ok" if is_same else "damaged",
            expected=card.digest,
            found=found,
            reason="" if is_same else "its images or labels differ; import the data again",
        )
    ]


def _split(card: StoredSet, split: str, count: int) -> tuple[ImageArray, LabelArray | None]:
    images = open_mapped(card.folder / f"{split}-images.npy", (count, *card.shape), np.uint8)
    if not card.class_names:
        return images, None
    path = card.folder / f"{split}-labels.npy"
    labels = np.array(open_mapped(path, (count,), np.int64))
    if count and not 0 <= labels.min() <= labels.max() < len(card.class_names):
        raise DataError(
            f"{path} is damaged: labels must be 0 to {len(card.class_names) - 1}, found "
            f"{labels.min()} to {labels.max()}; import the data again"
        )
    return images, labels
