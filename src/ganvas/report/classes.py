"""Shares of the classes among a run's samples and among the images it trains on."""

import math
from dataclasses import dataclass
from typing import Any

from ganvas.errors import GanvasError
from ganvas.files import inside, read_json
from ganvas.report.record import RunRecord

__all__ = ["ClassShares", "class_shares"]

_MODELS = ("model", "best")


@dataclass(frozen=True, kw_only=True, slots=True)
class ClassShares:
    """`fake[k]` of `samples` samples at `images` images show class `names[k]`; so do `real[k]` of
    the training images, () where that is not known.
    """

    names: tuple[str, ...]
    real: tuple[float, ...]
    fake: tuple[float, ...]
    samples: int
    images: int


def class_shares(record: RunRecord) -> ClassShares | None:
    """Return the shares of the newest look that counted classes; None where none did."""
    for look in reversed(record.metrics.signals):
        counts = look.figures.get("class_histogram")
        if isinstance(counts, tuple) and counts and min(counts) >= 0 and sum(counts) > 0:
            names, real = _classes(record, len(counts))
            expected = look.figures.get("class_expected")
            if isinstance(expected, tuple) and len(expected) == len(counts):
                real = expected
            total = math.fsum(counts)
            return ClassShares(
                names=names,
                real=real,
                fake=tuple(count / total for count in counts),
                samples=round(total),
                images=look.images,
            )
    return None


def _classes(record: RunRecord, count: int) -> tuple[tuple[str, ...], tuple[float, ...]]:
    """Return the classes' names and shares in the data, as the run's model has them."""
    for name in _MODELS:
        try:
            config: Any = read_json(inside(record.head.path, f"{name}/config.json"))
        except GanvasError:
            continue
        names = config.get("class_names") if isinstance(config, dict) else None
        shares = config.get("class_frequencies") if isinstance(config, dict) else None
        if not isinstance(names, list) or len(names) != count:
            continue
        if not isinstance(shares, list) or len(shares) != count or not all(map(_is_share, shares)):
            shares = []
        return tuple(map(str, names)), tuple(map(float, shares))
    return tuple(map(str, range(count))), ()


def _is_share(value: Any) -> bool:
    return isinstance(value, int | float) and 0 <= value <= 1
