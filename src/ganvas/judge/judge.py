"""The judge in use: uint8 pictures in, features and predicted classes out."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from ganvas.errors import UsageError
from ganvas.judge.network import JudgeNetwork

__all__ = ["Judge"]

_BATCH_SIZE = 500


class Judge:
    """A trained classifier whose 128 features place pictures so that like lie near like.

    `name` and `digest` ("sha256:<hex>" of the weights' file) say which judge it is; `channels`
    and `size` (height, width, in pixels) which pictures it takes; `class_names` what its
    labels 0..K-1 mean; `card` is the content of its config.json.

    Results depend on the batch size by rounding only, about 1e-5 of a feature.
    """

    def __init__(self, network: JudgeNetwork, card: dict[str, Any]) -> None:
        self._network = network.eval().requires_grad_(False)
        self.card = card
        self.name: str = card["name"]
        self.digest: str = card["weights"]["digest"]
        self.channels: int = network.architecture.channels
        self.size: tuple[int, int] = (network.architecture.height, network.architecture.width)
        self.class_names: tuple[str, ...] = tuple(card["class_names"])

    def features(
        self, images: npt.NDArray[np.uint8], batch_size: int = _BATCH_SIZE
    ) -> npt.NDArray[np.float32]:
        """Return float32 (N, 128) of `images`: uint8 (N, C, H, W).

        Raises UsageError for pictures that do not fit the judge.
        """
        return self.features_and_labels(images, batch_size)[0]

    def predict(
        self, images: npt.NDArray[np.uint8], batch_size: int = _BATCH_SIZE
    ) -> npt.NDArray[np.int64]:
        """Return the most likely class of each picture, int64 (N,), 0..K-1.

        Raises UsageError for pictures that do not fit the judge.
        """
        return self.features_and_labels(images, batch_size)[1]

    def features_and_labels(
        self, images: npt.NDArray[np.uint8], batch_size: int = _BATCH_SIZE
    ) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.int64]]:
        """Return features and predicted classes of `images` in one pass.

        Raises UsageError for pictures that do not fit the judge.
        """
        self._check(images, batch_size)
        features = np.empty((len(images), self._network.hidden.out_features), np.float32)
        labels = np.empty(len(images), np.int64)
        with torch.inference_mode():
            for rows, pixels in _batches(images, batch_size):
                batch = self._network.features(pixels)
                features[rows] = batch.numpy()
                labels[rows] = self._network.classify(batch).argmax(1).numpy()
        return features, labels

    def fits(self, *, channels: int, height: int, width: int) -> bool:
        """Return whether pictures of this shape can be judged."""
        return (channels, (height, width)) == (self.channels, self.size)

    def _check(self, images: npt.NDArray[np.uint8], batch_size: int) -> None:
        if batch_size < 1:
            raise UsageError(f"batch_size must be 1 or more, got {batch_size}")
        if images.dtype != np.uint8 or images.shape[1:] != (self.channels, *self.size):
            shape = ", ".join(map(str, (self.channels, *self.size)))
            raise UsageError(
                f"judge '{self.name}' takes uint8 images of shape (N, {shape}), got "
                f"{images.dtype} {images.shape}; convert them, or choose another judge"
            )


def _batches(images: npt.NDArray[np.uint8], batch_size: int) -> Iterator[tuple[slice, Tensor]]:
    for start in range(0, len(images), batch_size):
        rows = slice(start, start + batch_size)
        pixels = torch.from_numpy(images[rows].astype(np.float32))
        yield rows, pixels.contiguous(memory_format=torch.channels_last)
