"""What is wrong with a data set before anything is trained on it."""

from collections.abc import Iterator, Mapping

import numpy as np

from ganvas.doctor.samples import Floats, nearest
from ganvas.doctor.sign import Sign
from ganvas.doctor.thresholds import limit

__all__ = ["copy_signs", "count_signs", "feature_signs"]

_NEAR = 0.1  # of the usual distance to the nearest
_LEAST_RANGE = 255.0


def count_signs(num_train: int | None, class_counts: Mapping[str, int]) -> Iterator[Sign]:
    """Yield data_too_small and data_unbalanced."""
    if num_train is not None and num_train < limit("few_images"):
        few_images = {"training_images": num_train}
        yield Sign(name="data_too_small", severity="warning", evidence=few_images)
    if len(class_counts) > 1:
        few = min(class_counts, key=class_counts.__getitem__)
        many = max(class_counts, key=class_counts.__getitem__)
        if class_counts[many] > limit("unbalanced") * class_counts[few]:
            evidence: dict[str, object] = {
                "largest": many,
                "largest_images": class_counts[many],
                "smallest": few,
                "smallest_images": class_counts[few],
            }
            yield Sign(name="data_unbalanced", severity="warning", evidence=evidence)


def copy_signs(total: int, copies: Mapping[str, int]) -> Iterator[Sign]:
    """Yield data_duplicates and data_leak from the counts of `ganvas.data.health.duplicates`."""
    if copies["train"] > limit("many_copies") * total:
        evidence = {"exact_copies": copies["train"], "images": total}
        yield Sign(name="data_duplicates", severity="warning", evidence=evidence)
    leaked = {name: copies[name] for name in ("held_out", "test") if copies[name]}
    if leaked:
        yield Sign(name="data_leak", severity="warning", evidence=leaked)


def feature_signs(*, features: Floats, low: int, high: int, wrong: float | None) -> Iterator[Sign]:
    """Yield data_duplicates (near ones), data_range and label_noise.

    `features` (N, D) of some training images, whose brightness runs from `low` to `high` (0.1% and
    99.9% quantiles); `wrong`: share of their labels that a judge disagrees with.
    """
    if len(features) > 1:
        distances = nearest(features)
        share = float((distances < _NEAR * np.median(distances)).mean())
        if share > limit("near_copies"):
            evidence = {"near_copies": round(share, 4), "looked_at": len(features)}
            yield Sign(name="data_duplicates", severity="warning", evidence=evidence)
    if high - low < limit("narrow_range") * _LEAST_RANGE:
        yield Sign(name="data_range", severity="warning", evidence={"low": low, "high": high})
    if wrong is not None and wrong > limit("label_noise"):
        evidence = {"disagreement": round(wrong, 4)}
        yield Sign(name="label_noise", severity="warning", evidence=evidence)
