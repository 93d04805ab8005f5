"""Fake images, a judge and real images -> the table of figures, each beside the real one.

The reference is the images trained on. `real` is the test split scored in the same way with the
same number of images (the held-out split where a data set has no test split; `split` says which).
"""

from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np

from ganvas.data.images import DataSet
from ganvas.errors import GanvasError, UsageError
from ganvas.evaluation.compute import GROUPS, Case, Figure, Figures, as_many_as_real
from ganvas.evaluation.generated import accuracy_scores
from ganvas.evaluation.nearest import write_nearest
from ganvas.evaluation.needs import (
    reasons_against,
    require_judge_fits,
    require_labels_fit,
    require_same_shape,
)
from ganvas.evaluation.stacks import holds_stacks, stack_figures
from ganvas.evaluation.table import METRICS, choose_metrics
from ganvas.judge import AnyJudge
from ganvas.model import Generator
from ganvas.real.reference import FeaturesError, Reference
from ganvas.settings import require

__all__ = ["evaluate_generator", "evaluate_pictures"]


def evaluate_generator(
    generator: Generator,
    dataset: DataSet,
    *,
    judge: AnyJudge,
    samples: int = 10_000,
    seed: int = 0,
    metrics: Sequence[str] | None = None,
    strict: bool = True,
    nearest: Path | None = None,
) -> dict[str, Any]:
    """Return the figures of `samples` samples as `ganvas eval --json` prints them.

    Samples of a conditional model draw their labels by the training data's frequencies. See
    `evaluate_pictures` for the rest; what it refuses is refused before any sample is made.

    Raises UsageError for a generator whose images are not the data's size, too, and for label
    metrics of a model that has not the data's classes.
    """
    require(samples >= 1, "the number of samples", "1 or more", samples)
    image = generator.config.image
    shape = (image.channels, image.height, image.width)
    has_classes = generator.config.class_names == dataset.class_names != ()
    _prepare(dataset, judge, shape, samples, metrics, has_asked=has_classes, strict=strict)
    images, labels = generator.sample(samples, seed=seed)
    return evaluate_pictures(
        images,
        labels if has_classes else None,
        dataset,
        judge=judge,
        seed=seed,
        metrics=metrics,
        strict=strict,
        nearest=nearest,
    )


def evaluate_pictures(
    images: np.ndarray,
    labels: np.ndarray | None,
    dataset: DataSet,
    *,
    judge: AnyJudge,
    seed: int = 0,
    metrics: Sequence[str] | None = None,
    strict: bool = True,
    nearest: Path | None = None,
) -> dict[str, Any]:
    """Return the figures of images uint8 (N, C, H, W), labels int64 (N,) or None.

    judge    whose feature space distances are measured in; it must take the data's images
    metrics  names; None for all but `cas`
    strict   whether a figure named in `metrics` that cannot be had is refused; else, and without
             names, it is in the result under `left_out` with the reason
    nearest  a file for a picture of the images that are nearest to training images
    seed     decides random subsets of the images where a figure draws them

    `real` takes as many real images, or all there are (`real_samples` says how many). Where these
    are fewer, a figure that depends on the number is of as many of the images (`samples` in it).
    Raises UsageError for unknown metrics, images of another size than the data's, labels that
    are not theirs, and a figure asked for by name that cannot be had (too few images, no labels);
    DataError for features that are not finite.
    """
    count = len(images)
    require(count >= 1, "the number of images", "1 or more", count)
    require_labels_fit(labels, count, dataset)
    reference, wanted, left_out = _prepare(
        dataset,
        judge,
        images.shape[1:],
        count,
        metrics,
        has_asked=labels is not None,
        strict=strict,
    )
    case = Case(reference=reference, scored=reference.see(images, labels), seed=seed)
    found, failed = _compute(case, wanted, count, strict=metrics is not None and strict)
    left_out |= failed
    found |= _of_images(images, labels, reference, wanted, seed)
    if nearest is not None:
        write_nearest(nearest, images, case)
    return {
        "data": dataset.name,
        "split": reference.unseen.split,
        "judge": _said_of(judge),
        "samples": count,
        "real_samples": min(count, len(reference.unseen)),
        "seed": seed,
        "metrics": {name: found[name] for name in METRICS if name in found},
        "left_out": {name: left_out[name] for name in METRICS if name in left_out},
    }


def _prepare(
    dataset: DataSet,
    judge: AnyJudge,
    shape: tuple[int, ...],
    count: int,
    metrics: Sequence[str] | None,
    *,
    has_asked: bool,
    strict: bool,
) -> tuple[Reference, list[str], dict[str, str]]:
    """Return the reference, the figures to compute, and those left out; refuse what cannot be."""
    chosen = choose_metrics(metrics, of_stacks=holds_stacks(dataset))
    require_same_shape(shape, dataset)
    require_judge_fits(judge, dataset)
    reference = Reference(dataset, judge)
    left_out = reasons_against(chosen, reference, count, has_asked=has_asked)
    if left_out and metrics is not None and strict:
        raise UsageError(next(iter(left_out.values())))
    return reference, [name for name in chosen if name not in left_out], left_out


def _compute(
    case: Case, wanted: Sequence[str], count: int, *, strict: bool
) -> tuple[dict[str, dict[str, Any]], dict[str, str]]:
    """Return the wanted figures, each beside the real one, and why those are left out that failed.

    An error of the judge ends it, and where `strict` any does.
    """
    found: dict[str, dict[str, Any]] = {}
    failed: dict[str, str] = {}
    for names, compute in GROUPS:
        asked = [name for name in names if name in wanted]
        if not asked:
            continue
        try:
            some, figures, compares = _computed(case, names, compute)
        except GanvasError as error:
            if strict or isinstance(error, FeaturesError):
                raise
            failed.update(dict.fromkeys(asked, str(error)))
            continue
        real = _real_figures(case.reference, names, count, compute) if compares else {}
        fewer = {} if some is case else {"samples": len(some.scored)}
        found.update({name: _entry(name, figures[name], real.get(name)) | fewer for name in asked})
    return found, failed


def _computed(
    case: Case, names: tuple[str, ...], compute: Callable[[Case], Figures]
) -> tuple[Case, Figures, bool]:
    """Return a group's figures, what they are of, and whether real ones compare with them.

    They are of as many images as there are real ones; of all, and alone, where those are too few.
    """
    some = as_many_as_real(case, names)
    if some is not case:
        with suppress(GanvasError):
            return some, compute(some), True
    return case, compute(case), some is case


def _of_images(
    images: np.ndarray,
    labels: np.ndarray | None,
    reference: Reference,
    wanted: Sequence[str],
    seed: int,
) -> dict[str, dict[str, Any]]:
    """Return the wanted figures that are of the images, not of what the judge makes of them."""
    found: dict[str, dict[str, Any]] = {}
    if "cas" in wanted:
        assert labels is not None
        value, real_value, per_class = accuracy_scores(images, labels, reference, seed)
        figure = Figure(value=value, detail={"per_class": per_class})
        found["cas"] = _entry("cas", figure, real_value)
    stacked = [name for name in wanted if METRICS[name].needs == "stacks"]
    if stacked:
        figures = stack_figures(images, reference)
        found |= {name: figures[name] for name in stacked}
    return found


def _said_of(judge: AnyJudge) -> dict[str, Any]:
    return {"name": judge.name, "digest": judge.digest, "kind": judge.card.get("kind", "judge")}


def _entry(name: str, figure: Figure, real: float | None) -> dict[str, Any]:
    better = METRICS[name].higher_is_better
    return {"value": figure.value, "real": real, "higher_is_better": better, **figure.detail}


def _real_figures(
    reference: Reference, names: tuple[str, ...], count: int, compute: Callable[[Case], Figures]
) -> dict[str, float]:
    """Return the figures of real unseen images; {} where there are too few of them."""

    def fresh() -> dict[str, np.ndarray]:
        scored = reference.view(reference.unseen, count)
        figures = compute(Case(reference=reference, scored=scored, is_real=True))
        return {name: np.array([figures[name].value]) for name in names}

    if not len(reference.unseen):
        return {}
    try:
        arrays = reference.figures(names, [min(count, len(reference.unseen)), *names], fresh)
    except FeaturesError:  # not this figure is at fault
        raise
    except GanvasError:
        return {}
    return {name: float(array[0]) for name, array in arrays.items()}
