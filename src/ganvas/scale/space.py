"""What a sweep varies: settings of the recipe, each with its choices or its range."""

import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any, Literal

from ganvas.errors import UsageError
from ganvas.recipe import Recipe
from ganvas.scale.request import refuse_given

_Kind = Literal["choice", "log", "float", "int"]

__all__ = ["Dimension", "combinations", "num_combinations", "parse_space", "spoken"]

_RANGE = re.compile(r"(log|float|int):([^:]+):([^:]+)(?::([^:]+))?")


@dataclass(frozen=True, kw_only=True, slots=True)
class Dimension:
    """One setting: `choice` among `values`, or a range from `low` to `high`, both included.

    `log` ranges are drawn evenly in the logarithm; `int` ranges go in steps of `step`.
    """

    setting: str
    kind: _Kind
    values: tuple[str, ...] = ()
    low: float = 0.0
    high: float = 0.0
    step: int = 1

    @property
    def is_finite(self) -> bool:
        """Whether the values can be listed."""
        return self.kind in ("choice", "int")

    def listed(self) -> tuple[Any, ...]:
        """Return all values: texts of a choice, whole numbers of an `int` range."""
        if self.kind == "int":
            return tuple(range(int(self.low), int(self.high) + 1, self.step))
        return self.values


def parse_space(texts: Iterable[str], recipe: Recipe) -> tuple[Dimension, ...]:
    """Return the dimensions that ``key=a,b,c`` and ``key=log:1e-4:1e-2`` say.

    Ranges: ``log:LOW:HIGH``, ``float:LOW:HIGH``, ``int:LOW:HIGH`` or ``int:LOW:HIGH:STEP``. Choices
    are parted by ``|`` where there is one, for settings that are lists themselves.

    Raises UsageError for another form, a setting twice, one that is not a run's own to have (its
    seed, threads, budget), and a value that the recipe refuses.
    """
    space: list[Dimension] = []
    for text in texts:
        setting, sign, values = (part.strip() for part in text.partition("="))
        if not sign or not setting or not values:
            raise UsageError(f"--vary takes name.of.setting=a,b,c or a range, not '{text}'")
        if setting in [dimension.setting for dimension in space]:
            raise UsageError(f"--vary names {setting} twice; give all its values at once")
        refuse_given([setting], "--vary", varied=True)
        dimension = _dimension(setting, values)
        ends = (dimension.low, dimension.high)
        for value in dimension.values or (map(int, ends) if dimension.kind == "int" else ends):
            recipe.with_settings({setting: value})
        space.append(dimension)
    if not space:
        raise UsageError("nothing to vary: give --vary name.of.setting=a,b,c")
    return tuple(space)


def num_combinations(space: Sequence[Dimension]) -> int | None:
    """Return how many combinations there are; None for endlessly many."""
    if not all(dimension.is_finite for dimension in space):
        return None
    return math.prod(len(dimension.listed()) for dimension in space)


def combinations(space: Sequence[Dimension]) -> list[dict[str, Any]]:
    """Return every combination of a finite space, the last setting changing fastest."""
    names = [dimension.setting for dimension in space]
    values = product(*(dimension.listed() for dimension in space))
    return [dict(zip(names, row, strict=True)) for row in values]


def spoken(settings: dict[str, Any]) -> str:
    """Return settings as one would type them."""
    return ", ".join(f"{name}={_short(value)}" for name, value in settings.items())


def _dimension(setting: str, values: str) -> Dimension:
    found = _RANGE.fullmatch(values)
    if found is None:
        parts = values.split("|" if "|" in values else ",")
        choices = tuple(dict.fromkeys(part.strip() for part in parts))
        if "" in choices:
            raise UsageError(f"--vary {setting}: an empty value among '{values}'")
        return Dimension(setting=setting, kind="choice", values=choices)
    kind: _Kind
    kind, low_text, high_text, step_text = found.groups()  # type: ignore[assignment]
    low, high = _number(setting, low_text), _number(setting, high_text)
    step = 1 if step_text is None else _number(setting, step_text)
    if not low < high or (kind == "log" and low <= 0):
        above = "0 < LOW < HIGH" if kind == "log" else "LOW < HIGH"
        raise UsageError(f"--vary {setting}: {kind}:LOW:HIGH needs {above}, not '{values}'")
    if kind != "int" and step_text is not None:
        raise UsageError(f"--vary {setting}: only int:LOW:HIGH:STEP takes a step, not '{values}'")
    if kind == "int" and not all(part.is_integer() for part in map(float, (low, high, step))):
        raise UsageError(f"--vary {setting}: int takes whole numbers, not '{values}'")
    if step < 1:
        raise UsageError(f"--vary {setting}: a step is 1 or more, not '{values}'")
    if kind == "int":
        high = low + (high - low) // step * step
    return Dimension(setting=setting, kind=kind, low=low, high=high, step=int(step))


def _number(setting: str, text: str) -> float:
    try:
        number = float(text)
    except ValueError:
        number = math.nan
    if not math.isfinite(number):
        raise UsageError(f"--vary {setting}: '{text}' is no number")
    return number


def _short(value: Any) -> str:
    return f"{value:.4g}" if isinstance(value, float) else str(value)
