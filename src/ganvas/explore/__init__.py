"""Places in a generator's latent space: said in words, mixed of four latents, moved along."""

from ganvas.explore.coordinates import from_normal, to_normal
from ganvas.explore.directions import Leading, leading_directions, num_leading, num_places
from ganvas.explore.point import LatentPoint
from ganvas.explore.position import mix, pad_weights, point_to_clusters, point_to_noise

__all__ = [
    "LatentPoint",
    "Leading",
    "from_normal",
    "leading_directions",
    "mix",
    "num_leading",
    "num_places",
    "pad_weights",
    "point_to_clusters",
    "point_to_noise",
    "to_normal",
]
