"""The figures as plain sentences for somebody who never saw them."""

import math
from typing import Any

from ganvas.judge.untrained import RANDOM
from ganvas.measured import samples_counted

__all__ = ["copies", "in_words"]


def in_words(evaluation: dict[str, Any]) -> list[str]:
    """Return the main figures of `evaluate_generator`'s result, and how they were made."""
    split = str(evaluation["split"]).replace("_", "-")
    metrics = evaluation["metrics"]
    if evaluation["judge"].get("kind") == "law":
        return _points_in_words(evaluation)
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
    sentences += _modes_in_words(metrics, split)
    if copies(evaluation):
        sentences.append(
            "The images look copied: more of them than of unseen real images lie closer to a "
            "training image than other training images do."
        )
    judge, unseen = evaluation["judge"], evaluation["real_samples"]
    beside = f"{unseen:,} {split} images" if unseen else "no unseen real images"
    fewer = samples_counted(evaluation)
    where = f" ({fewer:,} where the number counts)" if fewer < evaluation["samples"] else ""
    sentences.append(
        f"Measured on {evaluation['samples']:,} samples{where} and {beside} of "
        f"{evaluation['data']}, judge {judge['name']} ({judge['digest'][7:15]}), "
        f"seed {evaluation['seed']}."
    )
    if judge.get("kind") == RANDOM:
        sentences.append(
            "The judge is a network with random weights, as none was trained for this data: its "
            "figures compare models of the same data, and say less than a trained judge's."
        )
    return sentences


def copies(evaluation: dict[str, Any]) -> bool:
    """Return whether the figures say that training images were copied.

    True where `authenticity` is below half of what unseen real images have, by more than chance
    makes of as many different images: one image that is repeated is no evidence. `ct` does not
    decide: it is far below 0, too, for images that are merely typical, as truncation makes them.
    """
    told = evaluation["metrics"].get("authenticity")
    if told is None or told["real"] is None or not told.get("different"):
        return False
    value, real = told["value"], told["real"]
    deviation = math.sqrt(real * (1.0 - real) / told["different"])
    return bool(value < real / 2.0 and real - value > 3.0 * deviation)


def _modes_in_words(metrics: dict[str, Any], split: str) -> list[str]:
    """Return what figures of stacks say; nothing for other images."""
    sentences = []
    if "modes" in metrics and "of" in metrics["modes"]:
        found = metrics["modes"]
        beside = "" if found["real"] is None else f" (by real {split} images {found['real']:,})"
        sentences.append(
            f"{found['value']:,} of {found['of']:,} modes found{beside}; {found['confident']:,} "
            f"where judge {found['judge']} is sure of all three digits."
        )
    if "modes_kl" in metrics:
        kl = metrics["modes_kl"]
        beside = "" if kl["real"] is None else f" (real {split} images {kl['real']:.4f})"
        sentences.append(
            f"Their shares are {kl['value']:.4f} nats from even ones{beside}; as many perfect "
            f"samples would be at {kl['floor']:.4f} by chance."
        )
    return sentences


def _points_in_words(evaluation: dict[str, Any]) -> list[str]:
    metrics, sentences = evaluation["metrics"], []
    if "modes" in metrics:
        found = metrics["modes"]
        sentences.append(
            f"{found['value']} of {found['of']} modes found ({found['real']} by real test points)."
        )
    if "high_quality" in metrics:
        share = metrics["high_quality"]
        sentences.append(
            f"{share['value']:.1%} of the points lie within three standard deviations of a mode "
            f"({share['real']:.1%} of real test points)."
        )
    sentences.append(
        f"Measured on {evaluation['samples']:,} points and {evaluation['real_samples']:,} test "
        f"points of {evaluation['data']}, by its law, seed {evaluation['seed']}."
    )
    return sentences


def _beside(real: float | None, split: str, digits: int) -> str:
    return "" if real is None else f" ({real:.{digits}%} of real {split} images)"
