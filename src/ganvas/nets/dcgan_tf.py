"""The networks of the TensorFlow DCGAN tutorial, as published in Keras.

Published behaviour where the frameworks differ: batch norm with momentum 0.99 and epsilon 1e-3,
LeakyReLU slope 0.3, Glorot uniform weights, and "same" padding that puts the odd pixel on the
right and bottom (for a transposed convolution: crops one more there). Both hold their maps turned
by half a turn; `ganvas.nets.keras` says why. Conditional by the rule of `ganvas.nets.layered`.
"""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from ganvas.nets.blocks import Crop, Dropout, turn
from ganvas.nets.initialisation import glorot_uniform_, reset_norms
from ganvas.nets.keras import SameConv2d, SameConvTranspose2d
from ganvas.nets.layered import JoinClass, ProjectionHead
from ganvas.nets.shape import ImageShape

__all__ = ["DcganTfDiscriminator", "DcganTfGenerator"]

_SLOPE = 0.3
_EPSILON, _MOMENTUM = 1e-3, 0.01  # Keras states the share that is kept: 0.99


class DcganTfGenerator(nn.Module):
    """Dense, then transposed 5x5 convolutions at strides 1, 2 and 2; widths 4w, 2w, w.

    Takes noise (N, latent_size); gives images (N, C, H, W) in [-1, 1]. Starts from a map of
    ceil(H / 4) x ceil(W / 4) and crops the result, so any size fits.
    """

    def __init__(
        self,
        *,
        latent_size: int,
        shape: ImageShape,
        num_classes: int = 0,
        width: int = 64,
        dropout: float = 0.0,
    ) -> None:
        super().__init__()
        self.crop = Crop(shape.height, shape.width, turned=True)
        self.classes = JoinClass(latent_size, num_classes)
        self.dropout = Dropout(dropout)
        self.base = (4 * width, -(-shape.height // 4), -(-shape.width // 4))
        features = self.base[0] * self.base[1] * self.base[2]
        self.dense = nn.Linear(self.classes.size, features, bias=False)
        self.norm0 = nn.BatchNorm1d(features, _EPSILON, _MOMENTUM)
        self.up1 = SameConvTranspose2d(4 * width, 2 * width, 5, bias=False, turned=True)
        self.norm1 = nn.BatchNorm2d(2 * width, _EPSILON, _MOMENTUM)
        self.up2 = SameConvTranspose2d(2 * width, width, 5, 2, bias=False, turned=True)
        self.norm2 = nn.BatchNorm2d(width, _EPSILON, _MOMENTUM)
        self.up3 = SameConvTranspose2d(width, shape.channels, 5, 2, bias=False, turned=True)

    def initialise(self, generator: torch.Generator) -> None:
        """Set every weight as Keras does."""
        glorot_uniform_(self.dense.weight, generator)
        for layer in (self.up1, self.up2, self.up3):
            glorot_uniform_(layer.weight, generator, transposed=True)
        reset_norms(self)
        self.classes.initialise(generator)

    def forward(self, noise: Tensor, labels: Tensor | None = None) -> Tensor:
        """Return images (N, C, H, W) in [-1, 1]."""
        x = self.dropout(F.leaky_relu(self.norm0(self.dense(self.classes(noise, labels))), _SLOPE))
        x = turn(x.unflatten(1, self.base)).contiguous(memory_format=torch.channels_last)
        x = self.dropout(F.leaky_relu(self.norm1(self.up1(x)), _SLOPE))
        x = self.dropout(F.leaky_relu(self.norm2(self.up2(x)), _SLOPE))
        return torch.tanh(turn(self.crop(self.up3(x))))


class DcganTfDiscriminator(nn.Module):
    """Two 5x5 convolutions at stride 2, dropout after each, then one linear logit; widths w, 2w."""

    def __init__(
        self, *, shape: ImageShape, num_classes: int = 0, width: int = 64, dropout: float = 0.3
    ) -> None:
        super().__init__()
        self.conv1 = SameConv2d(shape.channels, width, 5, 2, turned=True)
        self.conv2 = SameConv2d(width, 2 * width, 5, 2, turned=True)
        self.dropout = Dropout(dropout)
        height, across = -(-shape.height // 4), -(-shape.width // 4)
        self.head = ProjectionHead(2 * width * height * across, num_classes)

    def initialise(self, generator: torch.Generator) -> None:
        """Set every weight as Keras does, biases to zero."""
        for layer in (self.conv1, self.conv2, self.head.logit):
            glorot_uniform_(layer.weight, generator)
            if layer.bias is not None:
                layer.bias.zero_()
        self.head.initialise(generator)

    def forward(self, images: Tensor, labels: Tensor | None = None) -> Tensor:
        """Return logits (N,) of images (N, C, H, W) in [-1, 1]."""
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
        x = turn(images)
        for layer in (self.conv1, self.conv2):
            x = self.dropout(F.leaky_relu(layer(x), _SLOPE))
        return turn(x).flatten(1)
