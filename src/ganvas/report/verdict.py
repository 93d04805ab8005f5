"""How good a run's samples are, in a few words: what stands at the head of its report."""

import math
from dataclasses import dataclass
from typing import Any, Literal

from ganvas.measured import samples_counted
from ganvas.report.likeness import Likeness
from ganvas.report.record import RunRecord
from ganvas.report.words import count, times

__all__ = ["UNTRAINED", "Distance", "Verdict", "distance_of", "verdict"]

UNTRAINED = "random-network"
"""The kind of a judge with random weights, as evaluations have it."""

Level = Literal["good", "fair", "poor", "unknown"]

_LADDER: tuple[tuple[float, Level, str], ...] = (
    (1.2, "good", "As good as real pictures, as far as this was measured"),
    (3.0, "good", "Close to real pictures"),
    (10.0, "fair", "Good, and still told from real pictures"),
    (100.0, "poor", "Far from real pictures"),
    (math.inf, "poor", "Very far from real pictures"),
)
"""Up to how many times the distance of real images each holds."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Distance:
    """A Fréchet distance of samples and that of `real_images` (words), measured alike.

    `images` is where it was measured on the way, None at the end of the run. `by_chance` says that
    the judge is a network with random weights.
    """

    value: float
    real: float
    samples: int | None
    real_images: str
    images: int | None
    by_chance: bool = False

    @property
    def ratio(self) -> float:
        """How many times as far from the training images as real ones are."""
        return self.value / self.real

    @property
    def level(self) -> Level:
        """How good that is."""
        return next(level for most, level, _ in _LADDER if self.ratio <= most)

    @property
    def title(self) -> str:
        """How good that is, in a few words."""
        return next(words for most, _, words in _LADDER if self.ratio <= most)


@dataclass(frozen=True, kw_only=True, slots=True)
class Verdict:
    """A title and a sentence or two that say why."""

    level: Level
    title: str
    words: str


def distance_of(record: RunRecord) -> Distance | None:
    """Return the newest distance that stands beside one of real images; None where none does."""
    evaluation = record.head.evaluation
    found = evaluation.get("metrics", {}).get("fd")
    if found:
        split = str(evaluation["split"]).replace("_", "-")
        return _distance(
            found["value"],
            found["real"],
            samples=samples_counted(evaluation),
            real_images=f"real {split} images",
            images=None,
            by_chance=evaluation["judge"].get("kind") == UNTRAINED,
        )
    for look in record.metrics.quality[-1:]:
        return _distance(
            look.figures["fd"],
            look.figures.get("real_fd"),
            samples=look.figures.get("samples"),
            real_images="as many real images",
            images=look.images,
        )
    return None


def _distance(value: Any, real: Any, *, samples: Any, **more: Any) -> Distance | None:
    if not _is_number(value) or not _is_number(real) or not real > 0 or value < 0:
        return None
    return Distance(
        value=value, real=real, samples=samples if isinstance(samples, int) else None, **more
    )


def verdict(record: RunRecord, alike: Likeness | None) -> Verdict:
    """Return how good the samples are; `alike` is their likeness, where there are pictures."""
    found = distance_of(record)
    if alike is not None and alike.is_one_picture and (found is None or found.level == "poor"):
        return _one_picture(alike, found)
    points = _of_points(record)
    if points is not None:
        return points
    if found is None:
        return Verdict(level="unknown", title="Not measured", words=_why_not(record))
    words = [_beside(found)]
    if found.by_chance:
        words.append(
            "No judge was trained for this data: a network with random weights saw it, which says "
            "less than a trained one."
        )
    return Verdict(level=found.level, title=found.title, words=" ".join(words))


def _one_picture(alike: Likeness, found: Distance | None) -> Verdict:
    title = (
        "An empty picture, again and again" if alike.is_empty else "One picture, again and again"
    )
    words = [
        "The generator draws nearly the same picture whatever random numbers it is given: it has "
        "collapsed, and this is no success."
    ]
    if found is not None:
        words.append(_beside(found))
    return Verdict(level="poor", title=title, words=" ".join(words))


def _beside(found: Distance) -> str:
    when = "" if found.images is None else f"As of the last look, at {count(found.images)} images: "
    real = found.real_images
    if found.ratio <= 1.2:
        plain = f"the samples lie about as near to the training images as {real} do"
    else:
        plain = (
            f"the samples lie {times(found.ratio)} times as far from the training images as {real}"
        )
    plain = f"{when}{plain}" if when else f"{plain[0].upper()}{plain[1:]}"
    return f"{plain} (by Fréchet distance)."


def _of_points(record: RunRecord) -> Verdict | None:
    """Return the verdict on points of the plane, whose modes can be counted."""
    metrics = record.head.evaluation.get("metrics", {})
    modes, near = metrics.get("modes"), metrics.get("high_quality")
    if not modes or not near or not modes["real"] or near["real"] is None:
        return None
    found, there = modes["value"], modes["real"]
    words = (
        f"{found:,.0f} of {there:,.0f} modes (heaps of real points) were found, and "
        f"{near['value']:.0%} of the samples lie near one; of real points {near['real']:.0%} do."
    )
    if found < 0.7 * there:
        part = "Most" if found < 0.5 * there else "Part"
        return Verdict(level="poor", title=f"{part} of the variety is missing", words=words)
    if found < there or near["value"] < 0.8 * near["real"]:
        return Verdict(level="fair", title="Near the real points, with faults", words=words)
    return Verdict(level="good", title="Close to the real points", words=words)


def _why_not(record: RunRecord) -> str:
    state = record.head.state
    if state == "running":
        return "Quality is measured now and then and at the end; there was no look at it yet."
    if state == "finished":
        return "This run was not measured: ganvas eval does it."
    if record.head.newest_picture is None:
        return "The run came to no look at its quality, and left no pictures of its own."
    return "The run came to no look at its quality: there are only its pictures to judge by."


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and math.isfinite(value)
