"""Arrays that a run was given, kept by their digest, so that the run can go on without them."""

import logging
import os
from dataclasses import replace
from pathlib import Path
from shutil import rmtree

import numpy as np

from ganvas.data.images import DataSet
from ganvas.data.splits import held_out_order
from ganvas.data.store.card import StoredSet, arrays_folder
from ganvas.data.store.write import ImageFile, cannot_write, clear, write_card, write_labels
from ganvas.errors import GanvasError

__all__ = ["MAX_KEPT_BYTES", "keep_arrays"]

_LOG = logging.getLogger(__name__)

MAX_KEPT_BYTES = 1 << 31
"""Most bytes of images that are kept; larger arrays are the user's own to keep."""


def keep_arrays(dataset: DataSet) -> DataSet:
    """Return `dataset` with a reference that `load` finds it by, after keeping it in the cache.

    Only for arrays as `from_arrays` takes them; any other data set, one that has a reference,
    and one too large is returned as it is. What is kept already is not written again. Where the
    cache cannot be written, that is logged, and a run goes on without.
    """
    total = len(dataset.train) + len(dataset.held_out)
    num_bytes = total * int(np.prod(dataset.train.images.shape[1:]))
    plain = dataset.test is None and dataset.parent is None
    if dataset.reference or not plain or num_bytes > MAX_KEPT_BYTES:
        return dataset
    folder = arrays_folder(dataset.digest)
    kept = replace(dataset, reference=dataset.digest)
    if (folder / "set.json").is_file():
        return kept
    part = folder.with_name(f".{folder.name}.{os.getpid()}.part")
    try:
        part.mkdir(parents=True, exist_ok=True)
        clear(part)
        card = _write(dataset, part, total)
        if card.digest != dataset.digest:  # another split than from_arrays makes
            rmtree(part)
            return dataset
        part.rename(folder)
    except (OSError, GanvasError) as error:
        rmtree(part, ignore_errors=True)
        if (folder / "set.json").is_file():  # another process was faster
            return kept
        words = cannot_write(folder, error) if isinstance(error, OSError) else error
        _LOG.warning("the arrays are not kept, so the run cannot be resumed without: %s", words)
        return dataset
    return kept


def _write(dataset: DataSet, part: Path, total: int) -> StoredSet:
    order = held_out_order(total)
    count = len(dataset.held_out)
    places = order[:count], np.sort(order[count:])
    labels = None if dataset.train.labels is None else np.empty(total, dtype=np.int64)
    shape = dataset.train.images.shape[1:]
    with ImageFile(part / "train-images.npy", total, shape) as file:
        for split, rows in zip((dataset.held_out, dataset.train), places, strict=True):
            for place, image in zip(rows.tolist(), split.images, strict=True):
                file.write(place, image)
            if labels is not None and split.labels is not None:
                labels[rows] = split.labels
        file.sync()
    if labels is not None:
        write_labels(part, "train", labels)
    channels, height, width = shape
    card = StoredSet(
        name=dataset.name,
        folder=part,
        shape=(channels, height, width),
        num_train=total,
        num_test=0,
        class_names=dataset.class_names,
        digest="",
        source=dataset.source,
        licence=dataset.licence,
        order="given",
        held_out=min(5000, total // 12),
        parent=None,
    )
    return write_card(part, card)
