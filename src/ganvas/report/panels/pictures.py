"""The newest samples beside real images, as the run's own pictures show them."""

from pathlib import Path
from typing import Any

from ganvas.errors import GanvasError
from ganvas.files import inside, read_json
from ganvas.grid import COLUMNS
from ganvas.report.panels.panel import Panel
from ganvas.report.pixels import Pixels, read_pixels
from ganvas.report.record import RunHead, RunRecord
from ganvas.report.words import count

__all__ = ["GENERATED", "REAL_IMAGES", "draw_pixels"]

_GAP = 2  # pixels between the images of a grid


def draw_pixels(axes: Any, pixels: Pixels) -> None:
    """Fill axes with a picture uint8 (H, W, C), C 1, 3 or 4, and nothing around it."""
    grey: dict[str, Any] = {"cmap": "gray", "vmin": 0, "vmax": 255} if pixels.shape[2] == 1 else {}
    axes.imshow(pixels[..., 0] if grey else pixels, interpolation="antialiased", **grey)
    axes.set_axis_off()


def _panel(title: str, words: str, path_of: Any) -> Panel:
    def draw(axes: Any, record: RunRecord) -> None:
        pixels = read_pixels(path_of(record.head))
        assert pixels is not None
        draw_pixels(axes, pixels)

    def made(record: RunRecord) -> str:
        number = _count(record.head, read_pixels(path_of(record.head)))
        shown = f"{number:,} {words}" if number else words
        return f"{shown} at {count(record.head.images)} images" if words == "samples" else shown

    def is_known(record: RunRecord) -> bool:
        return read_pixels(path_of(record.head)) is not None

    return Panel(title=title, is_known=is_known, draw=draw, made=made)


def _count(head: RunHead, pixels: Pixels | None) -> int | None:
    """Return how many images a grid has places for; None where their size is not known."""
    size = _size(head.path)
    if size is None or pixels is None:
        return None
    height, width = size
    unit = pixels.shape[1] / (COLUMNS * (width + _GAP) + _GAP)  # it may be enlarged
    rows = (pixels.shape[0] / unit - _GAP) / (height + _GAP)
    return round(rows) * COLUMNS if abs(rows - round(rows)) < 0.01 else None


def _size(run: Path) -> tuple[int, int] | None:
    """Return an image's height and width, as the run's model has them."""
    for name in ("model", "best"):
        try:
            image = read_json(inside(run, f"{name}/config.json"))["image"]
            height, width = image["height"], image["width"]
        except (GanvasError, KeyError, TypeError):
            continue
        if isinstance(height, int) and isinstance(width, int) and height > 0 and width > 0:
            return height, width
    return None


GENERATED = _panel("Generated", "samples", lambda head: head.newest_picture)
REAL_IMAGES = _panel("Real", "training images", lambda head: head.real_picture)
