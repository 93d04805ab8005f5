"""What D says of the very pictures that people look at: a run's samples, and its real images."""

from typing import Any

import numpy as np
import torch
from torch import nn

from ganvas.batch import images_to_signal
from ganvas.clusters import Clusters
from ganvas.conditions import real_examples
from ganvas.data.images import DataSet
from ganvas.evaluation.discriminator import evaluating, in_batches, normalise_by_batch
from ganvas.grid import COLUMNS, MOST_ROWS
from ganvas.losses import LOSSES
from ganvas.recipe import Recipe

__all__ = ["Verdicts"]

_DIGITS = 4


class Verdicts:
    """Asks D about the images of `samples.png` and of `reals.png`, in their order.

    D is asked as `ganvas.evaluation.discriminator.Validation` asks it, and is as it was afterwards.
    `clusters` are those that D knows images by, and `asked`, int64 (N,) or (N, P), as `Clusters.of`
    tells them, those of the samples.
    """

    def __init__(
        self,
        recipe: Recipe,
        dataset: DataSet,
        *,
        clusters: Clusters | None = None,
        asked: torch.Tensor | None = None,
    ) -> None:
        train = dataset.train
        self._loss = LOSSES[recipe.loss.name]
        self._by_batch = recipe.procedure.passes != "joint"
        self._reals = real_examples(recipe, train)
        self._real_labels, self._fake_labels = None, asked
        if clusters is not None:
            self._real_labels = torch.from_numpy(clusters.of(self._reals))
        elif recipe.conditioning == "class" and train.labels is not None:
            there = [label for label in range(dataset.num_classes) if (train.labels == label).any()]
            shown = torch.tensor(there[:MOST_ROWS])
            self._real_labels = shown.repeat_interleave(len(self._reals) // len(shown))
            rows = min(dataset.num_classes, MOST_ROWS)
            self._fake_labels = torch.arange(rows).repeat_interleave(COLUMNS)

    @staticmethod
    def can_be(recipe: Recipe) -> bool:
        """Return whether D judges single images at all; a packed one does not."""
        return recipe.discriminator.pack == 1

    def __call__(self, samples: np.ndarray, discriminator: nn.Module) -> dict[str, Any]:
        """Return what D says of the run's samples, uint8 (N, C, H, W), and of its real images.

        `real` and `fake` are lists of numbers, `of` says what they are: "probability" of being
        real, or "logit" where D's loss gives no probability. Above `boundary` D says "real"; it is
        None where the loss knows no such place.
        """
        with evaluating(discriminator), torch.no_grad():
            if self._by_batch:
                normalise_by_batch(discriminator)
            real = self._say(self._reals, self._real_labels, discriminator)
            fake = self._say(samples, self._fake_labels, discriminator)
        probability = self._loss.probability
        return {
            "of": "logit" if probability is None else "probability",
            "boundary": self._loss.boundary if probability is None else 0.5,
            "real": real,
            "fake": fake,
        }

    def _say(
        self, images: np.ndarray, labels: torch.Tensor | None, discriminator: nn.Module
    ) -> list[float]:
        signal = images_to_signal(torch.from_numpy(np.ascontiguousarray(images)))
        logits = in_batches(discriminator, signal, labels, len(images)).double()
        if self._loss.probability is not None:
            logits = self._loss.probability(logits)
        return [round(float(value), _DIGITS) for value in logits]
