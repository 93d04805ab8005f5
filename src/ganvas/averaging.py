"""The running average of a network (EMA): parameters and buffers, with a ramp-up."""

import torch
from torch import nn

from ganvas.recipe import EmaSettings

__all__ = ["Average", "ema_decay"]


def ema_decay(settings: EmaSettings, images: int, new_images: int) -> float:
    """Return the weight of the old average when `new_images` more have been seen.

    half-life h = min(half_life_images, ramp_up * images);  decay = 0.5 ** (new_images / h)

    The ramp-up (arXiv 1912.04958 and its public code) lets the average of a young run forget
    its noisy start. Without a half-life the decay is 0: the average is the network itself.
    """
    half_life = min(settings.half_life_images, settings.ramp_up * images)
    return float(0.5 ** (new_images / half_life)) if half_life > 0 else 0.0


class Average:
    """Keeps `average`, a network of the same make as `source`, near its running mean.

    Parameters and floating-point buffers are averaged alike (so batch-norm statistics belong to
    the averaged weights); integer buffers are copied. Both networks must stay on one device.
    """

    def __init__(self, source: nn.Module, average: nn.Module) -> None:
        average.load_state_dict(source.state_dict())
        self.average = average.eval().requires_grad_(False)
        pairs = list(zip(_tensors(source), _tensors(average), strict=True))
        self._moving = [(s, a) for s, a in pairs if s.is_floating_point()]
        self._copied = [(s, a) for s, a in pairs if not s.is_floating_point()]

    @torch.no_grad()
    def update(self, decay: float) -> None:
        """Move the average: a <- decay * a + (1 - decay) * source, with `decay` in [0, 1]."""
        if self._moving:
            sources, averages = zip(*self._moving, strict=True)
            torch._foreach_lerp_(averages, sources, 1.0 - decay)
        for source, average in self._copied:
            average.copy_(source)


def _tensors(network: nn.Module) -> list[torch.Tensor]:
    return [*network.parameters(), *network.buffers()]
