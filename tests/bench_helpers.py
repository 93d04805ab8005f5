"""Small sets of images that spoiling is tried on."""

import numpy as np

from ganvas import data
from ganvas.data.images import DataSet


def small_set(count: int = 300, classes: int = 3) -> DataSet:
    chance = np.random.default_rng(0)
    images = chance.integers(0, 256, (count, 8, 8), dtype=np.uint8)
    return data.from_arrays(images, np.arange(count) % classes, held_out=0)


def together(dataset: DataSet) -> tuple[np.ndarray, np.ndarray]:
    """Images and labels of both parts."""
    parts = (dataset.train, dataset.held_out)
    labels = [part.labels for part in parts if part.labels is not None]
    return np.concatenate([part.images for part in parts]), np.concatenate(labels)


def labelled(dataset: DataSet) -> dict[bytes, int]:
    images, labels = together(dataset)
    return {image.tobytes(): int(label) for image, label in zip(images, labels, strict=True)}
