"""Networks that are one list of layers, and the one rule by which each of them takes classes.

The published recipes know no classes. With classes each gets the same two additions, and nothing
else changes: G reads a learned vector of the class beside the noise; D's logit gets the inner
product of its last features with a learned vector of the class (projection, arXiv 1802.05637).

Pixels are in [-1, 1] everywhere outside. A network that was published for pixels in [0, 1] sets
`unit_range`: G's sigmoid s leaves as 2s - 1, and D reads (x + 1) / 2, which undoes it.

A network that holds its maps turned by half a turn (`ganvas.nets.keras` says why) sets `turned`,
and so do its layers: images are turned where they leave G and where they come to D.
"""

import math
from typing import ClassVar

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from ganvas.nets.blocks import turn
from ganvas.nets.embeddings import embedding, joined_rows, mean_rows
from ganvas.nets.initialisation import Fill, fill_layers, normal_

__all__ = ["JoinClass", "LayeredDiscriminator", "LayeredGenerator", "ProjectionHead"]

_EMBEDDING = 32


class JoinClass(nn.Module):
    """Noise (N, Z) -> noise and the class's 32 numbers (N, Z + 32); without classes the noise."""

    def __init__(self, latent_size: int, num_classes: int) -> None:
        super().__init__()
        self.embedding = embedding(num_classes, _EMBEDDING) if num_classes else None
        self.size = latent_size + (_EMBEDDING if num_classes else 0)

    def initialise(self, generator: torch.Generator) -> None:
        """Draw the classes' vectors as the noise is: N(0, 1)."""
        if self.embedding is not None:
            normal_(self.embedding.weight, 1.0, generator)

    def forward(self, noise: Tensor, labels: Tensor | None = None) -> Tensor:
        """Return what G's first layer reads."""
        if self.embedding is None:
            return noise
        return torch.cat([noise, joined_rows(self.embedding, labels)], 1)


class ProjectionHead(nn.Module):
    """Features (N, F) -> logits (N,): w . f + b, and v_class . f where there are classes."""

    def __init__(self, num_features: int, num_classes: int, *, bias: bool = True) -> None:
        super().__init__()
        self.logit = nn.Linear(num_features, 1, bias=bias)
        self.projection = embedding(num_classes, num_features) if num_classes else None

    def initialise(self, generator: torch.Generator) -> None:
        """Draw the classes' vectors: N(0, 1 / F)."""
        if self.projection is not None:
            deviation = 1 / math.sqrt(self.logit.in_features)
            normal_(self.projection.weight, deviation, generator)

    def forward(self, features: Tensor, labels: Tensor | None = None) -> Tensor:
        """Return the logit of each image with its class."""
        logits: Tensor = self.logit(features).squeeze(1)
        if self.projection is not None:
            logits = logits + (features * mean_rows(self.projection, labels)).sum(1)
        return logits

    def of_classes(self, features: Tensor) -> Tensor:
        """Return the logits (N, K) of each image with every class."""
        assert self.projection is not None
        logits: Tensor = self.logit(features) + F.linear(features, self.projection.weight)
        return logits


class LayeredGenerator(nn.Module):
    """Noise (N, latent_size), labels (N,) -> `layers` -> tanh or sigmoid -> images (N, C, H, W)."""

    unit_range: ClassVar[bool] = False
    turned: ClassVar[bool] = False
    fill: ClassVar[Fill]
    classes: JoinClass
    layers: nn.Sequential

    def initialise(self, generator: torch.Generator) -> None:
        """Draw every weight by the network's own rule."""
        fill_layers(self, type(self).fill, generator)
        self.classes.initialise(generator)

    def forward(self, noise: Tensor, labels: Tensor | None = None) -> Tensor:
        """Return images in [-1, 1]."""
        x: Tensor = self.layers(self.classes(noise, labels))
        if self.turned:
            x = turn(x)
        return 2 * torch.sigmoid(x) - 1 if self.unit_range else torch.tanh(x)


class LayeredDiscriminator(nn.Module):
    """Images (N, C, H, W), labels (N,) -> `layers` -> features (N, F) -> `head` -> logits (N,)."""

    unit_range: ClassVar[bool] = False
    turned: ClassVar[bool] = False
    fill: ClassVar[Fill]
    layers: nn.Sequential
    head: ProjectionHead

    def initialise(self, generator: torch.Generator) -> None:
        """Draw every weight by the network's own rule."""
        fill_layers(self, type(self).fill, generator)
        self.head.initialise(generator)

    def forward(self, images: Tensor, labels: Tensor | None = None) -> Tensor:
        """Return logits of images in [-1, 1]; the sigmoid belongs to the loss."""
        logits: Tensor = self.head(self.features_of(images), labels)
        return logits

    def class_logits(self, images: Tensor) -> Tensor:
        """Return the logits (N, K) that `forward` would give each image with each class."""
        return self.head.of_classes(self.features_of(images))

    @property
    def num_features(self) -> int:
        """The width of the last features."""
        return self.head.logit.in_features

    def score(self, features: Tensor) -> Tensor:
        """Return the logits (N,) of features (N, F), without classes."""
        logits: Tensor = self.head(features)
        return logits

    def features_of(self, images: Tensor) -> Tensor:
        """Return what the logit is linear in, float (N, F)."""
        if self.turned:
            images = turn(images)
        features: Tensor = self.layers((images + 1) / 2 if self.unit_range else images)
        return features
