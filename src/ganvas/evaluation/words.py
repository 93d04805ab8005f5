"""The figures as plain sentences for somebody who never saw them."""

from typing import Any

from ganvas.judge.untrained import RANDOM

__all__ = ["copies", "in_words"]


def in_words(evaluation: dict[str, Any]) -> list[str]:
    """Return the main figures of `evaluate_generator`'s result, and how they were made."""
    split = str(evaluation["split"]).replace("_", "-")
    metrics = evaluation["metrics"]
    sentences = []
    if "fd" in metrics:
        value, real = metrics["fd"]["value"], metrics["fd"]["real"]
        times = f"{value / real:.1f} times that of" if real else "beside"
        beside = "" if real is None else f", {times} real {split} images ({real:.4f})"
        sentences.append(
            f"Fréchet distance to the training images {value:.4f}{beside}; lower is better."
        )
    if "coverage" in metrics:
        value, real = metrics["coverage"]["value"], metrics["coverage"]["real"]
        sentences.append(
            f"{value:.1%} of the real variety is covered{_beside(real, split, 1)}; "
            "low means that kinds of images are missing."
        )
    if "label_accuracy" in metrics:
        value, real = metrics["label_accuracy"]["value"], metrics["label_accuracy"]["real"]
        sentences.append(
            f"{value:.2%} of the samples show the class that was asked for, as the judge sees "
            f"it{_beside(real, split, 2)}."
        )
    if copies(evaluation):
        sentences.append(
            "The images are copied: they lie nearer to training images than unseen real images do."
        )
    judge = evaluation["judge"]
    sentences.append(
        f"Measured on {evaluation['samples']:,} samples and {evaluation['real_samples']:,} "
        f"{split} images of {evaluation['data']}, judge {judge['name']} "
        f"({judge['digest'][7:15]}), seed {evaluation['seed']}."
    )
    if judge.get("kind") == RANDOM:
        sentences.append(
            "The judge is a network with random weights, as none was trained for this data: its "
            "figures compare models of the same data, and say less than a trained judge's."
        )
    return sentences


def copies(evaluation: dict[str, Any]) -> bool:
    """Return whether the figures say that training images were copied.

    True where `authenticity` is below half of what unseen real images have, or `ct` is more
    than 5 standard deviations below theirs and below -5.
    """
    metrics = evaluation["metrics"]
    told = metrics.get("authenticity")
    if told is not None and told["real"] is not None and told["value"] < told["real"] / 2:
        return True
    told = metrics.get("ct")
    return (
        told is not None
        and told["real"] is not None
        and told["value"] < min(-5.0, told["real"] - 5.0)
    )


def _beside(real: float | None, split: str, digits: int) -> str:
    return "" if real is None else f" ({real:.{digits}%} of real {split} images)"
