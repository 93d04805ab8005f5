"""Files of a run directory read gently: what is wrong with one is a line in a list of problems."""

import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from ganvas.errors import GanvasError
from ganvas.files import inside, parse_json, read_bytes
from ganvas.report.lines import plain_figures

__all__ = ["content_of", "evaluation_of", "is_file", "json_object", "tail_of"]

_MOST_JSON = 1 << 20
_COUNTS = ("different", "samples")  # what a figure says beside its value


def json_object(path: Path, name: str, problems: list[str]) -> dict[str, Any]:
    """Return the JSON object in a file; {} where there is none, a problem where it is odd."""
    content = content_of(path, name, _MOST_JSON, problems)
    if content is None:
        return {}
    try:
        values = parse_json(path / name, content)
    except GanvasError:
        values = None
    if not isinstance(values, dict):
        problems.append(f"{name} is no JSON object")
        return {}
    return values


def _whole(file: Path, most: int) -> bytes:
    return read_bytes(file, max_bytes=most)


def tail_of(file: Path, most: int) -> bytes:
    """Return the whole lines at the end of a file, of `most` bytes at most."""
    with file.open("rb") as stream:
        length = stream.seek(0, os.SEEK_END)
        stream.seek(max(0, length - most))
        content = stream.read(most)
    return content if length <= most else content.partition(b"\n")[2]


def content_of(
    path: Path,
    name: str,
    most: int,
    problems: list[str],
    read: Callable[[Path, int], bytes] = _whole,
) -> bytes | None:
    """Return the bytes of a file of the run; None where there is none or it cannot be read."""
    try:
        file = inside(path, name)
        if not os.path.lexists(file):
            return None
        if not file.is_file():
            problems.append(f"{name} is no file")
            return None
        return read(file, most)
    except GanvasError as error:
        problems.append(str(error))
    except OSError as error:
        problems.append(f"{name}: {error.strerror or error}")
    return None


def evaluation_of(status: Mapping[str, Any], problems: list[str]) -> dict[str, Any]:
    """Return the evaluation with those of its figures that are numbers; {} where it has none."""
    found = status.get("evaluation")
    if found is None:
        return {}
    try:
        metrics = {
            name: {
                "value": plain["value"],
                "real": plain.get("real"),
                "higher_is_better": figure.get("higher_is_better") is True,
                **{key: plain[key] for key in _COUNTS if _is_count(plain.get(key))},
            }
            for name, figure in found["metrics"].items()
            if isinstance((plain := plain_figures(figure)).get("value"), int | float)
            and isinstance(plain.get("real", 0), int | float)
        }
        judge = {key: str(found["judge"][key]) for key in ("name", "digest")}
        whole = {key: int(found[key]) for key in ("samples", "real_samples", "seed")}
        return {
            **whole,
            "data": str(found["data"]),
            "split": str(found["split"]),
            "judge": judge | {"kind": str(found["judge"].get("kind", ""))},
            "metrics": metrics,
        }
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError):
        problems.append("status.json: its evaluation is damaged")
        return {}


def _is_count(value: Any) -> bool:
    return isinstance(value, int | float) and value >= 1


def is_file(path: Path, name: str) -> bool:
    """Whether there is such a file, by no link out of the run."""
    try:
        file = inside(path, name)
        within = file.resolve().is_relative_to(path.resolve())
        return within and file.is_file()
    except (GanvasError, OSError, RuntimeError):
        return False
