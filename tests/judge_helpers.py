"""A judge that needs no training, and data for it, for tests of what uses judges."""

from typing import Any, Literal, cast

import numpy as np

from ganvas.data.images import DataSet, Images
from ganvas.judge import AnyJudge
from ganvas.model import Generator, ModelConfig
from tests.model_helpers import small_config

CLASSES = ("dark", "grey", "bright")


class FakeJudge:
    """Features are fixed random projections of the pixels; the class is the brightness in thirds.

    Stands in for `ganvas.judge.Judge`; counts the images it was shown.
    """

    name = "fake"
    takes = "any"
    multiply_adds = 1000.0

    def __init__(
        self, width: int = 16, class_names: tuple[str, ...] = CLASSES, digest: str = "f" * 64
    ) -> None:
        self.num_features, self.class_names = width, class_names
        self.digest = f"sha256:{digest}"
        self.card: dict[str, Any] = {"kind": "judge", "name": self.name}
        self.seen = 0
        self.breaks_on: int | None = None

    def features_and_labels(self, images: np.ndarray) -> tuple[np.ndarray, np.ndarray | None]:
        self.seen += len(images)
        pixels = images.reshape(len(images), -1).astype(np.float64) / 255
        weights = np.random.default_rng(0).standard_normal((pixels.shape[1], self.num_features))
        features = np.tanh(pixels @ weights / 4).astype(np.float32)
        if self.breaks_on == len(images):
            features[3, 5] = np.nan
        labels = np.minimum(pixels.mean(1) * 3, 2).astype(np.int64)
        return features, labels if self.class_names else None

    def fits(self, *, channels: int, height: int, width: int) -> bool:
        return True

    def __call__(self) -> AnyJudge:
        """Itself, as the type of a real judge."""
        return cast(AnyJudge, self)


class Replay:
    """A generator that gives images it was given: stands in for `ganvas.model.Generator`."""

    def __init__(self, images: np.ndarray, labels: np.ndarray | None, **config: Any) -> None:
        _, channels, height, width = images.shape
        names = CLASSES if labels is not None else ()
        self.images, self.labels = images, labels
        self.config: ModelConfig = small_config(
            channels, height, width, **{"class_names": names, **config}
        )
        self.asked: list[tuple[int, int | None]] = []

    def sample(self, n: int, *, seed: int | None) -> tuple[np.ndarray, np.ndarray | None]:
        self.asked.append((n, seed))
        return self.images[:n], None if self.labels is None else self.labels[:n]

    def __call__(self) -> Generator:
        """Itself, as the type of a real generator."""
        return cast(Generator, self)


def replay(part: Images) -> Replay:
    """A generator of a split's images, in order."""
    return Replay(part.images, part.labels)


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
        "class_names": CLASSES,
        "digest": "sha256:" + "0" * 64,
        "source": "made up",
        "licence": "none",
    }
    return DataSet(**chosen | values)
