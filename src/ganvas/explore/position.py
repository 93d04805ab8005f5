"""A point's noise: four latents mixed, moved along directions, scaled.

All in normal coordinates (`ganvas.explore.coordinates`), where the mix of latents n_i with weights
w_i that sum to 1,

    n = sum_i w_i n_i / sqrt(sum_i w_i^2),

is normal again: between the corners pictures are as varied and as likely as at them, where a
plain average would lie too near to 0.
"""

from collections.abc import Sequence
from functools import lru_cache

import torch
from torch import Tensor

from ganvas.errors import UsageError
from ganvas.explore.coordinates import from_normal, to_normal
from ganvas.explore.directions import num_leading
from ganvas.explore.point import LatentPoint
from ganvas.latent import CHUNK, latents
from ganvas.recipe import LatentSettings

__all__ = ["mix", "pad_weights", "point_to_clusters", "point_to_noise"]


def pad_weights(x: float, y: float) -> tuple[float, float, float, float]:
    """Return the weights of top left, top right, bottom left and bottom right at (x, y) in 0..1.

    Bilinear: each is 1 at its corner, 0 on the two sides away from it, and they sum to 1.
    """
    return (1 - x) * (1 - y), x * (1 - y), (1 - x) * y, x * y


def mix(normals: Tensor, weights: Sequence[float]) -> Tensor:
    """Return the mix (Z,) of independent normal latents, float64 (K, Z), by weights that sum to 1.

    A weight of 1 gives its latent exactly.
    """
    shares = torch.tensor(weights, dtype=torch.float64)
    mixed: Tensor = (shares @ normals) / shares.norm()
    return mixed


def point_to_noise(
    point: LatentPoint,
    settings: LatentSettings,
    frequencies: tuple[float, ...],
    directions: Tensor | None,
) -> tuple[Tensor, Tensor | None]:
    """Return what the generator is asked for: noise float32 (Z,), the class int64 () or None.

    Of clusters of each of P channels int64 (P,).

    frequencies  those of the model's classes or clusters; () without either
    directions   the generator's leading directions, float64 (K, Z); None where the point asks
                 for none

    A seed that stands at several corners counts once, with its weights together. Where one seed
    has all the weight and there are no directions, the noise is that which `ganvas sample` draws
    of it, to the bit.

    Raises UsageError for directions and classes that the model does not have.
    """
    _require_known(point, settings, frequencies)
    weights: dict[int, float] = {}
    for seed, weight in zip(point.corners, pad_weights(*point.at), strict=True):
        weights[seed] = weights.get(seed, 0.0) + weight
    shares = {seed: weight for seed, weight in weights.items() if weight > 0}
    drawn = {seed: _first(settings, frequencies, seed) for seed in shares}
    corners = torch.stack([drawn[seed][0] for seed in shares])
    if len(shares) == 1 and not point.directions:
        noise = corners[0]
    else:
        normal = mix(to_normal(settings, corners), list(shares.values()))
        for number, amount in point.directions:
            assert directions is not None
            normal = normal + amount * directions[number - 1]
        noise = from_normal(settings, normal)
    label = drawn[max(shares, key=lambda seed: shares[seed])][1]  # of equal shares, the first's
    if point.label is not None:
        label = torch.tensor(point.label)
    return noise * point.truncation, label


def point_to_clusters(
    point: LatentPoint, settings: LatentSettings, frequencies: tuple[float, ...]
) -> tuple[Tensor, Tensor]:
    """Return the clusters that the corners' seeds draw, int64 (4,), and their shares, float64 (4,).

    Where each of P channels has clusters of its own, int64 (4, P) and the same shares.

    The shares are the corners' weights: at a corner its seed's cluster has all of it. Clusters have
    no names, and nobody can ask for one: between the corners a picture has something of each.
    """
    drawn = [_first(settings, frequencies, seed)[1] for seed in point.corners]
    clusters = [label for label in drawn if label is not None]
    assert len(clusters) == len(drawn), "a model without clusters has none at the corners"
    return torch.stack(clusters), torch.tensor(pad_weights(*point.at), dtype=torch.float64)


def _require_known(
    point: LatentPoint, settings: LatentSettings, frequencies: tuple[float, ...]
) -> None:
    most = num_leading(settings)
    for number, _ in point.directions:
        if number > most:
            raise UsageError(f"direction {number} is out of range: the model has 1 to {most}")
    if point.label is not None and not frequencies:
        raise UsageError("this model has no classes, so it takes no label")
    if point.label is not None and point.label >= len(frequencies):
        last = len(frequencies) - 1
        raise UsageError(f"label {point.label} is out of range: the model has 0 to {last}")


@lru_cache(maxsize=64)  # a page asks for the same corners again with every move
def _first(
    settings: LatentSettings, frequencies: tuple[float, ...], seed: int
) -> tuple[Tensor, Tensor | None]:
    """Return the noise (Z,) and class of a seed's first sample."""
    noise, labels = latents(settings, frequencies, seed=seed, name="sample", draw=0, count=CHUNK)
    return noise[0].clone(), None if labels is None else labels[0].clone()
