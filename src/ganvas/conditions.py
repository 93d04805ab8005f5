"""What G is asked for and D is told with an image: its class, its cluster, or nothing."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from ganvas.clusters import AnyArray, Clusters, channels_agree, fit_clusters
from ganvas.data.images import DataSet, Images
from ganvas.data.points import AnySet, Points
from ganvas.grid import COLUMNS, examples
from ganvas.plan import DataFacts
from ganvas.recipe import Recipe
from ganvas.seeding import numpy_stream

__all__ = ["class_frequencies", "clusters_of", "compared", "conditioned", "data_facts"]
__all__ += ["num_conditions", "num_parts", "real_examples"]


def data_facts(dataset: AnySet) -> DataFacts:
    """Return what a plan must know of a data set."""
    agree = channels_agree(dataset.train.images) if isinstance(dataset, DataSet) else 1.0
    return DataFacts(
        name=dataset.name,
        num_train=len(dataset.train),
        num_held_out=len(dataset.held_out),
        num_classes=dataset.num_classes,
        kind=dataset.kind,
        num_channels=_num_channels(dataset),
        channels_agree=agree,
    )


def num_conditions(recipe: Recipe, dataset: AnySet) -> int:
    """Return how many classes or clusters a resolved recipe tells apart; 0 for none."""
    if recipe.conditioning == "clusters":
        return recipe.clusters.count * num_parts(recipe, dataset)
    return dataset.num_classes if recipe.conditioning == "class" else 0


def num_parts(recipe: Recipe, dataset: AnySet) -> int:
    """Return how many clusters an image of a resolved recipe is of: one, or one of each channel."""
    return recipe.clusters.parts_of(_num_channels(dataset))


def conditioned(part: Images | Points, clusters: Clusters | None) -> Images | Points:
    """Return a split labelled with what a run tells apart: its classes, or clusters."""
    if clusters is None:
        return part
    return replace(part, labels=clusters.of(compared(part)))


def clusters_of(recipe: Recipe, dataset: AnySet) -> Clusters | None:
    """Return a resolved recipe's clusters, fitted on the training images; None without any."""
    if recipe.conditioning != "clusters":
        return None
    return fit_clusters(
        compared(dataset.train),
        count=recipe.clusters.count,
        components=recipe.clusters.components,
        seed=recipe.seed,
        parts=num_parts(recipe, dataset),
    )


def compared(part: Images | Points) -> AnyArray:
    """Return what clusters are made of: images uint8 (N, C, H, W), or points as networks see."""
    return part.signal if isinstance(part, Points) else part.images


def class_frequencies(images: Images | Points, num_classes: int) -> tuple[float, ...]:
    """Return the share of each class (or cluster) in `images`; () without any.

    Where each of P channels is of a cluster, the shares of each channel's sum to 1.
    """
    if not num_classes or images.labels is None:
        return ()
    counts: Sequence[int] = np.bincount(images.labels.ravel(), minlength=num_classes).tolist()
    return tuple(count / len(images) for count in counts)


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


def _num_channels(dataset: AnySet) -> int:
    """Return the channels of its images; 1 of points."""
    return dataset.channels if isinstance(dataset, DataSet) else 1
