"""Fake images, a judge and real images -> the table of figures, each beside the real one.

The reference is the images trained on. `real` is the test split scored in the same way with the
same number of images (the held-out split where a data set has no test split; `split` says which).
"""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from ganvas.data.images import DataSet
from ganvas.errors import GanvasError, UsageError
from ganvas.evaluation.compute import GROUPS, Case, Figure
from ganvas.evaluation.generated import accuracy_scores
from ganvas.evaluation.nearest import write_nearest
from ganvas.evaluation.table import METRICS, choose_metrics, least_samples, least_train
from ganvas.judge import AnyJudge, judge_for
from ganvas.model import Generator
from ganvas.real.reference import FeaturesError, Reference
from ganvas.settings import require

__all__ = ["evaluate_generator", "evaluate_pictures", "require_judge_fits"]


def evaluate_generator(
    generator: Generator,
    dataset: DataSet,
    *,
    samples: int = 10_000,
    seed: int = 0,
    metrics: Sequence[str] | None = None,
    strict: bool = True,
    judge: AnyJudge | None = None,
    judge_folders: Iterable[Path] = (),
    nearest: Path | None = None,
) -> dict[str, Any]:
    """Return the figures of `samples` samples as `ganvas eval --json` prints them.

    Samples of a conditional model draw their labels by the training data's frequencies. See
    `evaluate_pictures` for the rest.

    Raises UsageError for a generator whose images are not the data's size, too, and for
    label metrics of a model that has not the data's classes.
    """
    require(samples >= 1, "the number of samples", "1 or more", samples)
    chosen = choose_metrics(metrics)
    image = generator.config.image
    _require_same_shape((image.channels, image.height, image.width), dataset)
    reference = Reference(dataset, judge or judge_for(dataset, folders=judge_folders))
    has_classes = generator.config.class_names == dataset.class_names != ()
    strict = strict and metrics is not None
    left_out = _left_out(reference, chosen, samples, has_asked=has_classes, strict=strict)
    images, labels = generator.sample(samples, seed=seed)
    asked = labels if has_classes else None
    return _evaluate(images, asked, reference, chosen, left_out, strict, seed, nearest)


def evaluate_pictures(
    images: np.ndarray,
    labels: np.ndarray | None,
    dataset: DataSet,
    *,
    seed: int = 0,
    metrics: Sequence[str] | None = None,
    strict: bool = True,
    judge: AnyJudge | None = None,
    judge_folders: Iterable[Path] = (),
    nearest: Path | None = None,
) -> dict[str, Any]:
    """Return the figures of images uint8 (N, C, H, W), labels int64 (N,) or None.

    metrics  names; None for all but `cas`
    strict   whether a figure named in `metrics` that cannot be had is refused; else, and without
             names, it is in the result under `left_out` with the reason
    judge    another judge than the one for the data; its feature space must fit the images
    nearest  a file for a picture of the images that are nearest to training images
    seed     decides random subsets of the images where a figure draws them

    `real` takes as many real images, or all there are (`real_samples` says how many).
    Raises UsageError for unknown metrics, images of another size than the data's, labels that
    are not theirs, and a figure asked for by name that cannot be had (too few images, no labels);
    DataError for features that are not finite.
    """
    chosen = choose_metrics(metrics)
    require(len(images) >= 1, "the number of images", "1 or more", len(images))
    _require_same_shape(images.shape[1:], dataset)
    _require_labels_fit(labels, len(images), dataset)
    reference = Reference(dataset, judge or judge_for(dataset, folders=judge_folders))
    strict = strict and metrics is not None
    has_asked = labels is not None
    left_out = _left_out(reference, chosen, len(images), has_asked=has_asked, strict=strict)
    return _evaluate(images, labels, reference, chosen, left_out, strict, seed, nearest)


def require_judge_fits(judge: AnyJudge, dataset: DataSet) -> None:
    """Raise UsageError, naming the rule, unless the judge takes the data set's images."""
    if not judge.fits(channels=dataset.channels, height=dataset.height, width=dataset.width):
        there = _spoken((dataset.channels, dataset.height, dataset.width))
        raise UsageError(
            f"judge '{judge.name}' takes {judge.takes} images, {dataset.name} has {there}; "
            f"choose another judge{_training_advice(dataset, ' or ')}"
        )


def _evaluate(
    images: np.ndarray,
    labels: np.ndarray | None,
    reference: Reference,
    chosen: list[str],
    left_out: dict[str, str],
    strict: bool,
    seed: int,
    nearest: Path | None,
) -> dict[str, Any]:
    judge, count = reference.judge, len(images)
    case = Case(reference=reference, scored=reference.see(images, labels), seed=seed)
    wanted = [name for name in chosen if name not in left_out]
    found: dict[str, dict[str, Any]] = {}
    for names, compute in GROUPS:
        if not set(names) & set(wanted):
            continue
        try:
            figures = compute(case)
        except GanvasError as error:
            if strict or isinstance(error, FeaturesError):
                raise
            left_out.update(dict.fromkeys(set(names) & set(wanted), str(error)))
            continue
        real = _real_figures(reference, names, count, compute)
        for name in names:
            if name in wanted:
                found[name] = _entry(name, figures[name], real.get(name))
    if "cas" in wanted:
        assert labels is not None
        value, real_value, per_class = accuracy_scores(images, labels, reference, seed)
        figure = Figure(value=value, detail={"per_class": per_class})
        found["cas"] = _entry("cas", figure, real_value)
    if nearest is not None:
        write_nearest(nearest, images, case)
    return {
        "data": reference.dataset.name,
        "split": reference.unseen.split,
        "judge": {
            "name": judge.name,
            "digest": judge.digest,
            "kind": judge.card.get("kind", "judge"),
        },
        "samples": count,
        "real_samples": min(count, len(reference.unseen)),
        "seed": seed,
        "metrics": {name: found[name] for name in METRICS if name in found},
        "left_out": {name: left_out[name] for name in METRICS if name in left_out},
    }


def _entry(name: str, figure: Figure, real: float | None) -> dict[str, Any]:
    better = METRICS[name].higher_is_better
    return {"value": figure.value, "real": real, "higher_is_better": better, **figure.detail}


def _real_figures(
    reference: Reference, names: tuple[str, ...], count: int, compute: Any
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


def _left_out(
    reference: Reference, chosen: list[str], count: int, *, has_asked: bool, strict: bool
) -> dict[str, str]:
    """Return the figures that plainly cannot be had, before any work: name -> reason.

    Raises UsageError for a judge that does not take the data's images and, where `strict`, with
    the first reason.
    """
    require_judge_fits(reference.judge, reference.dataset)
    reasons = {
        name: reason
        for name in chosen
        if (reason := _why_not(name, reference, count, has_asked=has_asked))
    }
    if strict and reasons:
        raise UsageError(next(iter(reasons.values())))
    return reasons


def _why_not(name: str, reference: Reference, count: int, *, has_asked: bool) -> str:
    """Return why a figure cannot be had of `count` images; "" where nothing is known against it."""
    dataset, needs = reference.dataset, METRICS[name].needs
    num_train, num_features = len(dataset.train), reference.judge.num_features
    if needs and not dataset.class_names:
        return f"{name} needs labels, and {dataset.name} has none"
    if name in ("class_kl", "cas") and dataset.num_classes < 2:
        return f"{name} needs 2 classes or more, and {dataset.name} has one"
    if needs == "asked" and not has_asked:
        return (
            f"{name} needs a conditional model, or labelled images, with the classes of "
            f"{dataset.name}"
        )
    if needs and name != "cas" and not reference.knows_classes:
        return (
            f"{name} needs a judge that knows the classes of {dataset.name}, and "
            f"'{reference.judge.name}' does not{_training_advice(dataset, '; ')}"
        )
    if name in ("ct", "cas") and not len(reference.unseen):
        return (
            f"{name} needs real images that were not trained on, and {dataset.name} has neither "
            "test images nor held-out ones"
        )
    least = least_train(name, num_features)
    if num_train < least:
        return f"{name} needs {least} training images or more, and {dataset.name} has {num_train}"
    least, rule = least_samples(
        name, num_features, num_classes=dataset.num_classes, num_train=num_train
    )
    if count < least:
        why = f" ({rule})" if rule else ""
        return f"{name} needs {least} images or more{why}, got {count}; use more"
    return ""


def _training_advice(dataset: DataSet, joint: str) -> str:
    can_be = dataset.num_classes > 1 and dataset.reference  # "" for arrays, which are not kept
    return f"{joint}train one: ganvas judge train {dataset.reference}" if can_be else ""


def _require_labels_fit(labels: np.ndarray | None, count: int, dataset: DataSet) -> None:
    if labels is None:
        return
    if labels.shape != (count,) or not np.issubdtype(labels.dtype, np.integer):
        raise UsageError(
            f"labels must be one whole number for each of {count} images, got "
            f"{labels.dtype} {labels.shape}"
        )
    if dataset.num_classes and not 0 <= labels.min() <= labels.max() < dataset.num_classes:
        raise UsageError(
            f"labels must be 0..{dataset.num_classes - 1}, the classes of {dataset.name}, "
            f"found {labels.min()}..{labels.max()}"
        )


def _require_same_shape(made: tuple[int, ...], dataset: DataSet) -> None:
    there = (dataset.channels, dataset.height, dataset.width)
    if len(made) != 3:
        raise UsageError(
            f"images must be of shape (N, C, H, W), got (N, {', '.join(map(str, made))})"
        )
    if tuple(made) != there:
        raise UsageError(
            f"the images are {_spoken(made)}, those of {dataset.name} {_spoken(there)}; "
            "compare them with data like those the model was trained on"
        )


def _spoken(shape: tuple[int, ...]) -> str:
    channels, height, width = shape
    return f"{height}x{width} {'grey' if channels == 1 else f'{channels}-channel'}"
