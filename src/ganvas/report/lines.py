"""The lines that a run writes as it goes, sorted by kind; whatever is damaged is passed over.

Bytes in, frozen records out: nothing is opened here, so that who follows a growing file can read
what was added since. Each line of metrics.jsonl is of one kind:

log         means since the line before: losses, logits, accuracies, images per second
validation  what D makes of training, held-out and fake images (`ganvas.validation`)
quality     a look at quality on the way (a probe with `fd`; `ganvas.evaluation.probe`)
signals     gradient norms, quantiles of logits and the like (a probe with any of `SIGNALS`)
"""

import json
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, TypeGuard

__all__ = ["QUANTILES", "SIGNALS", "Bands", "Line", "Metrics", "Series"]
__all__ += ["bands", "parse_metrics", "parse_newest", "parse_objects", "plain_figures", "series"]

Figure = int | float | str | tuple[float, ...]

QUANTILES = (0.05, 0.25, 0.50, 0.75, 0.95)
"""Which quantiles of D's logits a line of signals gives, in this order."""

SIGNALS = frozenset(
    "g_gradient_norm d_gradient_norm fake_gradient_norm real_logits held_out_logits fake_logits "
    "g_update_ratio d_update_ratio contrast saturation feature_diversity class_histogram".split()
)
"""The figures of a line of signals; each may be missing."""

_LONGEST_TEXT = 200  # letters
_LONGEST_LIST = 10_000  # numbers
_MOST_EXACT = 2**53  # up to here every whole number is a float


@dataclass(frozen=True, kw_only=True, slots=True)
class Line:
    """What a run knew after so many images (real ones drawn) and seconds of training.

    `figures` holds finite numbers, short texts and tuples of finite numbers; what was null, not
    finite or nested is not in it. `seconds` is None where the line did not say.
    """

    images: int
    seconds: float | None
    figures: Mapping[str, Figure]


@dataclass(frozen=True, kw_only=True, slots=True)
class Metrics:
    """The lines of metrics.jsonl by kind, each in the file's order; `damaged` lines were none."""

    log: tuple[Line, ...] = ()
    validation: tuple[Line, ...] = ()
    quality: tuple[Line, ...] = ()
    signals: tuple[Line, ...] = ()
    damaged: int = 0

    @property
    def last(self) -> Line | None:
        """The line of the most images, of any kind."""
        ends = [kind[-1] for kind in self._kinds if kind]
        return max(ends, key=lambda line: line.images, default=None)

    def __add__(self, newer: "Metrics") -> "Metrics":
        """Return these lines and then those that a file had `newer`."""
        return Metrics(
            log=self.log + newer.log,
            validation=self.validation + newer.validation,
            quality=self.quality + newer.quality,
            signals=self.signals + newer.signals,
            damaged=self.damaged + newer.damaged,
        )

    @property
    def _kinds(self) -> tuple[tuple[Line, ...], ...]:
        return self.log, self.validation, self.quality, self.signals


@dataclass(frozen=True, kw_only=True, slots=True)
class Series:
    """One figure where it is known: three tuples of one length, in the lines' order."""

    images: tuple[int, ...]
    seconds: tuple[float | None, ...]
    values: tuple[float, ...]

    def __len__(self) -> int:
        return len(self.values)


@dataclass(frozen=True, kw_only=True, slots=True)
class Bands:
    """Quantiles of one figure: `values[i]` are those of `QUANTILES` at `images[i]`, ascending."""

    images: tuple[int, ...]
    seconds: tuple[float | None, ...]
    values: tuple[tuple[float, ...], ...]

    def __len__(self) -> int:
        return len(self.values)


def series(lines: Iterable[Line], name: str) -> Series:
    """Return the numbers called `name`; lines without it are left out."""
    found = [(line, value) for line in lines if (value := _number(line, name)) is not None]
    return Series(
        images=tuple(line.images for line, _ in found),
        seconds=tuple(line.seconds for line, _ in found),
        values=tuple(value for _, value in found),
    )


def bands(lines: Iterable[Line], name: str) -> Bands:
    """Return the quantiles called `name`; lines without five ascending numbers are left out."""
    found = [
        (line, value)
        for line in lines
        if isinstance(value := line.figures.get(name), tuple)
        and len(value) == len(QUANTILES)
        and all(lower <= upper for lower, upper in pairwise(value))
    ]
    return Bands(
        images=tuple(line.images for line, _ in found),
        seconds=tuple(line.seconds for line, _ in found),
        values=tuple(value for _, value in found),
    )


def parse_metrics(content: bytes) -> Metrics:
    """Return the lines in `content` of metrics.jsonl.

    A last line without its end is being written right now, or was when the run was killed: it is
    passed over and is not damage. Who follows a file goes on at the last line's end.
    """
    log, validation, quality, signals = [], [], [], []
    objects, damaged = parse_objects(content)
    for values in objects:
        place = _place(values)
        if place is None:
            damaged += 1
            continue
        images, seconds = place
        inner = {key: values[key] for key in ("validation", "probe") if key in values}
        if any(not isinstance(part, dict) for part in inner.values()):
            damaged += 1
            continue
        if not inner:
            figures = plain_figures(values, leave_out=("images", "seconds"))
            log.append(Line(images=images, seconds=seconds, figures=figures))
        if "validation" in inner:
            figures = plain_figures(inner["validation"])
            validation.append(Line(images=images, seconds=seconds, figures=figures))
        if "probe" in inner:
            figures = plain_figures(inner["probe"])
            line = Line(images=images, seconds=seconds, figures=figures)
            if "fd" in figures:
                quality.append(line)
            if not SIGNALS.isdisjoint(figures):
                signals.append(line)
    return Metrics(
        log=tuple(log),
        validation=tuple(validation),
        quality=tuple(quality),
        signals=tuple(signals),
        damaged=damaged,
    )


def parse_newest(content: bytes) -> Metrics:
    """Return the newest line of the log in `content`, and what was written after it.

    As `parse_metrics` of these lines; the others are not looked at.
    """
    *lines, _unfinished = content.split(b"\n")
    found = Metrics()
    while lines and not found.log:
        found = parse_metrics(lines.pop() + b"\n") + found
    return found


def parse_objects(content: bytes) -> tuple[list[dict[str, Any]], int]:
    """Return the JSON objects of all whole lines, and how many whole lines were none."""
    *lines, _unfinished = content.split(b"\n")
    found, damaged = [], 0
    for line in lines:
        try:
            values = json.loads(line)
        except (ValueError, RecursionError):
            values = None
        if isinstance(values, dict):
            found.append(values)
        else:
            damaged += 1
    return found, damaged


def plain_figures(values: Mapping[str, Any], leave_out: Sequence[str] = ()) -> dict[str, Figure]:
    """Return what of `values` is a finite number, a short text or a list of finite numbers."""
    return {name: value for name, value in _plain(values) if name not in leave_out}


def _plain(values: Mapping[str, Any]) -> Iterator[tuple[str, Figure]]:
    for name, value in values.items():
        if isinstance(value, str):
            yield name, value[:_LONGEST_TEXT]
        elif isinstance(value, list):
            if len(value) <= _LONGEST_LIST and all(map(_is_number, value)):
                yield name, tuple(map(float, value))
        elif _is_number(value):
            yield name, value


def _place(values: Mapping[str, Any]) -> tuple[int, float | None] | None:
    """Return where a line was written, None where it does not say."""
    known = plain_figures({name: values.get(name) for name in ("images", "seconds")})
    images, seconds = known.get("images"), known.get("seconds")
    if not isinstance(images, int) or images < 0:
        return None
    return images, float(seconds) if isinstance(seconds, int | float) else None


def _number(line: Line, name: str) -> float | None:
    value = line.figures.get(name)
    return float(value) if isinstance(value, int | float) else None


def _is_number(value: Any) -> TypeGuard[int | float]:
    if isinstance(value, bool):
        return False
    if isinstance(value, int):
        return abs(value) <= _MOST_EXACT
    return isinstance(value, float) and math.isfinite(value)
