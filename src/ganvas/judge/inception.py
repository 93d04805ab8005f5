"""The Inception judge: 2048 features for Fréchet distances as papers print them (FID)."""

from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import torch

from ganvas.arithmetic import multiply_adds
from ganvas.errors import DataError, GanvasError, UsageError
from ganvas.files import inside, read_json
from ganvas.judge.card import CONFIG, WEIGHTS
from ganvas.judge.inception_card import NUM_FEATURES, check_inception_card
from ganvas.judge.inception_network import InceptionNetwork, build_inception
from ganvas.weights import layout_of, read_weights

__all__ = ["InceptionJudge", "load_inception"]

_BATCH_SIZE = 8  # images; larger ones are no quicker, and each image needs 20 MB of maps
_CHANNELS = (1, 3)


class InceptionJudge:
    """TensorFlow's Inception of 2015, whose features published Fréchet distances compare.

    It takes grey and RGB pictures of any size, grey as RGB with equal channels, and resizes
    them itself. `name` and `digest` ("sha256:<hex>" of the weights' file) say which judge it
    is; `card` is the content of its config.json. It knows ImageNet's classes, not the data's,
    so `class_names` is empty and nothing is predicted.

    A picture's features do not depend on the pictures beside it: every batch is filled up to
    the same size, as kernels of another size round differently.
    """

    class_names: tuple[str, ...] = ()
    num_features = NUM_FEATURES
    takes = "grey or RGB"

    def __init__(self, network: InceptionNetwork, card: dict[str, Any]) -> None:
        self._network = network.eval().requires_grad_(False)
        self.card = card
        self.name: str = card["name"]
        self.digest: str = card["weights"]["digest"]

    def features(self, images: npt.NDArray[np.uint8]) -> npt.NDArray[np.float32]:
        """Return float32 (N, 2048) of `images`: uint8 (N, 1 or 3, H, W).

        Raises UsageError for anything else; 4 channels have no meaning here.
        """
        if images.dtype != np.uint8 or images.ndim != 4 or not self._fits(images.shape[1:]):
            raise UsageError(
                f"judge '{self.name}' takes uint8 images of shape (N, 1 or 3, H, W), got "
                f"{images.dtype} {images.shape}; convert them, or choose another judge"
            )
        features = np.empty((len(images), NUM_FEATURES), np.float32)
        pixels = np.zeros((_BATCH_SIZE, *images.shape[1:]), np.float32)
        with torch.inference_mode():
            for start in range(0, len(images), _BATCH_SIZE):
                batch = images[start : start + _BATCH_SIZE]
                pixels[: len(batch)] = batch
                found = self._network.features(torch.from_numpy(pixels))
                features[start : start + len(batch)] = found[: len(batch)].numpy()
        return features

    def predict(self, images: npt.NDArray[np.uint8]) -> npt.NDArray[np.int64]:
        """Raise UsageError: its 1008 classes are ImageNet's and mean nothing for other data."""
        raise UsageError(
            f"judge '{self.name}' knows ImageNet's classes, not the data's; "
            "to count classes choose a judge that was trained on the data"
        )

    def features_and_labels(
        self, images: npt.NDArray[np.uint8]
    ) -> tuple[npt.NDArray[np.float32], None]:
        """Return `features` of the images, and None: it has no classes of the data."""
        return self.features(images), None

    @cached_property
    def multiply_adds(self) -> float:
        """Multiply-adds that one picture costs."""
        return multiply_adds(build_inception(), torch.zeros((1, 1, 1, 1), device="meta"))

    def fits(self, *, channels: int, height: int, width: int) -> bool:
        """Return whether pictures of this shape can be judged."""
        return self._fits((channels, height, width))

    @staticmethod
    def _fits(shape: tuple[int, ...]) -> bool:
        channels, height, width = shape
        return channels in _CHANNELS and height >= 1 and width >= 1


def load_inception(folder: Path) -> InceptionJudge:
    """Return the judge that `convert_inception` wrote to `folder`.

    Names, shapes and types of all tensors are compared with the network, and the file's SHA-256
    with the digest in config.json, before the network holds any of them.

    Raises DataError naming the file that is missing, damaged or something else.
    """
    path = inside(folder, CONFIG)
    try:
        card = check_inception_card(path, read_json(path))
        layout = layout_of(build_inception().state_dict())
        tensors = read_weights(inside(folder, WEIGHTS), layout, card["weights"]["digest"])
    except GanvasError as error:
        raise DataError(str(error)) from None
    return InceptionJudge(build_inception(tensors), card)
