"""What G is asked for and D is told with an image: its class, its cluster, or nothing."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from ganvas.clusters import AnyArray, Clusters
from ganvas.data.images import Images
from ganvas.data.points import AnySet, Points
from ganvas.recipe import Recipe

__all__ = ["class_frequencies", "compared", "conditioned", "num_conditions"]


def num_conditions(recipe: Recipe, dataset: AnySet) -> int:
    """Return how many classes or clusters a resolved recipe tells apart; 0 for none."""
    if recipe.conditioning == "clusters":
        return recipe.clusters.count
    return dataset.num_classes if recipe.conditioning == "class" else 0


def conditioned(part: Images | Points, clusters: Clusters | None) -> Images | Points:
    """Return a split labelled with what a run tells apart: its classes, or clusters."""
    if clusters is None:
        return part
    return replace(part, labels=clusters.of(compared(part)))


def compared(part: Images | Points) -> AnyArray:
    """Return what clusters are made of: images uint8 (N, C, H, W), or points as networks see."""
    return part.signal if isinstance(part, Points) else part.images


def class_frequencies(images: Images | Points, num_classes: int) -> tuple[float, ...]:
    """Return the share of each class (or cluster) in `images`; () without any."""
    if not num_classes or images.labels is None:
        return ()
    counts: Sequence[int] = np.bincount(images.labels, minlength=num_classes).tolist()
    return tuple(count / sum(counts) for count in counts)
