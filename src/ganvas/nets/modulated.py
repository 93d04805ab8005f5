"""Norms without parameters of their own, each followed by a scale and a shift for each image."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from ganvas.nets.global_norm import Gather, follow_statistics, normalise
from ganvas.recipe import NormKind

__all__ = ["EPSILON", "MOMENTUM", "ModulatedBatchNorm", "ModulatedLayerNorm", "modulated_norm"]

EPSILON, MOMENTUM = 1e-5, 0.1  # as PyTorch's batch norm has them


def modulated_norm(kind: NormKind, channels: int) -> nn.Module:
    """Return the norm of this kind for maps of so many channels."""
    return ModulatedLayerNorm() if kind == "layer" else ModulatedBatchNorm(channels)


class ModulatedBatchNorm(nn.Module):
    """Batch norm, then a scale and a shift for each image.

    y = scale * (x - mean) / sqrt(variance + 1e-5) + shift, (arXiv 1707.00683)

    With `gather` mean and variance are those of the rows of all processes.
    """

    running_mean: Tensor
    running_var: Tensor

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.register_buffer("running_mean", torch.zeros(channels))
        self.register_buffer("running_var", torch.ones(channels))
        self.gather: Gather | None = None

    def forward(self, x: Tensor, scale: Tensor, shift: Tensor) -> Tensor:
        """Return the normalised x (N, C, H, W); scale and shift are (N, C)."""
        mean, variance = self.running_mean, self.running_var
        if self.gather is not None and self.training:
            return self._shared(x, scale, shift, self.gather)
        return _modulated(F.batch_norm(x, mean, variance, training=self.training), scale, shift)

    def _shared(self, x: Tensor, scale: Tensor, shift: Tensor, gather: Gather) -> Tensor:
        x, mean, variance, count = normalise(x, None, None, eps=EPSILON, gather=gather)
        running = self.running_mean, self.running_var
        follow_statistics(running, mean, variance, count, MOMENTUM)
        return _modulated(x, scale, shift)


class ModulatedLayerNorm(nn.Module):
    """Layer norm of each position over its channels, then a scale and a shift for each image.

    y = scale * (x - mean) / sqrt(variance + 1e-5) + shift, mean and variance (N, 1, H, W)
    (arXiv 1607.06450, eq. 4; the scale and shift as in `ModulatedBatchNorm`)

    No image touches another, and there is nothing to keep for sampling.
    """

    def forward(self, x: Tensor, scale: Tensor, shift: Tensor) -> Tensor:
        """Return the normalised x (N, C, H, W); scale and shift are (N, C)."""
        x = F.layer_norm(x.permute(0, 2, 3, 1), (x.shape[1],), eps=EPSILON)
        return _modulated(x.permute(0, 3, 1, 2), scale, shift)


def _modulated(x: Tensor, scale: Tensor, shift: Tensor) -> Tensor:
    return torch.addcmul(shift[:, :, None, None], x, scale[:, :, None, None])
