"""What is wrong with a data set before anything is trained on it: copies, gaps, imbalance."""

from collections.abc import Iterator
from hashlib import blake2b

import numpy as np
import numpy.typing as npt

from ganvas.data.images import DataSet, Images

__all__ = ["duplicates", "warnings_about"]

FEW_IMAGES = 1_000
"""With fewer training images, a generator learns them by heart."""
FEW_OF_A_CLASS = 100
UNBALANCED = 10
"""How many times larger the largest class may be than the smallest."""
MANY_COPIES = 0.01
"""Share of the training images that may be copies of others."""

_ROWS = 1024
_KEY_BYTES = 16


def duplicates(dataset: DataSet) -> dict[str, int]:
    """Return how many images are exact copies, byte for byte.

    train     training images, held-out ones included, beyond the first of each
    held_out  held-out images that are also among those trained on
    test      test images that are also among the training images
    """
    train, held_out = _keys(dataset.train), _keys(dataset.held_out)
    both = np.concatenate([train, held_out])
    test = _keys(dataset.test) if dataset.test is not None else both[:0]
    return {
        "train": len(both) - len(np.unique(both)),
        "held_out": int(np.isin(held_out, train).sum()),
        "test": int(np.isin(test, both).sum()),
    }


def warnings_about(dataset: DataSet, copies: dict[str, int]) -> list[str]:
    """Return sentences about what will hurt training or its figures; `copies` of `duplicates`."""
    return list(_warnings(dataset, copies))


def _warnings(dataset: DataSet, copies: dict[str, int]) -> Iterator[str]:
    total = len(dataset.train) + len(dataset.held_out)
    if total < FEW_IMAGES:
        yield (
            f"only {total:,} training images: a generator learns so few by heart; "
            f"{FEW_IMAGES:,} or more do better"
        )
    yield from _class_warnings(dataset)
    if copies["train"] > MANY_COPIES * total:
        yield (
            f"{copies['train']:,} of {total:,} training images are exact copies of others: the "
            "generator will show those more often; remove them unless that is meant"
        )
    for split, words in (("test", "test"), ("held_out", "held-out")):
        if copies[split]:
            yield (
                f"{copies[split]:,} {words} images are also trained on: figures will look better "
                "than they are"
            )


def _class_warnings(dataset: DataSet) -> Iterator[str]:
    if dataset.train.labels is None:
        return
    if dataset.num_classes == 1:
        yield "one class only: there is nothing to choose from, so the model takes no class"
        return
    counts = np.bincount(dataset.train.labels, minlength=dataset.num_classes)
    small, large = int(counts.argmin()), int(counts.argmax())
    names = dataset.class_names
    if counts[small] == 0:
        yield f"class '{names[small]}' has no training image: leave it out, or give some"
    elif counts[large] > UNBALANCED * counts[small]:
        yield (
            f"class '{names[large]}' has {counts[large]:,} training images and '{names[small]}' "
            f"{counts[small]:,}: rare classes come out worse"
        )
    few = int(np.count_nonzero((counts > 0) & (counts < FEW_OF_A_CLASS)))
    if few:
        yield f"{few:,} of {len(names):,} classes have fewer than {FEW_OF_A_CLASS} training images"


def _keys(part: Images) -> npt.NDArray[np.void]:
    """Return a digest of each image, as opaque values that compare: (N,)."""
    keys = bytearray()
    for start in range(0, len(part), _ROWS):
        rows = np.arange(start, min(start + _ROWS, len(part)))
        for image in np.ascontiguousarray(part.take(rows)):
            keys += blake2b(image.data, digest_size=_KEY_BYTES).digest()
    return np.frombuffer(bytes(keys), dtype=np.dtype((np.void, _KEY_BYTES)))
