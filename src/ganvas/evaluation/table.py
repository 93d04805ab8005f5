"""Which figures there are, which way each is better, and what it needs."""

from collections.abc import Sequence
from dataclasses import dataclass

from ganvas.errors import UsageError, did_you_mean
from ganvas.metrics.modes import NUM_MODES

__all__ = ["METRICS", "NUM_BINS", "POINT_METRICS", "Metric", "choose_metrics", "least_samples"]
__all__ += ["least_train", "num_bins"]

NUM_BINS = 100
"""Cells of the feature space for `ndb` and `ct`; with fewer training images, a fiftieth of them."""
_IMAGES_OF_A_BIN = 50


@dataclass(frozen=True, kw_only=True, slots=True)
class Metric:
    """What is known of a figure before it is computed.

    `needs` says what is asked of the images beside their pixels: nothing; `predicted`, a judge
    that knows the data's classes; `asked`, the class that each image was asked to be, too;
    `stacks`, that each is three images on top of each other.
    """

    title: str
    higher_is_better: bool
    needs: str = ""
    default: bool = True


METRICS = {
    "fd": Metric(title="Fréchet distance", higher_is_better=False),
    "fd_infinity": Metric(title="Fréchet distance for endless samples", higher_is_better=False),
    "kid": Metric(title="kernel distance", higher_is_better=False),
    "precision": Metric(title="share of samples among the real", higher_is_better=True),
    "recall": Metric(title="share of real images among the samples", higher_is_better=True),
    "density": Metric(title="how deep samples lie among the real", higher_is_better=True),
    "coverage": Metric(title="share of real images with a sample near", higher_is_better=True),
    "label_accuracy": Metric(
        title="share that shows the class asked for", higher_is_better=True, needs="asked"
    ),
    "class_kl": Metric(
        title="classes' shares beside the data's", higher_is_better=False, needs="predicted"
    ),
    "cas": Metric(
        title="accuracy of a classifier trained on samples",
        higher_is_better=True,
        needs="asked",
        default=False,
    ),
    "ndb": Metric(title="share of cells too full or too empty", higher_is_better=False),
    "ct": Metric(title="copying of training images (far below 0)", higher_is_better=True),
    "authenticity": Metric(title="share that is no copy", higher_is_better=True),
    "modes": Metric(title="modes found", higher_is_better=True, needs="stacks"),
    "modes_kl": Metric(
        title="modes' shares beside even ones", higher_is_better=False, needs="stacks"
    ),
}
"""Every figure of images by its name, in the order of listings."""

POINT_METRICS = {
    "modes": Metric(title="modes found", higher_is_better=True),
    "high_quality": Metric(title="share of points near a mode", higher_is_better=True),
}
"""Those of points."""


def choose_metrics(names: Sequence[str] | None, *, of_stacks: bool = False) -> list[str]:
    """Return the figures asked for in the table's order; None means all that are cheap.

    Figures of stacks are among these only where the data are `of_stacks`.

    Raises UsageError for unknown names, naming the nearest.
    """
    if names is None:
        return [
            name
            for name, metric in METRICS.items()
            if metric.default and (of_stacks or metric.needs != "stacks")
        ]
    asked = [names] if isinstance(names, str) else names
    for name in asked:
        if name not in METRICS:
            raise UsageError(f"unknown metric '{name}'{did_you_mean(name, METRICS)}")
    return [name for name in METRICS if name in asked]


def num_bins(num_train: int) -> int:
    """Return how many cells the feature space of so many training images has."""
    return max(1, min(NUM_BINS, num_train // _IMAGES_OF_A_BIN))


def least_samples(
    name: str, num_features: int, *, num_classes: int = 0, num_train: int = 0
) -> tuple[int, str]:
    """Return the fewest images a figure can be had from, and why in a few words ("": plainly).

    With fewer it surely cannot be had; `ct` may need more, as these must share a cell.
    """
    bins = num_bins(num_train)
    rules = {
        "fd": (num_features + 1, f"more than the judge's {num_features} features"),
        "fd_infinity": (
            2 * num_features + 2,
            f"half of them more than the judge's {num_features} features",
        ),
        "kid": (2, ""),
        **dict.fromkeys(
            ("precision", "recall", "density", "coverage"), (6, "more than the 5 neighbours")
        ),
        "class_kl": (max(1, num_classes), "as many as there are classes"),
        "cas": (2, ""),
        "ndb": (bins, "as many as there are cells"),
        "ct": (21, "more than 20 in a cell"),
        **dict.fromkeys(("modes", "modes_kl"), (NUM_MODES, "as many as there are modes")),
    }
    return rules.get(name, (1, ""))


def least_train(name: str, num_features: int) -> int:
    """Return the fewest training images that a figure can be had beside."""
    if name in ("fd", "fd_infinity"):
        return num_features + 1
    if name in ("precision", "recall", "density", "coverage"):
        return 6
    return 2 if name in ("kid", "authenticity") else 1
