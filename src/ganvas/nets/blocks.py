"""Building blocks that networks share: explicit randomness, explicit initialisation."""

from collections.abc import Callable

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.nn.utils import parametrize

__all__ = [
    "Dropout",
    "SpectralNorm",
    "constrain_spectral_norm",
    "couples_images",
    "embedding",
    "set_dropout_stream",
]


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
        mask = torch.empty_like(x).bernoulli_(keep, generator=self.generator)
        return x * mask.div_(keep)


def set_dropout_stream(network: nn.Module, make: Callable[[], torch.Generator]) -> None:
    """Give every dropout of `network` the generator of this update (made only if needed)."""
    layers = [module for module in network.modules() if isinstance(module, Dropout)]
    if layers:
        generator = make()
        for layer in layers:
            layer.generator = generator


def couples_images(network: nn.Module) -> bool:
    """Whether one image of a batch influences what the network says of another in training."""
    return any(isinstance(module, nn.BatchNorm1d | nn.BatchNorm2d) for module in network.modules())


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
        with torch.autocast(weight.device.type, enabled=False):
            matrix = weight.flatten(1)
            if self.training:
                self._iterate(matrix)
            # Clones: a later pass moves the buffers while this graph still needs them.
            sigma = torch.dot(self.left.clone(), torch.mv(matrix, self.right.clone()))
            return weight / sigma


def embedding(num_rows: int, width: int) -> nn.Embedding:
    """Return an embedding whose weights are not drawn: the network's `initialise` does.

    nn.Embedding's own draw on the meta device imports torch's compiler, which takes 2 s.
    """
    rows: nn.Embedding = nn.Embedding.from_pretrained(torch.empty(num_rows, width), freeze=False)
    return rows


def constrain_spectral_norm(network: nn.Module, generator: torch.Generator | None = None) -> None:
    """Put spectral norm on the weight of every convolution, linear layer and embedding.

    Without a generator the singular vectors are only laid out, to be loaded from a file.
    """
    for module in list(network.modules()):
        if isinstance(module, nn.Conv2d | nn.Linear | nn.Embedding):
            norm = SpectralNorm(module.weight)
            if generator is not None:
                norm.initialise(module.weight, generator)
            parametrize.register_parametrization(module, "weight", norm, unsafe=True)
