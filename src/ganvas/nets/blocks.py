"""Building blocks that networks share: explicit randomness, explicit initialisation."""

from collections.abc import Callable, Sequence
from typing import TypeVar

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.nn.utils import parametrize

from ganvas.errors import UsageError
from ganvas.nets.global_norm import GlobalBatchNorm
from ganvas.nets.packing import PackedDiscriminator
from ganvas.recipe import LayerOrder
from ganvas.rng import draw_rows

__all__ = [
    "Crop",
    "Double",
    "Dropout",
    "Finish",
    "Flatten",
    "SpectralNorm",
    "ToMap",
    "constrain_spectral_norm",
    "couples_images",
    "dropouts_of",
    "halved_sizes",
    "set_dropout_stream",
    "turn",
]


G = TypeVar("G", bound=torch.Generator)


class Dropout(nn.Module):
    """Dropout whose mask comes from a generator that is handed in, never from global state."""

    def __init__(self, probability: float) -> None:
        super().__init__()
        self.probability = probability
        self.generator: torch.Generator | None = None

    def forward(self, x: Tensor) -> Tensor:
        """Zero each element with the probability and scale the rest up; evaluation: unchanged."""
        if not self.training or self.probability == 0:
            return x
        if self.generator is None:
            raise RuntimeError("dropout in training needs set_dropout_stream first")
        keep = 1 - self.probability
        generator = self.generator
        mask = draw_rows(
            lambda rows: _room(x, rows).bernoulli_(keep, generator=generator), len(x), generator
        )
        return x * mask.div_(keep)


def _room(x: Tensor, rows: int) -> Tensor:
    """Return room for `rows` rows such as those of x, laid out in memory as x is."""
    if rows == len(x):
        return torch.empty_like(x)
    each, *others = torch.empty_like(x, device="meta").stride()
    if each * len(x) != x.numel():
        raise ValueError("the rows of a batch do not follow each other in memory")
    return torch.empty_strided(
        (rows, *x.shape[1:]), (each, *others), dtype=x.dtype, device=x.device
    )


def dropouts_of(network: nn.Module) -> list[Dropout]:
    """Return the layers of `network` that drop anything."""
    layers = (module for module in network.modules() if isinstance(module, Dropout))
    return [layer for layer in layers if layer.probability]


def set_dropout_stream(layers: Sequence[Dropout], make: Callable[[], G]) -> G | None:
    """Give each of `layers`, as `dropouts_of` finds them, the generator of this update; return it.

    It is made only if there is a layer.
    """
    if not layers:
        return None
    generator = make()
    for layer in layers:
        layer.generator = generator
    return generator


def couples_images(network: nn.Module) -> bool:
    """Whether one image of a batch influences what the network says of another in training."""
    if isinstance(network, PackedDiscriminator):
        return True
    norms = (nn.BatchNorm1d, nn.BatchNorm2d, GlobalBatchNorm)
    return any(isinstance(module, norms) for module in network.modules())


class Finish(nn.Module):
    """What follows a layer: batch norm, leaky ReLU (slope 0: ReLU) and dropout, in `order`.

    Activation and dropout commute (both only scale each number by something not negative), so
    the order says on which side of the norm each of them stands.
    """

    def __init__(
        self,
        norm: nn.Module | None = None,
        *,
        slope: float = 0.0,
        dropout: float = 0.0,
        order: LayerOrder = "norm_activation_dropout",
    ) -> None:
        super().__init__()
        self.norm = norm
        self.slope = slope
        self.dropout = Dropout(dropout)
        self.steps = order.split("_")

    def forward(self, x: Tensor) -> Tensor:
        """Return what the next layer reads, of the shape of x."""
        for step in self.steps:
            if step == "activation":
                x = F.leaky_relu(x, self.slope) if self.slope else F.relu(x)
            elif step == "dropout":
                x = self.dropout(x)
            elif self.norm is not None:
                x = self.norm(x)
        return x


def turn(maps: Tensor) -> Tensor:
    """Return maps (N, C, H, W), or kernels, turned by half a turn: a copy, its own inverse."""
    return maps.flip(2, 3)


class ToMap(nn.Module):
    """Features (N, H * W * C) -> maps (N, C, H, W), laid out as Keras does: channels last."""

    def __init__(self, height: int, width: int, channels: int, *, turned: bool = False) -> None:
        super().__init__()
        self.sizes = (height, width, channels)
        self.turned = turned

    def forward(self, x: Tensor) -> Tensor:
        """Return a view: nothing moves in memory, unless the maps are to be turned."""
        maps = x.unflatten(1, self.sizes).permute(0, 3, 1, 2)
        return turn(maps) if self.turned else maps


class Flatten(nn.Module):
    """Maps (N, C, H, W) -> features (N, H * W * C), the way back from `ToMap`."""

    def __init__(self, *, turned: bool = False) -> None:
        super().__init__()
        self.turned = turned

    def forward(self, x: Tensor) -> Tensor:
        """Return a view of maps that lie channels last, a copy of others."""
        maps = turn(x) if self.turned else x
        return maps.permute(0, 2, 3, 1).flatten(1)


class Crop(nn.Module):
    """Keep the left and top of maps: (N, C, H', W') -> (N, C, height, width).

    Of `turned` maps it keeps the right and bottom, which are the same pixels.
    """

    def __init__(self, height: int, width: int, *, turned: bool = False) -> None:
        super().__init__()
        self.height, self.width = height, width
        self.turned = turned

    def forward(self, x: Tensor) -> Tensor:
        """Return x itself where there is nothing to crop."""
        if tuple(x.shape[2:]) == (self.height, self.width):
            return x
        if self.turned:
            return x[..., -self.height :, -self.width :]
        return x[..., : self.height, : self.width]


class Double(nn.Module):
    """Repeat every pixel twice both ways: (N, C, H, W) -> (N, C, 2H, 2W)."""

    def forward(self, x: Tensor) -> Tensor:
        """Return the larger maps."""
        return F.interpolate(x, scale_factor=2, mode="nearest")


def halved_sizes(height: int, width: int, times: int) -> list[tuple[int, int]]:
    """Return (height, width) and what is left after each of `times` halvings, rounded up."""
    return [(-(-height // 2**i), -(-width // 2**i)) for i in range(times + 1)]


class SpectralNorm(nn.Module):
    """Divides a weight by its largest singular value, tracked by power iteration.

    arXiv 1802.05957, algorithm 1: one iteration for each training pass. The weight is read as
    a matrix (out, rest). The two singular vectors are buffers, so they are saved with the rest.
    """

    left: Tensor
    right: Tensor

    def __init__(self, weight: Tensor) -> None:
        super().__init__()
        rows, columns = weight.flatten(1).shape
        self.register_buffer("left", weight.new_empty(rows))
        self.register_buffer("right", weight.new_empty(columns))

    @torch.no_grad()
    def initialise(self, weight: Tensor, generator: torch.Generator, iterations: int = 15) -> None:
        """Start from a random vector and iterate until both are close to the singular ones."""
        self.left.copy_(torch.randn(self.left.shape, generator=generator))
        for _ in range(iterations):
            self._iterate(weight.flatten(1))

    @torch.no_grad()
    def _iterate(self, matrix: Tensor) -> None:
        self.right.copy_(F.normalize(matrix.t() @ self.left, dim=0))
        self.left.copy_(F.normalize(matrix @ self.right, dim=0))

    def forward(self, weight: Tensor) -> Tensor:
        """Return weight / sigma, sigma = left' W right; gradients flow through sigma too."""
        # On the meta device there is nothing to cast, and autocast does not know it.
        device = "cpu" if weight.is_meta else weight.device.type
        with torch.autocast(device, enabled=False):
            matrix = weight.flatten(1)
            if self.training:
                self._iterate(matrix)
            # Clones: a later pass moves the buffers while this graph still needs them.
            sigma = torch.dot(self.left.clone(), torch.mv(matrix, self.right.clone()))
            return weight / sigma


def constrain_spectral_norm(network: nn.Module, generator: torch.Generator | None = None) -> None:
    """Put spectral norm on the weight of every convolution, linear layer and embedding.

    Without a generator the singular vectors are only laid out, to be loaded from a file.
    Raises UsageError for a weight that starts at 0: it has no singular value to divide by.
    """
    for module in list(network.modules()):
        if isinstance(module, nn.Conv2d | nn.Linear | nn.Embedding):
            norm = SpectralNorm(module.weight)
            if generator is not None:
                if not bool(module.weight.any()):
                    raise UsageError(
                        "discriminator.spectral_norm does not fit this architecture, whose "
                        "residual branches start at 0; set it to false"
                    )
                norm.initialise(module.weight, generator)
            parametrize.register_parametrization(module, "weight", norm, unsafe=True)
