"""A place in a generator's latent space as somebody says it: in JSON, and on the command line."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Any

from ganvas.errors import UsageError
from ganvas.settings import require

__all__ = ["MOST_AMOUNT", "MOST_SEED", "LatentPoint"]

MOST_AMOUNT = 10.0
"""Standard deviations of the noise that a picture may be moved along one direction."""
MOST_SEED = 2**63 - 1
_CORNERS = 4


@dataclass(frozen=True, kw_only=True, slots=True)
class LatentPoint:
    """One picture of a generator, said so that any process makes the same.

    `corners` are four seeds: at the corners of a square (top left, top right, bottom left, bottom
    right) lie the first noises that `ganvas sample --seed` draws of them. `at` is (x, y) in the
    square, from the left and from the top, 0 to 1. `directions` are pairs (number, amount): how
    far to move along the leading directions, which count from 1, in standard deviations of the
    noise, -10 to 10. `label` is the class's number, None for the class that the seed of the
    nearest corner draws; clusters are mixed as the noises are. `truncation` in (0, 1] scales the
    noise at last.

    Pairs may come in any order; amounts of 0 are left out. Raises UsageError for anything else.
    """

    corners: tuple[int, int, int, int] = (1, 2, 3, 4)
    at: tuple[float, float] = (0.0, 0.0)
    directions: tuple[tuple[int, float], ...] = ()
    label: int | None = None
    truncation: float = 1.0

    def __post_init__(self) -> None:
        _require_tuple(self.corners, "corners", "four seeds", _CORNERS)
        for seed in self.corners:
            right = _is_whole(seed) and 0 <= seed <= MOST_SEED
            require(right, "a corner's seed", f"a whole number, 0 to {MOST_SEED}", seed)
        _require_tuple(self.at, "at", "two numbers, x and y", 2)
        for place in self.at:
            require(_is_number(place) and 0 <= place <= 1, "at", "numbers from 0 to 1", place)
        _require_tuple(self.directions, "directions", "pairs of number and amount", None)
        for pair in self.directions:
            _require_tuple(pair, "a direction", "a number and an amount", 2)
            number, amount = pair
            right = _is_whole(number) and number >= 1
            require(right, "a direction's number", "a whole number of 1 or more", number)
            right = _is_number(amount) and abs(amount) <= MOST_AMOUNT
            rule = f"a number from {-MOST_AMOUNT:g} to {MOST_AMOUNT:g}"
            require(right, "a direction's amount", rule, amount)
        numbers = [number for number, _ in self.directions]
        twice = next((number for number in numbers if numbers.count(number) > 1), None)
        if twice is not None:
            raise UsageError(f"direction {twice} is given twice; give each its one amount")
        right = self.label is None or (_is_whole(self.label) and self.label >= 0)
        require(right, "label", "a class's number of 0 or more", self.label)
        right = _is_number(self.truncation) and 0 < self.truncation <= 1
        require(right, "truncation", "above 0, at most 1", self.truncation)
        normal = {
            "at": tuple(float(place) + 0.0 for place in self.at),  # + 0.0: no -0.0
            "directions": tuple(
                sorted((number, float(amount)) for number, amount in self.directions if amount)
            ),
            "truncation": float(self.truncation),
        }
        for name, value in normal.items():
            object.__setattr__(self, name, value)

    @classmethod
    def from_json(cls, values: Any) -> "LatentPoint":
        """Return the point that a JSON object says; what it leaves out takes its default.

        Raises UsageError for unknown names, wrong types and values outside their rules.
        """
        if not isinstance(values, dict):
            raise UsageError("a point must be an object of corners, at, directions, label, ...")
        known = {field.name for field in fields(cls)}
        unknown = next((name for name in values if name not in known), None)
        if unknown is not None:
            raise UsageError(f"a point has no '{str(unknown)[:40]}'")
        return cls(**{name: _to_tuple(value) for name, value in values.items()})

    def to_json(self) -> dict[str, Any]:
        """Return the point as JSON can carry it; `from_json` gives it back."""
        return {
            "corners": list(self.corners),
            "at": list(self.at),
            "directions": [list(pair) for pair in self.directions],
            "label": self.label,
            "truncation": self.truncation,
        }

    def to_arguments(self, class_names: Sequence[str] = ()) -> list[str]:
        """Return the options of `ganvas sample` that say this point, not quoted for a shell.

        `class_names` are the model's. A class is said by its name, and by its number where the
        name is another class's first.
        """
        words = ["--corners", ",".join(map(str, self.corners))]
        words += ["--at", ",".join(_spoken(place) for place in self.at)]
        for number, amount in self.directions:
            words += ["--direction", f"{number}={_spoken(amount)}"]
        if self.label is not None:
            name = class_names[self.label] if self.label < len(class_names) else ""
            own = bool(name) and list(class_names).index(name) == self.label
            said = name if own else str(self.label)
            words += [f"--label={said}"] if said.startswith("-") else ["--label", said]
        if self.truncation != 1:
            words += ["--truncation", _spoken(self.truncation)]
        return words


def _require_tuple(value: Any, name: str, rule: str, count: int | None) -> None:
    right = isinstance(value, tuple) and (count is None or len(value) == count)
    require(right, name, rule, value)


def _is_whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _is_number(value: Any) -> bool:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    return abs(value) < 2**53 and math.isfinite(value)


def _to_tuple(value: Any) -> Any:
    """Return a list of JSON's, and lists in it, as tuples; what lies deeper is refused later."""
    if not isinstance(value, list):
        return value
    return tuple(tuple(item) if isinstance(item, list) else item for item in value)


def _spoken(number: float) -> str:
    """Return the shortest text that is read as the very same number."""
    return str(int(number)) if number.is_integer() else repr(number)
