"""What options may hold, checked before anything heavy is imported; and options that are shared."""

import argparse
import math
import re
from collections.abc import Callable
from pathlib import Path

__all__ = [
    "MAX_SEED",
    "add_data_dir",
    "add_json",
    "add_seed",
    "add_threads",
    "device",
    "number_above_zero",
    "number_in",
    "output_file",
    "share",
    "whole_number",
]

MAX_SEED = 2**63 - 1
_DEVICE = re.compile(r"auto|cpu|mps|cuda(:\d+)?")


def whole_number(low: int, high: int | None = None) -> Callable[[str], int]:
    """Return a reader of whole numbers from `low` to `high`: 90000, 90_000 and 9e4 are one."""
    rule = (
        f"a whole number of {low} or more" if high is None else f"a whole number, {low} to {high}"
    )

    def read(text: str) -> int:
        try:
            number = int(text)
        except ValueError:
            try:
                number = int(float(text))
                if number != float(text):
                    raise ValueError
            except (ValueError, OverflowError):
                raise argparse.ArgumentTypeError(f"must be {rule}, not '{text}'") from None
        if number < low or (high is not None and number > high):
            raise argparse.ArgumentTypeError(f"must be {rule}, not '{text}'")
        return number

    return read


def number_above_zero(text: str) -> float:
    """Read a finite number above 0."""
    number = _number(text)
    if not 0 < number < math.inf:
        raise argparse.ArgumentTypeError(f"must be a number above 0, not '{text}'")
    return number


def number_in(low: float, high: float) -> Callable[[str], float]:
    """Return a reader of numbers from `low` to `high`."""

    def read(text: str) -> float:
        number = _number(text)
        if not low <= number <= high:
            raise argparse.ArgumentTypeError(
                f"must be a number from {low:g} to {high:g}, not '{text}'"
            )
        return number

    return read


def share(text: str) -> float:
    """Read a number above 0, at most 1."""
    number = _number(text)
    if not 0 < number <= 1:
        raise argparse.ArgumentTypeError(f"must be a number above 0, at most 1, not '{text}'")
    return number


def device(text: str) -> str:
    """Read a device's name; whether it is there is found out later."""
    if not _DEVICE.fullmatch(text):
        raise argparse.ArgumentTypeError(f"must be auto, cpu, cuda, cuda:N or mps, not '{text}'")
    return text


def output_file(*suffixes: str) -> Callable[[str], Path]:
    """Return a reader of paths that end in one of `suffixes`, or (a folder) in none of them."""

    def read(text: str) -> Path:
        path = Path(text)
        if not text.strip():
            raise argparse.ArgumentTypeError("must name a file or a folder")
        if text.endswith(("/", "\\")) or path.is_dir():
            return path
        if path.suffix and path.suffix.lower() not in suffixes:
            raise argparse.ArgumentTypeError(
                f"must end in {' or '.join(suffixes)}, or be a folder with / at its end, "
                f"not '{text}'"
            )
        return path

    return read


def add_json(parser: argparse.ArgumentParser) -> None:
    """Add --json."""
    parser.add_argument(
        "--json", action="store_true", help="print one JSON object instead, for scripts"
    )


def add_data_dir(parser: argparse.ArgumentParser) -> None:
    """Add --data-dir."""
    parser.add_argument(
        "--data-dir",
        type=Path,
        metavar="DIR",
        help="folder to look for the data set's files in first",
    )


def add_seed(parser: argparse.ArgumentParser, default: int | None, what: str) -> None:
    """Add --seed; `what` says what it decides."""
    parser.add_argument(
        "--seed",
        type=whole_number(0, MAX_SEED),
        default=default,
        metavar="N",
        help=f"{what} (default {default or 0}); the same number gives the same result",
    )


def add_threads(parser: argparse.ArgumentParser, default: int | None, words: str) -> None:
    """Add --threads; `words` say what the default is."""
    parser.add_argument(
        "--threads",
        type=whole_number(1, 1024),
        default=default,
        metavar="N",
        help=f"processor threads to compute with (default {words})",
    )


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return math.nan
