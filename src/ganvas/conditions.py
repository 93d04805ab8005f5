"""What G is asked for and D is told with an image: its class, its cluster, or nothing."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from ganvas.clusters import AnyArray, Clusters
from ganvas.data.images import Images
from ganvas.data.points import AnySet, Points
from ganvas.grid import COLUMNS, examples
from ganvas.recipe import Recipe
from ganvas.seeding import numpy_stream

__all__ = ["class_frequencies", "compared", "conditioned", "num_conditions", "real_examples"]


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


def real_examples(recipe: Recipe, part: Images) -> np.ndarray:
    """Return images uint8 (N, C, H, W) for a picture beside samples, laid out as these are.

    A row for each class where samples are asked for by class; else some at random, as samples are
    drawn: beside rows of one class each these would look more various than they are.
    """
    if recipe.conditioning == "class":
        return examples(part.images, part.labels)
    count = min(COLUMNS * COLUMNS, len(part.images))
    rows = numpy_stream(recipe.seed, "grid.reals").choice(len(part.images), count, replace=False)
    return part.take(rows)
