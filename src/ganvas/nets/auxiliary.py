"""AC-GAN: D judges an image without knowing its class, and says beside it which class it shows."""

import math
from typing import Any

import torch
from torch import Tensor, nn

from ganvas.nets.initialisation import normal_

__all__ = ["AuxiliaryDiscriminator"]


class AuxiliaryDiscriminator(nn.Module):
    """Images (N, C, H, W) -> an unconditional `network` -> logits (N,), and of classes (N, K).

    Both are linear in the same features (arXiv 1610.09585, section 3).
    """

    def __init__(self, network: Any, num_classes: int) -> None:
        super().__init__()
        self.network = network
        self.classes = nn.Linear(network.num_features, num_classes)

    def initialise(self, generator: torch.Generator) -> None:
        """Draw the network's weights by its own rule, then the classes': N(0, 1 / F)."""
        self.network.initialise(generator)
        normal_(self.classes.weight, 1 / math.sqrt(self.classes.in_features), generator)
        self.classes.bias.zero_()

    def forward(self, images: Tensor, labels: Tensor | None = None) -> Tensor:
        """Return how real each image looks, whatever its class."""
        return self.judge(images)[0]

    def judge(self, images: Tensor) -> tuple[Tensor, Tensor]:
        """Return how real each image looks (N,), and the logits (N, K) of its class."""
        features = self.network.features_of(images)
        return self.network.score(features), self.classes(features)
