"""Options that say how pictures of one's own become images of one size."""

import argparse
from collections.abc import Sequence
from typing import TYPE_CHECKING

from ganvas.cli.arguments import whole_number
from ganvas.cli.output import note

if TYPE_CHECKING:
    from ganvas.data.pictures.preparation import Preparation
    from ganvas.data.refused import Refused

__all__ = ["add_picture_options", "bad_share", "note_left_out", "preparation_of", "size"]

_SHOWN = 20  # files left out that are told one by one


def size(text: str) -> tuple[int, int]:
    """Read a size in pixels: 32, or 32x48 as height x width."""
    height, cross, width = text.lower().partition("x")
    read = whole_number(8, 128)
    try:
        return read(height), read(width if cross else height)
    except argparse.ArgumentTypeError:
        raise argparse.ArgumentTypeError(
            f"must be a size of 8 to 128 pixels, 32 or 32x48 (height x width), not '{text}'"
        ) from None


def bad_share(text: str) -> float:
    """Read a share of 0 to 1, or of 0% to 100%."""
    try:
        share = float(text.removesuffix("%")) / (100 if text.endswith("%") else 1)
    except ValueError:
        share = -1.0
    if not 0 <= share <= 1:
        raise argparse.ArgumentTypeError(f"must be a share such as 1% or 0.01, not '{text}'")
    return share


def add_picture_options(parser: argparse.ArgumentParser) -> None:
    """Add --size, --channels, --fit and --max-bad."""
    group = parser.add_argument_group("pictures of your own")
    group.add_argument(
        "--size",
        type=size,
        metavar="S",
        help="bring pictures to this size, 32 or 32x48 (height x width); needed where they differ",
    )
    group.add_argument(
        "--channels",
        type=int,
        choices=(1, 3, 4),
        metavar="C",
        help="1 for grey, 3 for RGB, 4 for RGBA (default: what all of them have)",
    )
    group.add_argument(
        "--fit",
        choices=("crop", "pad", "stretch"),
        default="crop",
        metavar="F",
        help="how another shape comes to the size: crop the middle, pad, or stretch (default crop)",
    )
    group.add_argument(
        "--max-bad",
        type=bad_share,
        default=0.0,
        metavar="SHARE",
        help="pictures that may be unreadable and are left out, as in 1%% (default none)",
    )


def preparation_of(options: argparse.Namespace) -> "Preparation":
    """Return what the options ask for."""
    from ganvas.data.pictures.preparation import Preparation

    return Preparation(size=options.size, channels=options.channels, fit=options.fit)


def note_left_out(refused: "Sequence[Refused]", listed: str = "") -> None:
    """Say on standard error which files were left out, and where all are `listed`."""
    for bad in refused[:_SHOWN]:
        note(f"left out {bad.name}: {bad.reason}")
    if len(refused) > _SHOWN:
        note(f"left out {len(refused):,} in all{f'; listed in {listed}' if listed else ''}")
