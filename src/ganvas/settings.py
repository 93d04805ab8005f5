"""Nested frozen dataclasses <-> JSON and `name.of.setting=value`, strictly.

Nothing is guessed: an unknown name, a value of the wrong type or a missing field is refused
with the rule, the received value and, for names, the nearest one that exists.
"""

import dataclasses
import json
import math
import re
import types
import typing
from collections.abc import Iterable, Iterator, Mapping
from numbers import Integral, Real
from typing import Any, TypeVar

from ganvas.errors import UnknownSettingError, UsageError, did_you_mean

__all__ = ["flatten", "from_json", "parse_assignments", "require", "to_json", "with_settings"]

T = TypeVar("T")

_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?", re.ASCII | re.IGNORECASE)
_WHOLE = re.compile(r"[+-]?\d+", re.ASCII)
_MOST_EXACT = 2**53  # up to here every whole number is a float


def require(condition: bool, name: str, rule: str, received: object, remedy: str = "") -> None:
    """Raise UsageError naming the setting, its rule and the value, unless `condition` holds."""
    if not condition:
        tail = f"; {remedy}" if remedy else ""
        raise UsageError(f"{name} must be {rule}, not {_shown(received)}{tail}")


def to_json(settings: Any) -> dict[str, Any]:
    """Return the settings as plain dictionaries, lists and scalars that JSON can carry.

    Raises UsageError for a number that is not finite, which JSON cannot.
    """
    for name, value in flatten(settings):
        finite = not isinstance(value, float) or math.isfinite(value)
        require(finite, name, "a finite number", value)
    plain = dataclasses.asdict(settings)
    loaded: dict[str, Any] = json.loads(json.dumps(plain, allow_nan=False))
    return loaded


def from_json(kind: type[T], values: Any, where: str = "") -> T:
    """Build the dataclass `kind` from plain `values`; `where` is its dotted name in messages.

    Fields left out take their defaults. Raises UsageError for unknown names and wrong types.
    """
    if not isinstance(values, Mapping):
        raise UsageError(f"{where or 'recipe'} must be an object of settings, not {_shown(values)}")
    hints = typing.get_type_hints(kind)
    fields = dataclasses.fields(kind)  # type: ignore[arg-type]
    names = [field.name for field in fields]
    arguments = {}
    for name, value in values.items():
        dotted = f"{where}.{name}" if where else str(name)
        if name not in names:
            there = [f"{where}.{other}" if where else other for other in names]
            hint = did_you_mean(dotted, there, otherwise="; this version of ganvas has none such")
            raise UnknownSettingError(f"unknown setting {_shown(dotted)}{hint}")
        arguments[name] = _convert(hints[name], value, dotted)
    for field in fields:
        needed = field.default is field.default_factory is dataclasses.MISSING
        if needed and field.name not in arguments:
            raise UsageError(f"{where or 'recipe'} is incomplete: it lacks '{field.name}'")
    return kind(**arguments)


def with_settings(settings: T, changes: Mapping[str, Any]) -> T:
    """Return a copy of `settings` with the dotted names in `changes` replaced.

    Values may be strings as typed on a command line; they are read by the field's own type.
    All changes are made before anything is validated, so two that belong together can be given
    in either order.
    """
    plain = to_json(settings)
    known = dict(flatten(settings))
    for dotted, value in changes.items():
        if dotted not in known:
            raise UnknownSettingError(f"unknown setting {_shown(dotted)}{_hint(dotted, known)}")
        *path, last = dotted.split(".")
        target = plain
        for part in path:
            target = target[part]
        target[last] = value
    return from_json(type(settings), plain)


def _hint(name: str, known: Iterable[str]) -> str:
    """Return the settings that `name` ends, else the nearest name, else where all of them are."""
    longer = [f"'{other}'" for other in known if other.endswith(f".{name}")]
    return (
        f"; did you mean {' or '.join(longer)}?"
        if longer
        else did_you_mean(
            name, known, otherwise="; 'ganvas recipes NAME' shows a recipe with all its settings"
        )
    )


def flatten(settings: Any, prefix: str = "") -> Iterator[tuple[str, Any]]:
    """Yield (dotted name, value) of every leaf setting, in the order of declaration."""
    for field in dataclasses.fields(settings):
        value = getattr(settings, field.name)
        if dataclasses.is_dataclass(value):
            yield from flatten(value, f"{prefix}{field.name}.")
        else:
            yield f"{prefix}{field.name}", value


def parse_assignments(assignments: Iterable[str]) -> dict[str, str]:
    """Split ``name.of.setting=value`` strings; the last of two for one name wins."""
    changes = {}
    for text in assignments:
        name, sign, value = text.partition("=")
        if not sign or not name.strip():
            raise UsageError(f"--set takes name.of.setting=value, not '{text}'")
        changes[name.strip()] = value.strip()
    return changes


def _convert(hint: Any, value: Any, name: str) -> Any:
    """Return `value` as the type `hint`, accepting a string's spelling of it; else UsageError."""
    origin = typing.get_origin(hint)
    if origin in (typing.Union, types.UnionType):
        return _convert_union(typing.get_args(hint), value, name)
    if origin is typing.Literal:
        choices = typing.get_args(hint)
        if value not in choices:
            raise UsageError(f"{name} cannot be {_shown(value)}{did_you_mean(str(value), choices)}")
        return value
    if origin is tuple:
        (item, _) = typing.get_args(hint)
        items = value
        if isinstance(value, str):
            items = value.split(",") if value else ()
        if not isinstance(items, list | tuple):
            raise UsageError(f"{name} must be a list, not {_shown(value)}")
        return tuple(_convert(item, part, name) for part in items)
    if dataclasses.is_dataclass(hint):
        return from_json(hint, value, name)  # type: ignore[arg-type]
    return _convert_scalar(hint, value, name)


def _convert_union(members: tuple[Any, ...], value: Any, name: str) -> Any:
    if type(None) in members and (value is None or value in ("none", "null")):
        return None
    for member in members:  # what is built already stays as it is
        if dataclasses.is_dataclass(member) and type(value) is member:
            return value
    (member,) = (member for member in members if member is not type(None))
    return _convert(member, value, name)


def _convert_scalar(kind: type, value: Any, name: str) -> Any:
    if kind is bool:
        spelled = {"true": True, "false": False}
        if isinstance(value, str) and value.lower() in spelled:
            return spelled[value.lower()]
        if isinstance(value, bool):
            return value
        raise UsageError(f"{name} must be true or false, not {_shown(value)}")
    if kind is str and isinstance(value, str):
        return str(value)
    if kind in (int, float) and not isinstance(value, bool):  # a bool is an int, not here
        number = _whole(value) if kind is int else _finite(value)
        if number is not None:
            return number
    raise UsageError(f"{name} must be {_spoken(kind)}, not {_shown(value)}")


def _whole(value: Any) -> int | None:
    """Return a number (NumPy's too) or a text as the exact whole number it says, None for none."""
    try:
        if isinstance(value, Integral) or (isinstance(value, str) and _WHOLE.fullmatch(value)):
            return int(value)
    except ValueError:  # more digits than Python reads
        return None
    number = _finite(value)
    whole = number is not None and number.is_integer() and abs(number) <= _MOST_EXACT
    return int(number) if number is not None and whole else None


def _finite(value: Any) -> float | None:
    if not (_NUMBER.fullmatch(value) if isinstance(value, str) else isinstance(value, Real)):
        return None
    try:
        number = float(value)
    except OverflowError:
        return None
    return number if math.isfinite(number) else None


def _spoken(kind: type) -> str:
    spoken = {int: "a whole number", float: "a finite number", str: "a text"}
    return spoken.get(kind, kind.__name__)


def _shown(value: object) -> str:
    """Return `value` as Python writes it, cut where it would fill the screen."""
    try:
        text = repr(value)
    except ValueError:  # a whole number of thousands of digits
        text = f"such a long {type(value).__name__}"
    return text if len(text) <= 80 else f"{text[:77]}..."
