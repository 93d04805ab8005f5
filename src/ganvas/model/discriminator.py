"""The discriminator in use: images in, how real each looks to it out."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import nn

from ganvas.batch import images_to_signal
from ganvas.clusters import Clusters
from ganvas.errors import GanvasError, UsageError
from ganvas.losses import LOSSES, NO_PROBABILITY
from ganvas.model.config import ModelConfig
from ganvas.model.labels import class_numbers
from ganvas.nets.shape import image_in_words

__all__ = ["Discriminator", "Scores"]

_BATCH = 25  # images looked at at once, always: kernels of another size round differently


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Scores:
    """What D says of N images: `logits` float32 (N,), the larger the more real.

    `probabilities` float64 (N,) of being real, and `are_real` bool (N,), what D calls each; None
    where D's loss gives logits no such meaning.
    """

    logits: np.ndarray
    probabilities: np.ndarray | None
    are_real: np.ndarray | None


class Discriminator:
    """Says how real images look: ``discriminator(images, labels=3)`` -> `Scores`.

    But for rounding, an image's score does not depend on which others are scored with it. `batch`
    images are looked at at once; fewer come sooner and may round differently.
    """

    def __init__(
        self,
        config: ModelConfig,
        network: nn.Module,
        *,
        clusters: Clusters | None = None,
        batch: int = _BATCH,
    ) -> None:
        self.config, self.batch = config, batch
        self.network = network.eval().requires_grad_(False)
        self._clusters = clusters
        self._loss = LOSSES.get(config.loss)

    @property
    def boundary(self) -> float | None:
        """The logit above which D says "real"; None where it has none."""
        return None if self._loss is None else self._loss.boundary

    @property
    def no_probability(self) -> str | None:
        """Why D's logits are no probabilities; None where they are."""
        if self._loss is None:
            return "the model does not say with which loss its discriminator was trained"
        return None if self._loss.probability is not None else NO_PROBABILITY[self.config.loss]

    def __call__(
        self,
        images: np.ndarray,
        labels: int | str | Sequence[int | str] | np.ndarray | None = None,
    ) -> Scores:
        """Return the scores of images, uint8 (N, H, W, C), values 0..255; or points, float (N, D).

        labels  the class that each is said to show, by number or name, one for all or one for each;
                a D of classes by projection judges an image as one of its class, and any other D
                takes none
        Raises UsageError for images of another kind or size, and for classes that are missing,
        unknown or not wanted.
        """
        if self.config.discriminator.pack > 1:
            raise UsageError(
                "this model's discriminator judges packs of "
                f"{self.config.discriminator.pack} images (discriminator.pack); "
                "it has no answer for one"
            )
        images = np.asarray(images)
        if self.config.makes_points:
            signal = self._signal_of_points(images)
        else:
            self._require_images(images)
            signal = np.ascontiguousarray(images.transpose(0, 3, 1, 2))
        classes = self.classes_of(labels, len(images))
        if self._clusters is not None:  # an image is judged as one of its cluster
            classes = self._clusters.of(signal)
        logits = self._logits(signal, classes)
        game = self._loss
        probability = None if game is None else game.probability
        return Scores(
            logits=logits.numpy(),
            probabilities=None if probability is None else probability(logits.double()).numpy(),
            are_real=None if self.boundary is None else (logits > self.boundary).numpy(),
        )

    def _require_images(self, images: np.ndarray) -> None:
        want = self.config.image
        if images.dtype != np.uint8 or images.ndim != 4:
            raise UsageError(
                "images must be uint8 of shape (N, height, width, channels), not "
                f"{images.dtype} of shape {images.shape}"
            )
        if images.shape[1:] != (want.height, want.width, want.channels):
            height, width, channels = images.shape[1:]
            raise UsageError(
                f"the images are {image_in_words(channels, height, width)}, the model's are "
                f"{image_in_words(*want.sizes)}"
            )

    def _signal_of_points(self, points: np.ndarray) -> np.ndarray:
        """Return points (N, D) as the network takes them; refuse what is none, or not finite."""
        dimensions = self.config.shape.sizes[0]
        floating = np.issubdtype(points.dtype, np.floating)
        if not floating or points.ndim != 2 or points.shape[1] != dimensions:
            raise UsageError(
                f"points must be floating of shape (N, {dimensions}), not {points.dtype} of shape "
                f"{points.shape}"
            )
        if not np.isfinite(points).all():
            raise UsageError("points must be finite numbers")
        signal: np.ndarray = (points / self.config.scale).astype(np.float32)
        return signal

    def classes_of(
        self, labels: int | str | Sequence[int | str] | np.ndarray | None, n: int
    ) -> np.ndarray | None:
        """Return int64 (n,), the classes that D is told with n images; None where it is told none.

        `labels` and the errors are those of a call.
        """
        names = self.config.class_names
        if self.config.judges_classes and labels is None:
            raise UsageError(
                f"this model's discriminator judges an image as one of its {len(names)} classes; "
                "say which each image shows"
            )
        if labels is None:
            return None
        if names and not self.config.judges_classes:
            raise UsageError(
                "this model's discriminator judges an image without its class "
                "(discriminator.classes is auxiliary), so it takes no labels"
            )
        return class_numbers(labels, n, names)

    @torch.inference_mode()
    def _logits(self, given: np.ndarray, classes: np.ndarray | None) -> torch.Tensor:
        """Return D's logits float32 (N,) of uint8 images (N, C, H, W) or signals (N, D).

        Batches are filled up with their last one.
        """
        device = next(self.network.parameters()).device
        parts = [torch.zeros(0)]
        for first in range(0, len(given), self.batch):
            rows = np.minimum(np.arange(first, first + self.batch), len(given) - 1)
            batch = torch.from_numpy(given[rows]).to(device)
            asked = None if classes is None else torch.from_numpy(classes[rows]).to(device)
            logits = self.network(images_to_signal(batch), asked)
            parts.append(logits[: len(given) - first].float().cpu())
        whole = torch.cat(parts)
        if not bool(torch.isfinite(whole).all()):
            raise GanvasError("the discriminator's output is not finite: its weights are broken")
        return whole
