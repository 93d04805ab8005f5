"""A judge that needs no training, and data for it, for tests of what uses judges."""

from typing import Any, Literal

import numpy as np

from ganvas.data.images import DataSet, Images

WIDTH = 128


class FakeJudge:
    """Features are fixed random projections of the pixels; the class is the brightness in thirds.

    Stands in for `ganvas.judge.Judge`; counts the images it was shown.
    """

    name = "fake"
    digest = "sha256:" + "f" * 64

    def __init__(self) -> None:
        self.seen = 0

    def features_and_labels(self, images: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        self.seen += len(images)
        pixels = images.reshape(len(images), -1).astype(np.float64) / 255
        weights = np.random.default_rng(0).standard_normal((pixels.shape[1], WIDTH))
        features = np.tanh(pixels @ weights / 4).astype(np.float32)
        return features, np.minimum(pixels.mean(1) * 3, 2).astype(np.int64)


def some_images(
    split: Literal["train", "held_out", "test"], count: int, seed: int, *, labelled: bool = True
) -> Images:
    """8x8 images whose class is their brightness in thirds, nine times of ten."""
    rng = np.random.default_rng(seed)
    labels = rng.integers(0, 3, count)
    noise = rng.integers(-40, 40, (count, 1, 8, 8))
    pixels = 42 + 85 * labels[:, None, None, None] + noise
    labels[::10] = (labels[::10] + 1) % 3
    return Images(
        split=split,
        images=np.clip(pixels, 0, 255).astype(np.uint8),
        labels=labels.astype(np.int64) if labelled else None,
    )


def some_data(
    train: int = 300, held_out: int = 140, test: int | None = 200, **values: Any
) -> DataSet:
    """A labelled data set of 8x8 images with the classes dark, grey and bright."""
    labelled = values.get("class_names", True) != ()
    chosen: dict[str, Any] = {
        "name": "thirds",
        "train": some_images("train", train, 1, labelled=labelled),
        "held_out": some_images("held_out", held_out, 2, labelled=labelled),
        "test": None if test is None else some_images("test", test, 3, labelled=labelled),
        "class_names": ("dark", "grey", "bright"),
        "digest": "sha256:" + "0" * 64,
        "source": "made up",
        "licence": "none",
    }
    return DataSet(**chosen | values)
