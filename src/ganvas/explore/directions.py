"""The directions of the latent space along which a generator's pictures change most.

With n the noise in normal coordinates (`ganvas.explore.coordinates`) and x(n) the picture, moving
a little along a unit vector v changes the picture by v' M v on average, squared and summed over
its numbers, where

    M = E[J J'],    J (Z, pixels) with rows dx / dn_j.

The eigenvectors of M, largest eigenvalue first, are the directions (arXiv 2101.06006, section 2,
with the squared distance of pictures). It asks nothing of the network but pictures, so it serves
every architecture, with classes or without. On `swift` it agrees with the closed form that looks
at the first layer's weights alone (arXiv 2007.06600) but for the order, and its leading directions
change the picture a little more.
"""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import torch
from torch import Tensor

from ganvas.errors import NotFiniteError
from ganvas.explore.coordinates import from_normal
from ganvas.latent import draw_labels
from ganvas.recipe import LatentSettings
from ganvas.rng import stream

__all__ = ["Leading", "leading_directions", "num_leading", "num_places"]

_MOST = 8  # nine tenths of all change of swift's pictures; the rest can hardly be told apart
# Where J is taken, by what it costs: part of what direction number k means, so it never changes.
_MOST_PLACES, _LEAST_PLACES = 32, 8  # with fewer, the shares of wide generators are far off
_BUDGET = 2.0**34  # multiply-adds: a second or less of most processors
_STEP = 0.25  # standard deviations to either side, for a derivative that is no rounding error
_SEED = 0
_BATCH = 64  # pictures made at once: a wide latent space must not fill the memory


class Leading(NamedTuple):
    """The K leading directions of a latent space of size Z, largest first.

    `vectors` float64 (K, Z), orthonormal rows; `shares` float64 (K,), the part of all change that
    lies along each: its eigenvalue over the sum of all Z.
    """

    vectors: Tensor
    shares: Tensor


def num_leading(settings: LatentSettings) -> int:
    """Return how many leading directions a latent space has names for: 8, or its size if less."""
    return min(_MOST, settings.size)


def num_places(settings: LatentSettings, multiply_adds: float) -> int:
    """Return at how many places to take J, of a network that costs so much a picture: 8 to 32."""
    each = 2 * settings.size * max(multiply_adds, 1.0)
    return min(_MOST_PLACES, max(_LEAST_PLACES, int(_BUDGET / each)))


def leading_directions(
    network: Callable[[Tensor, Tensor | None], Tensor],
    settings: LatentSettings,
    frequencies: Sequence[float],
    places: int = _MOST_PLACES,
) -> Leading:
    """Return the leading directions; there are `num_leading(settings)`.

    network      noise float32 (N, Z), labels int64 (N,), (N, P) or None -> signals float (N, ...)
    frequencies  those of the classes, which are drawn so; () without classes
    places       at how many fixed places J is taken, 1 to 32: 2 Z pictures each, for central
                 differences

    A direction's sign is that which makes
    its number of the largest magnitude positive. The same network on the same machine with the
    same number of threads gives the same bytes. Raises NotFiniteError for a broken network.
    """
    size = settings.size
    shape = (_MOST_PLACES, size)
    points = torch.randn(shape, generator=stream(_SEED, "explore.noise"), dtype=torch.float64)
    labels = None
    if frequencies:
        labels = draw_labels(frequencies, _MOST_PLACES, stream(_SEED, "explore.labels"))
    step = _STEP * torch.eye(size, dtype=torch.float64)
    metric = torch.zeros((size, size), dtype=torch.float64)
    for number, point in enumerate(points[:places]):
        sides = []
        for sign in (1, -1):
            noise = from_normal(settings, point + sign * step)
            asked = None if labels is None else labels[number].expand(size, *labels.shape[1:])
            sides.append(_pictures(network, noise, asked))
        jacobian = (sides[0] - sides[1]) / (2 * _STEP)
        metric += jacobian @ jacobian.T / places
    if not bool(torch.isfinite(metric).all()):
        raise NotFiniteError("the generator's output is not finite: its weights are broken")
    values, columns = torch.linalg.eigh(metric)  # in ascending order
    count = num_leading(settings)
    found, values = columns.T.flip(0)[:count], values.clamp(min=0).flip(0)
    largest = found.gather(1, found.abs().argmax(1, keepdim=True))
    whole = values.sum().clamp(min=torch.finfo(values.dtype).tiny)  # nothing moves a grey picture
    return Leading(found * torch.sign(largest), values[:count] / whole)


def _pictures(
    network: Callable[[Tensor, Tensor | None], Tensor], noise: Tensor, labels: Tensor | None
) -> Tensor:
    """Return what the network makes of noise (N, Z): float64 (N, pixels) on the CPU."""
    asked = [None] * len(noise) if labels is None else labels.split(_BATCH)
    parts = zip(noise.split(_BATCH), asked, strict=False)
    return torch.cat([network(some, label).flatten(1).double().cpu() for some, label in parts])
