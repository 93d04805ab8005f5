"""The judge in use: uint8 pictures in, features and predicted classes out."""

from collections.abc import Iterator
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from ganvas.arithmetic import multiply_adds
from ganvas.errors import UsageError
from ganvas.judge.network import JudgeNetwork, build_network

__all__ = ["Judge"]

_BATCH_SIZE = 500


class Judge:
    """A network whose features place pictures so that like lie near like.

    `name` and `digest` ("sha256:<hex>" of the weights) say which judge it is; `num_features`
    how wide its feature space is; `channels` and `size` (height, width, in pixels) which
    pictures it takes; `class_names` what its labels 0..K-1 mean, () for a network that was never
    trained and so knows no classes; `card` is the content of its config.json.

    A picture's features do not depend on the pictures beside it: every batch is filled up to
    the same size, as kernels of another size round differently.
    """

    def __init__(self, network: JudgeNetwork, card: dict[str, Any]) -> None:
        self._network = network.eval().requires_grad_(False)
        self.card = card
        self.name: str = card["name"]
        self.digest: str = card["weights"]["digest"]
        self.num_features: int = network.hidden.out_features
        self.channels: int = network.architecture.channels
        self.size: tuple[int, int] = (network.architecture.height, network.architecture.width)
        self.class_names: tuple[str, ...] = tuple(card["class_names"])

    def features(self, images: npt.NDArray[np.uint8]) -> npt.NDArray[np.float32]:
        """Return float32 (N, num_features) of `images`: uint8 (N, C, H, W).

        Raises UsageError for pictures that do not fit the judge.
        """
        return self.features_and_labels(images)[0]

    def predict(self, images: npt.NDArray[np.uint8]) -> npt.NDArray[np.int64]:
        """Return the most likely class of each picture, int64 (N,), 0..K-1.

        Raises UsageError for pictures that do not fit the judge, and where it has no classes.
        """
        labels = self.features_and_labels(images)[1]
        if labels is None:
            raise UsageError(f"judge '{self.name}' was not trained and knows no classes")
        return labels

    def predict_surely(
        self, images: npt.NDArray[np.uint8]
    ) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.float32]]:
        """Return the most likely class of each picture and its probability by the judge.

        int64 (N,), 0..K-1, and float32 (N,), in (0, 1], of uint8 (N, C, H, W).

        Raises UsageError for pictures that do not fit the judge, and where it has no classes.
        """
        self._check(images)
        if not self.class_names:
            raise UsageError(f"judge '{self.name}' was not trained and knows no classes")
        labels = np.empty(len(images), np.int64)
        sure = np.empty(len(images), np.float32)
        with torch.inference_mode():
            for rows, pixels in _batches(images, _BATCH_SIZE):
                shares = self._network.classify(self._network.features(pixels)).softmax(1)
                best = shares.max(1)
                count = len(labels[rows])
                labels[rows] = best.indices[:count].numpy()
                sure[rows] = best.values[:count].numpy()
        return labels, sure

    def features_and_labels(
        self, images: npt.NDArray[np.uint8], *, batch_size: int = _BATCH_SIZE
    ) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.int64] | None]:
        """Return features and predicted classes (None without classes) of `images` in one pass.

        Another `batch_size` is for looks of so few pictures that filling up would be most of the
        work; their features then differ from the usual ones in the last bits.

        Raises UsageError for pictures that do not fit the judge.
        """
        self._check(images)
        features = np.empty((len(images), self.num_features), np.float32)
        labels = np.empty(len(images), np.int64)
        with torch.inference_mode():
            for rows, pixels in _batches(images, batch_size):
                batch = self._network.features(pixels)
                features[rows] = batch[: len(features[rows])].numpy()
                if self.class_names:
                    classes = self._network.classify(batch).argmax(1)
                    labels[rows] = classes[: len(labels[rows])].numpy()
        return features, labels if self.class_names else None

    def fits(self, *, channels: int, height: int, width: int) -> bool:
        """Return whether pictures of this shape can be judged."""
        return (channels, (height, width)) == (self.channels, self.size)

    @property
    def takes(self) -> str:
        """The images it takes, in words."""
        height, width = self.size
        return f"{height}x{width} {'grey' if self.channels == 1 else f'{self.channels}-channel'}"

    @cached_property
    def multiply_adds(self) -> float:
        """Multiply-adds that one picture costs."""
        with torch.device("meta"):
            pixels = torch.zeros(1, self.channels, *self.size)
        return multiply_adds(build_network(self._network.architecture), pixels)

    def _check(self, images: npt.NDArray[np.uint8]) -> None:
        if images.dtype != np.uint8 or images.shape[1:] != (self.channels, *self.size):
            shape = ", ".join(map(str, (self.channels, *self.size)))
            raise UsageError(
                f"judge '{self.name}' takes uint8 images of shape (N, {shape}), got "
                f"{images.dtype} {images.shape}; convert them, or choose another judge"
            )


def _batches(images: npt.NDArray[np.uint8], size: int) -> Iterator[tuple[slice, Tensor]]:
    for start in range(0, len(images), size):
        rows = slice(start, start + size)
        pixels = np.zeros((size, *images.shape[1:]), np.float32)
        pixels[: len(images[rows])] = images[rows]
        yield rows, torch.from_numpy(pixels).contiguous(memory_format=torch.channels_last)
