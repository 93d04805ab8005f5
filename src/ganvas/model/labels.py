"""Classes as somebody names them -> the numbers that a network takes."""

import operator
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from ganvas.errors import UsageError, did_you_mean

__all__ = ["class_numbers", "whole_number"]


def class_numbers(labels: Any, n: int, names: Sequence[str]) -> np.ndarray:
    """Return int64 (n,): the classes given by name or number, one for all or one for each image.

    Raises UsageError for a class that is not among `names`, another count, and where there are no
    classes.
    """
    if not names:
        raise UsageError("this model has no classes, so it takes no labels")
    single = isinstance(labels, str) or not isinstance(labels, Iterable)
    given = [labels] if single or getattr(labels, "ndim", None) == 0 else list(labels)
    if len(given) == 1:
        given = given * n
    if len(given) != n:
        raise UsageError(f"labels must be one for all or {n}, one for each image: {len(given)}")
    return np.array([_class_number(label, names) for label in given], dtype=np.int64)


def _class_number(label: Any, names: Sequence[str]) -> int:
    """Return the number of a class given by name or number."""
    if isinstance(label, str):
        if label in names:
            return names.index(label)
        if not label.isdecimal() or len(label) > 9:
            raise UsageError(f"no class '{label}'{did_you_mean(label, names)}")
        label = int(label)
    number = whole_number(label, "a label")
    if not 0 <= number < len(names):
        raise UsageError(f"label {number} is out of range: the model has 0 to {len(names) - 1}")
    return number


def whole_number(value: Any, name: str) -> int:
    """Return a whole number (NumPy's and torch's too) as Python's own."""
    try:
        number = operator.index(value)
    except TypeError:
        number = None
    if number is None or isinstance(value, bool):
        raise UsageError(f"{name} must be a whole number, not {value!r}")
    return number
