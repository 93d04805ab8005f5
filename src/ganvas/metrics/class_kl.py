"""How far the frequencies of generated classes are from the data's."""

from typing import Any

import numpy as np
import numpy.typing as npt

from ganvas.errors import DataError, UsageError
from ganvas.metrics.checks import FloatArray, require_count
from ganvas.metrics.labels import class_histogram

__all__ = ["class_kl", "class_kl_floor"]


def class_kl(*, real_frequencies: FloatArray, predicted: npt.NDArray[np.integer[Any]]) -> float:
    """Return KL(generated || data) of the class frequencies, in nats; lower is better.

    ``KL = sum_k q_k ln(q_k / p_k)``, where p are the data's frequencies, floating point (K,)
    with sum 1, and q those of the classes that a classifier finds in generated images,
    `predicted`: integers (N,), 0..K-1, N >= K. A class that is never generated adds 0, one that
    the data does not have would make it infinite. Samples without any fault still give about
    `class_kl_floor`.

    Raises UsageError for other shapes or types, frequencies that are none, or fewer images than
    classes; DataError for a class that the data does not have, naming it.
    """
    real = _checked_frequencies(real_frequencies)
    counts = class_histogram(predicted, len(real))
    require_count("a divergence of classes", "images", len(predicted), len(real))
    unknown = np.flatnonzero((counts > 0) & (real == 0.0))
    if len(unknown):
        raise DataError(
            f"class {unknown[0]} is generated {counts[unknown[0]]} times but is not in the data "
            f"({len(unknown)} such classes in all), so the divergence from the data is infinite; "
            "compare with data that has it"
        )
    found = counts > 0
    fake = counts[found] / counts.sum()
    return max(float((fake * np.log(fake / real[found])).sum()), 0.0)  # cuts off rounding only


def class_kl_floor(num_classes: int, count: int) -> float:
    """Return about what `class_kl` gives on average for `count` perfect samples, in nats.

    ``(K - 1) / (2 n)``: 2 n KL is the likelihood ratio statistic, which tends to chi-squared
    with K-1 degrees of freedom (S. S. Wilks, 1938). The next term is
    ``(sum_k 1/p_k - 1) / (12 n^2)``: with ten equal classes and 1,000 samples 0.2% of the first.
    `num_classes` counts the classes that the data has.

    Raises UsageError for fewer than 1 class or sample.
    """
    if num_classes < 1 or count < 1:
        raise UsageError(
            "the floor of a divergence of classes needs at least 1 class and 1 sample, got "
            f"{num_classes} and {count}"
        )
    return (num_classes - 1) / (2.0 * count)


def _checked_frequencies(frequencies: FloatArray) -> FloatArray:
    if frequencies.ndim != 1 or not np.issubdtype(frequencies.dtype, np.floating):
        raise UsageError(
            "real frequencies must be floating point of shape (K,), got "
            f"{frequencies.dtype} {frequencies.shape}"
        )
    real: FloatArray = frequencies.astype(np.float64, copy=False)
    # Written so that NaN fails, too.
    if not ((real >= 0.0).all() and abs(real.sum() - 1.0) <= 1e-6):
        raise UsageError(
            "real frequencies must be 0 or more and have the sum 1, got values from "
            f"{real.min(initial=np.inf)} with the sum {real.sum()}; divide counts by their sum"
        )
    return real
