"""What each figure needs of images, data and judge: told by its rule before any work is done."""

import numpy as np

from ganvas.data.images import DataSet
from ganvas.errors import UsageError
from ganvas.evaluation.stacks import holds_stacks
from ganvas.evaluation.table import METRICS, least_samples, least_train
from ganvas.judge import AnyJudge
from ganvas.real.reference import Reference

__all__ = ["reasons_against", "require_judge_fits", "require_labels_fit", "require_same_shape"]


def reasons_against(
    names: list[str], reference: Reference, count: int, *, has_asked: bool
) -> dict[str, str]:
    """Return which of the figures plainly cannot be had of `count` images: name -> reason.

    `has_asked` says whether the class that each image was asked to be is known. A figure may
    still turn out impossible while it is computed (cells too empty for `ct`).
    """
    against = {name: _reason(name, reference, count, has_asked=has_asked) for name in names}
    return {name: reason for name, reason in against.items() if reason}


def _reason(name: str, reference: Reference, count: int, *, has_asked: bool) -> str:
    """Return why a figure cannot be had; "" where nothing is known against it."""
    dataset, needs = reference.dataset, METRICS[name].needs
    num_train, num_features = len(dataset.train), reference.judge.num_features
    if needs == "stacks":
        if not holds_stacks(dataset):
            return f"{name} counts stacks of three digits (stacked-mnist); {dataset.name} has none"
        needs = ""
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


def require_judge_fits(judge: AnyJudge, dataset: DataSet) -> None:
    """Raise UsageError, naming the rule, unless the judge takes the data set's images."""
    if not judge.fits(channels=dataset.channels, height=dataset.height, width=dataset.width):
        there = _spoken((dataset.channels, dataset.height, dataset.width))
        raise UsageError(
            f"judge '{judge.name}' takes {judge.takes} images, {dataset.name} has {there}; "
            f"choose another judge{_training_advice(dataset, ' or ')}"
        )


def require_same_shape(made: tuple[int, ...], dataset: DataSet) -> None:
    """Raise UsageError unless images of shape `made`, (C, H, W), are as large as the data's."""
    if len(made) != 3:
        raise UsageError(
            f"images must be of shape (N, C, H, W), got (N, {', '.join(map(str, made))})"
        )
    there = (dataset.channels, dataset.height, dataset.width)
    if made != there:
        raise UsageError(
            f"the images are {_spoken(made)}, those of {dataset.name} {_spoken(there)}; "
            "compare them with data like those the model was trained on"
        )


def require_labels_fit(labels: np.ndarray | None, count: int, dataset: DataSet) -> None:
    """Raise UsageError unless labels, if any, are one of the data's classes for each image."""
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


def _training_advice(dataset: DataSet, joint: str) -> str:
    can_be = dataset.num_classes > 1 and dataset.reference  # "" for arrays, which are not kept
    return f"{joint}train one: ganvas judge train {dataset.reference}" if can_be else ""


def _spoken(shape: tuple[int, ...]) -> str:
    channels, height, width = shape
    return f"{height}x{width} {'grey' if channels == 1 else f'{channels}-channel'}"
