"""The networks of the default recipe: most of the arithmetic at low resolution, little memory.

Both touch full resolution only to move pixels: G ends in a sub-pixel convolution (arXiv
1609.05158), D begins by folding 2x2 pixels into channels. On a CPU a convolution over a few
large maps is bound by memory; the same arithmetic over many small maps is not.
"""

import itertools
import math

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from ganvas.nets.blocks import Dropout
from ganvas.nets.embeddings import embedding, joined_rows, mean_rows
from ganvas.nets.initialisation import he_normal_, normal_
from ganvas.nets.modulated import EPSILON, MOMENTUM, ModulatedBatchNorm, modulated_norm
from ganvas.nets.shape import ImageShape
from ganvas.nets.swift_discriminator_pass import DiscriminatorPlan, LogitPass, SlopePass
from ganvas.nets.swift_generator_pass import GeneratorPass, GeneratorPlan
from ganvas.nets.written import Geometry
from ganvas.recipe import NormKind

__all__ = ["SwiftDiscriminator", "SwiftGenerator", "num_stages"]

_EMBEDDING = 32
_SLOPE = 0.2
_FEATURES = 128


def num_stages(shape: ImageShape) -> int:
    """Return how often the image is halved: at least twice, until no side is longer than 8."""
    longest = max(shape.height, shape.width)
    return max(2, math.ceil(math.log2(longest / 8)))


def _padding(size: int) -> int:
    """Return the padding of a 3x3 convolution at stride 2: none where it covers the map without."""
    return 0 if size % 2 and size >= 3 else 1


class SwiftGenerator(nn.Module):
    """Noise and class -> linear -> 3x3 convolution -> transposed 4x4 convolutions -> pixels.

    The first map has ceil(H / 2^k) x ceil(W / 2^k) positions, k from `num_stages`, and
    width * 2^(k-2) channels, halved at each doubling; the last doubling is a sub-pixel
    convolution, and what exceeds the image is cropped. Every map is normalised, over the batch or
    (`norm="layer"`) at each position over its channels, with a scale and a shift that are linear
    in (noise, class embedding).
    """

    def __init__(
        self,
        *,
        latent_size: int,
        shape: ImageShape,
        num_classes: int = 0,
        width: int = 64,
        dropout: float = 0.0,
        norm: NormKind = "batch",
    ) -> None:
        super().__init__()
        self.shape, self.num_classes = shape, num_classes
        self.dropout = Dropout(dropout)
        stages = num_stages(shape)
        scale = 2**stages
        widths = [max(8, (width << (stages - 2)) >> i) for i in range(stages)]
        self.widths = [widths[0], *widths]
        self.base = (-(-shape.height // scale), -(-shape.width // scale), widths[0])
        condition = latent_size + (_EMBEDDING if num_classes else 0)
        self.embedding = embedding(num_classes, _EMBEDDING) if num_classes else None
        self.dense = nn.Linear(condition, math.prod(self.base), bias=False)
        self.modulation = nn.Linear(condition, 2 * sum(self.widths))
        self.norms = nn.ModuleList(modulated_norm(norm, channels) for channels in self.widths)
        self.middle = nn.Conv2d(widths[0], widths[0], 3, 1, 1, bias=False)
        self.ups = nn.ModuleList(
            nn.ConvTranspose2d(a, b, 4, 2, 1, bias=False) for a, b in itertools.pairwise(widths)
        )
        self.pixels = nn.Conv2d(widths[-1], 4 * shape.channels, 3, 1, 1)
        self._plan = GeneratorPlan(
            base=self.base,
            widths=tuple(self.widths),
            layers=tuple(Geometry.of(layer) for layer in (self.middle, *self.ups)),
            pixels=Geometry.of(self.pixels),
            image=(shape.height, shape.width),
            slope=_SLOPE,
            epsilon=EPSILON,
            momentum=MOMENTUM,
        )

    def initialise(self, generator: torch.Generator) -> None:
        """Draw the weights; each map starts with scale 1 and shift 0, nearly."""
        if self.embedding is not None:
            normal_(self.embedding.weight, 1.0, generator)
        normal_(self.dense.weight, 1 / math.sqrt(self.dense.in_features), generator)
        normal_(self.modulation.weight, 0.3 / math.sqrt(self.modulation.in_features), generator)
        channels = sum(self.widths)
        self.modulation.bias[:channels].fill_(1.0)
        self.modulation.bias[channels:].zero_()
        normal_(self.middle.weight, 1 / math.sqrt(self.middle.in_channels * 9), generator)
        for up in self.ups:
            assert isinstance(up, nn.ConvTranspose2d)
            normal_(up.weight, 1 / math.sqrt(up.in_channels * 4), generator)
        normal_(self.pixels.weight, 1 / math.sqrt(self.pixels.in_channels * 9), generator)
        assert self.pixels.bias is not None
        self.pixels.bias.zero_()
        for norm in self.norms:
            if isinstance(norm, ModulatedBatchNorm):
                norm.running_mean.zero_()
                norm.running_var.fill_(1.0)

    def forward(self, noise: Tensor, labels: Tensor | None = None) -> Tensor:
        """Return images (N, C, H, W) in [-1, 1]; labels (N,) where the network has classes."""
        condition = noise
        if self.embedding is not None:
            condition = torch.cat([noise, joined_rows(self.embedding, labels)], 1)
        if self.training and not self.dropout.probability:
            return self._train(condition)
        scales, shifts = self.modulation(condition).chunk(2, 1)
        scales, shifts = scales.split(self.widths, 1), shifts.split(self.widths, 1)
        # Laid out as channels_last already: the view needs no copy.
        x = self.dense(condition).unflatten(1, self.base).permute(0, 3, 1, 2)
        x = self.dropout(F.leaky_relu_(self.norms[0](x, scales[0], shifts[0]), _SLOPE))
        for i, layer in enumerate((self.middle, *self.ups), start=1):
            x = F.leaky_relu_(self.norms[i](layer(x), scales[i], shifts[i]), _SLOPE)
            x = self.dropout(x)
        x = F.pixel_shuffle(self.pixels(x), 2)
        return torch.tanh(x[..., : self.shape.height, : self.shape.width])

    def _train(self, condition: Tensor) -> Tensor:
        """Return the same images as one node of autograd."""
        layers = (self.middle, *self.ups)
        over_batch = [norm for norm in self.norms if isinstance(norm, ModulatedBatchNorm)]
        images: Tensor = GeneratorPass.apply(  # type: ignore[no-untyped-call]
            self._plan,
            tuple((norm.running_mean, norm.running_var) for norm in over_batch),
            over_batch[0].gather if over_batch else None,
            condition,
            self.dense.weight,
            self.modulation.weight,
            self.modulation.bias,
            *(layer.weight for layer in layers),
            self.pixels.weight,
            self.pixels.bias,
        )
        return images


class SwiftDiscriminator(nn.Module):
    """Fold 2x2 pixels into channels -> convolutions at stride 2 -> 128 features -> one logit.

    With classes the logit gets the inner product of the features with the class's vector
    (projection, arXiv 1802.05637), so that one pass gives the logit of every class at once.
    """

    def __init__(
        self, *, shape: ImageShape, num_classes: int = 0, width: int = 32, dropout: float = 0.0
    ) -> None:
        super().__init__()
        stages = num_stages(shape)
        self.pad = (shape.width % 2, shape.height % 2)
        self.first = nn.Conv2d(4 * shape.channels, width, 3, 1, 1)
        widths = [width << i for i in range(stages)]
        widths.append(2 * widths[-1])
        self.downs = nn.ModuleList()
        height, across = (shape.height + 1) // 2, (shape.width + 1) // 2
        for a, b in itertools.pairwise(widths):
            padding = (_padding(height), _padding(across))
            self.downs.append(nn.Conv2d(a, b, 3, 2, padding))
            height = (height + 2 * padding[0] - 3) // 2 + 1
            across = (across + 2 * padding[1] - 3) // 2 + 1
        self.dropout = Dropout(dropout)
        self.features = nn.Linear(widths[-1] * height * across, _FEATURES)
        self.logit = nn.Linear(_FEATURES, 1)
        self.projection = embedding(num_classes, _FEATURES) if num_classes else None
        self._plan = DiscriminatorPlan(
            layers=tuple(Geometry.of(layer) for layer in (self.first, *self.downs)), slope=_SLOPE
        )

    def initialise(self, generator: torch.Generator) -> None:
        """Draw the weights so that every layer keeps the size of its signal."""
        for layer in (self.first, *self.downs, self.features):
            assert isinstance(layer, nn.Conv2d | nn.Linear)
            he_normal_(layer.weight, generator)
        normal_(self.logit.weight, 1 / math.sqrt(_FEATURES), generator)
        if self.projection is not None:
            normal_(self.projection.weight, 1 / math.sqrt(_FEATURES), generator)
        for name, parameter in self.named_parameters():
            if name.endswith("bias"):
                parameter.zero_()

    def forward(self, images: Tensor, labels: Tensor | None = None) -> Tensor:
        """Return logits (N,) of images (N, C, H, W) in [-1, 1]."""
        features = self.features_of(images)
        logits: Tensor = self.logit(features).squeeze(1)
        if self.projection is not None:
            logits = logits + (features * mean_rows(self.projection, labels)).sum(1)
        return logits

    def class_logits(self, images: Tensor) -> Tensor:
        """Return the logits (N, K) that `forward` would give each image with each class."""
        assert self.projection is not None
        features = self.features_of(images)
        logits: Tensor = self.logit(features) + F.linear(features, self.projection.weight)
        return logits

    @property
    def is_written(self) -> bool:
        """Whether `joint_logits` and `squared_slopes` have their gradients written out."""
        return not self.dropout.probability

    def joint_logits(self, *parts: Tensor) -> Tensor:
        """Return `class_logits` of the images of all parts, joined; (N, 1) without classes.

        One node of autograd, which can be differentiated once.
        """
        rows = self.logit.weight
        if self.projection is not None:
            rows = rows + self.projection.weight
        weights = (*self._weights(), rows, self.logit.bias)
        logits: Tensor = LogitPass.apply(  # type: ignore[no-untyped-call]
            self._plan, len(parts), *parts, *weights
        )
        return logits

    def squared_slopes(self, images: Tensor, labels: Tensor | None = None) -> Tensor:
        """Return ||grad_x D(x)||^2 (N,) of images, D as `forward`, to be differentiated once."""
        rows = self.logit.weight
        if self.projection is not None:
            rows = rows + mean_rows(self.projection, labels)
        norms: Tensor = SlopePass.apply(  # type: ignore[no-untyped-call]
            self._plan, images, rows.expand(len(images), -1), *self._weights()
        )
        return norms

    def _weights(self) -> list[Tensor]:
        layers = (self.first, *self.downs, self.features)
        return [part for layer in layers for part in (layer.weight, layer.bias)]

    @property
    def num_features(self) -> int:
        """The width of the last features."""
        return _FEATURES

    def score(self, features: Tensor) -> Tensor:
        """Return the logits (N,) of features (N, F), without classes."""
        logits: Tensor = self.logit(features).squeeze(1)
        return logits

    def features_of(self, images: Tensor) -> Tensor:
        """Return what the logit is linear in, float (N, F)."""
        x = images
        if any(self.pad):
            x = F.pad(x, (0, self.pad[0], 0, self.pad[1]))
        x = F.pixel_unshuffle(x, 2).contiguous(memory_format=torch.channels_last)
        for layer in (self.first, *self.downs):
            x = self.dropout(F.leaky_relu_(layer(x), _SLOPE))
        # Flattened in memory order (position, channel), which costs no copy.
        return F.leaky_relu_(self.features(x.permute(0, 2, 3, 1).flatten(1)), _SLOPE)
