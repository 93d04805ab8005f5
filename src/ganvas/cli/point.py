"""Options that say one picture by its place in latent space (`ganvas.explore.LatentPoint`)."""

import argparse
import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

from ganvas.cli.arguments import MAX_SEED
from ganvas.errors import UsageError

if TYPE_CHECKING:
    from ganvas.explore import LatentPoint

__all__ = ["add_point_options", "corners", "direction", "place", "to_point"]

_MOST_AMOUNT = 10  # ganvas.explore.point.MOST_AMOUNT, which torch is behind


def add_point_options(parser: argparse.ArgumentParser) -> None:
    """Add --corners, --at and --direction."""
    group = parser.add_argument_group(
        "one picture between four seeds", "as the page of `ganvas play` shows and copies it"
    )
    group.add_argument(
        "--corners",
        type=corners,
        metavar="A,B,C,D",
        help="four seeds, at the corners of a square: top left, top right, bottom left, "
        "bottom right",
    )
    group.add_argument(
        "--at",
        type=place,
        metavar="X,Y",
        help="the place in the square, from 0,0 (top left, the default) to 1,1",
    )
    group.add_argument(
        "--direction",
        type=direction,
        action="append",
        default=[],
        dest="directions",
        metavar="K=AMOUNT",
        help="move along leading direction K (from 1), in standard deviations of the noise, "
        f"{-_MOST_AMOUNT} to {_MOST_AMOUNT}; may be repeated",
    )


def corners(text: str) -> tuple[int, ...]:
    """Read four seeds."""
    parts = [part.strip() for part in text.split(",")]
    seeds = [int(part) for part in parts if part.isascii() and part.isdigit() and len(part) < 20]
    if len(parts) != 4 or len(seeds) != 4 or max(seeds) > MAX_SEED:
        raise argparse.ArgumentTypeError(f"must be four seeds, as in 1,2,3,4, not '{text}'")
    return tuple(seeds)


def place(text: str) -> tuple[float, float]:
    """Read a place in the square."""
    x, _, y = text.partition(",")
    across, down = _number(x), _number(y)
    if not (0 <= across <= 1 and 0 <= down <= 1):
        raise argparse.ArgumentTypeError(
            f"must be two numbers from 0 to 1, as in 0.25,0.7, not '{text}'"
        )
    return across, down


def direction(text: str) -> tuple[int, float]:
    """Read a direction's number and an amount."""
    number, _, amount = text.partition("=")
    whole = number.isascii() and number.isdigit() and len(number) < 5 and int(number) >= 1
    if not whole or not abs(_number(amount)) <= _MOST_AMOUNT:
        raise argparse.ArgumentTypeError(
            f"must be a direction's number and an amount from {-_MOST_AMOUNT} to {_MOST_AMOUNT}, "
            f"as in 1=1.5, not '{text}'"
        )
    return int(number), _number(amount)


def to_point(options: argparse.Namespace, class_names: Sequence[str]) -> "LatentPoint":
    """Return the point that the options with --corners say of a model with these classes.

    Raises UsageError for what says something else beside it.
    """
    from ganvas.explore import LatentPoint
    from ganvas.model.labels import class_numbers

    if len(options.labels) > 1:
        raise UsageError("--corners make one picture; give --label once")
    label = None
    if options.labels:
        label = int(class_numbers(options.labels, 1, class_names)[0])
    return LatentPoint(
        corners=options.corners,
        at=options.at or (0.0, 0.0),
        directions=tuple(options.directions),
        label=label,
        truncation=options.truncation,
    )


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return math.nan
