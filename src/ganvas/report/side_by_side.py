"""Runs' samples after the same steps, side by side with their losses, as one picture."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ganvas.errors import UsageError
from ganvas.report.figures import require_suffix, write_figure

__all__ = ["Cell", "draw_side_by_side"]

_SIDE = 2.6  # inches of a grid of samples


@dataclass(frozen=True, kw_only=True, slots=True)
class Cell:
    """One grid of samples with a line about it; `picture` is None where there is none."""

    picture: Path | None
    words: str


def draw_side_by_side(
    path: Path, rows: Mapping[str, Sequence[Cell]], columns: Sequence[str], *, title: str
) -> None:
    """Write the picture: a row for each run (label -> cells), a column for each step.

    Raises UsageError for another suffix, no row and a missing matplotlib, GanvasError when the
    file cannot be written.
    """
    require_suffix(path)
    if not rows:
        raise UsageError("there is no run to set side by side")
    size = (_SIDE * len(columns) + 0.3, (_SIDE + 0.45) * len(rows) + 0.6)
    write_figure(path, size, lambda figure: _draw(figure, rows, columns, title))


def _draw(
    figure: Any, rows: Mapping[str, Sequence[Cell]], columns: Sequence[str], title: str
) -> None:
    from PIL import Image

    figure.suptitle(_plain(title), fontsize=10)
    for band, (label, cells) in zip(
        figure.subfigures(len(rows), 1, squeeze=False)[:, 0], rows.items(), strict=True
    ):
        band.suptitle(_plain(label), fontsize=9, fontweight="bold", x=0.02, ha="left")
        for place, (cell, column) in enumerate(zip(cells, columns, strict=True), start=1):
            axes = band.add_subplot(1, len(columns), place)
            axes.set_axis_off()
            axes.set_title(_plain(f"{column}: {cell.words}"), fontsize=7, pad=3)
            if cell.picture is None:
                axes.text(0.5, 0.5, "no samples", ha="center", va="center", fontsize=8)
                continue
            with Image.open(cell.picture) as picture:
                axes.imshow(picture.convert("RGB"), interpolation="antialiased")


def _plain(words: str) -> str:
    return words.replace("$", r"\$")
