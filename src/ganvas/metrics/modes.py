"""Modes of Stacked MNIST: the thousand triples of digits, one in each colour channel."""

from dataclasses import dataclass
from math import lgamma
from typing import Any

import numpy as np
import numpy.typing as npt

from ganvas.errors import DataError, UsageError
from ganvas.metrics.checks import FloatArray, require_count

__all__ = ["NUM_MODES", "Modes", "modes_floor", "stacked_modes"]

_CHANNELS = 3
_DIGITS = 10
NUM_MODES = _DIGITS**_CHANNELS
"""How many triples of digits there are."""

_MAX_DEVIATIONS = 12.0  # counts further from their mean have no weight in float64


@dataclass(frozen=True, kw_only=True, slots=True)
class Modes:
    """Modes met at least once, of `NUM_MODES`, and how unevenly all of them are met.

    `kl` is KL(generated || uniform) in nats. `confident` counts only images whose digits the
    classifier is sure of; None where its confidence was not given.
    """

    found: int
    kl: float
    confident: int | None


def stacked_modes(
    *,
    predicted: npt.NDArray[np.integer[Any]],
    confidence: npt.NDArray[np.floating[Any]] | None = None,
    threshold: float = 0.9,
) -> Modes:
    """Return how many of the thousand modes generated images show, and how evenly.

    `predicted` is the digit that a classifier sees in each channel, integers (N, 3), 0..9, with
    N >= 1000: fewer could not show all. ``KL = sum_m q_m ln(1000 q_m)``, where q_m is the share
    of images of mode m; modes never met add 0 (Lin et al., PacGAN, arXiv 1712.04086, with 26,000
    images as in VEEGAN, arXiv 1705.07761). More modes and a lower divergence are better;
    `modes_floor` says what a finite number of perfect samples gives. With `confidence`, the
    probability 0..1 of each of these digits, floating (N, 3), modes are also counted over those
    images alone whose three values are all above `threshold`, so that noise does not count.

    Raises UsageError for fewer images or shapes or types that do not fit, DataError for digits
    or probabilities out of range.
    """
    if predicted.ndim != 2 or predicted.shape[1] != _CHANNELS:
        raise UsageError(f"predicted digits must have shape (N, 3), got {predicted.shape}")
    if not np.issubdtype(predicted.dtype, np.integer):
        raise UsageError(f"predicted digits must be integers, got {predicted.dtype}")
    require_count("a count of modes", "images", len(predicted), NUM_MODES)
    if predicted.min() < 0 or predicted.max() >= _DIGITS:
        raise DataError(f"digits must be 0..9, found {predicted.min()}..{predicted.max()}")
    modes = predicted.astype(np.int64) @ np.array([_DIGITS**2, _DIGITS, 1])
    confident = None
    if confidence is not None:
        sure = (_checked_confidence(confidence, predicted.shape) > threshold).all(axis=1)
        confident = len(np.unique(modes[sure]))
    counts = np.unique(modes, return_counts=True)[1]
    shares = counts / len(modes)
    kl = float((shares * np.log(shares * NUM_MODES)).sum())
    return Modes(found=len(counts), kl=max(kl, 0.0), confident=confident)  # cuts off rounding


def modes_floor(num_modes: int, count: int, *, frequencies: FloatArray | None = None) -> float:
    """Return the expected KL(generated || uniform), in nats, of `count` perfect samples.

    ``E KL = ln K + sum_m E[(c_m / n) ln(c_m / n)]`` with c_m binomial of n and the mode's
    frequency, summed term by term, so exact; about ``(K - 1) / (2 n)`` above the divergence of
    the law itself. Samples are perfect when drawn from `frequencies`, float64 (num_modes,) with
    sum 1, or, without them, evenly from all modes: 26,000 of 1,000 modes give 0.0193.

    Raises UsageError for fewer than 1 mode or sample or for frequencies that are none.
    """
    if num_modes < 1 or count < 1:
        raise UsageError(
            f"the floor of modes needs at least 1 mode and 1 sample, got {num_modes} and {count}"
        )
    law = np.full(num_modes, 1.0 / num_modes) if frequencies is None else frequencies
    if law.shape != (num_modes,) or not ((law >= 0.0).all() and abs(law.sum() - 1.0) <= 1e-6):
        raise UsageError(
            f"frequencies must be {num_modes} values of 0 or more with the sum 1, got shape "
            f"{law.shape} with the sum {law.sum()}"
        )
    # Equal frequencies have equal terms; sums of equal products may differ in the last digits.
    values, times = np.unique(law.round(15), return_counts=True)
    log_factorials = np.array([lgamma(number + 1.0) for number in range(count + 1)])
    terms = [_entropy_term(float(value), count, log_factorials) for value in values]
    return float(np.log(num_modes) + (times * np.array(terms)).sum())


def _entropy_term(frequency: float, count: int, log_factorials: FloatArray) -> float:
    """Return E[(c/n) ln(c/n)] of a binomial count c of n trials."""
    if frequency <= 0.0 or frequency >= 1.0:
        return 0.0
    mean = count * frequency
    reach = _MAX_DEVIATIONS * np.sqrt(mean) + 40.0
    first, last = max(1, int(mean - reach)), min(count, int(mean + reach))
    hits = np.arange(first, last + 1)
    log_chance = (
        log_factorials[count]
        - log_factorials[hits]
        - log_factorials[count - hits]
        + hits * np.log(frequency)
        + (count - hits) * np.log1p(-frequency)
    )
    shares = hits / count
    return float((np.exp(log_chance) * shares * np.log(shares)).sum())


def _checked_confidence(
    confidence: npt.NDArray[np.floating[Any]], shape: tuple[int, ...]
) -> FloatArray:
    if confidence.shape != shape or not np.issubdtype(confidence.dtype, np.floating):
        raise UsageError(
            f"confidence must be floating point of shape {shape}, as the digits, got "
            f"{confidence.dtype} {confidence.shape}"
        )
    if not ((confidence >= 0.0) & (confidence <= 1.0)).all():
        raise DataError(
            "confidence must be probabilities 0..1, found values that are not; NaN means that "
            "the classifier or its images are damaged"
        )
    return confidence.astype(np.float64, copy=False)
