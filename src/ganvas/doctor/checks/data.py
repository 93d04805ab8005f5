"""What is wrong with a data set before anything is trained on it."""

from collections.abc import Iterator, Mapping
from typing import Any

from ganvas.doctor.history import Facts, History
from ganvas.doctor.sign import Sign
from ganvas.doctor.thresholds import limit

__all__ = ["count_signs", "figure_signs", "signs"]

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


def signs(facts: Facts, history: History) -> Iterator[Sign]:
    """Yield what the look at the data at the start of a run shows."""
    names = ("images", "copies", "near_copies", "looked_at", "low", "high", "wrong", "judge_errs")
    yield from figure_signs({name: history.last("data", name) for name in names})


def figure_signs(figures: Mapping[str, Any]) -> Iterator[Sign]:
    """Yield data_duplicates (exact ones, near ones), data_leak, data_range and label_noise.

    `figures` of `ganvas.evaluation.data_figures`: `images` in all; `copies`, the exact ones, as
    `ganvas.data.health.duplicates` counts them, None where not counted; and of the images
    `looked_at`: `near_copies`, the share that are nearly another; `low` and `high`, the range of
    their brightness (0.1% and 99.9% quantiles, 0 to 255); `wrong`, the share of labels that a judge
    of this very data disagrees with, None without one; `judge_errs`, the share of labels that it
    gets wrong itself. Of a single class it may be twice that.
    """
    copies = figures["copies"] or {}
    if copies.get("train", 0) > limit("many_copies") * figures["images"]:
        evidence = {"exact_copies": copies["train"], "images": figures["images"]}
        yield Sign(name="data_duplicates", severity="warning", evidence=evidence)
    leaked = {name: copies[name] for name in ("held_out", "test") if copies.get(name)}
    if leaked:
        yield Sign(name="data_leak", severity="warning", evidence=leaked)
    looked_at = {"looked_at": figures["looked_at"]}
    if figures["near_copies"] > limit("near_copies"):
        evidence = {"near_copies": figures["near_copies"], **looked_at}
        yield Sign(name="data_duplicates", severity="warning", evidence=evidence)
    low, high = figures["low"], figures["high"]
    if high - low < limit("narrow_range") * _LEAST_RANGE:
        yield Sign(
            name="data_range", severity="warning", evidence={"darkest": low, "brightest": high}
        )
    wrong, errs = figures["wrong"], figures["judge_errs"] or 0.0
    if wrong is not None and wrong > limit("label_noise") + 2 * errs:
        evidence = {"disagreement": wrong, "judge_errs": errs, **looked_at}
        yield Sign(name="label_noise", severity="warning", evidence=evidence)
