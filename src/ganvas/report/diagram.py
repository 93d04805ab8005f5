"""A recipe's networks as a picture: generator and discriminator side by side, a box a layer."""

from pathlib import Path
from typing import Any

from ganvas.nets.diagram import Diagram, shape_in_words
from ganvas.nets.summary import LayerRow
from ganvas.report.figures import write_figure

__all__ = ["draw_diagram"]

_ROW = 0.36  # inches
_WIDTH = 5.6  # inches of one network
_COLOURS = (  # a part of a layer's kind, and the colour of its box; the first that fits
    ("put", "#e8e8e8"),
    ("Norm", "#d9e8d3"),
    ("Dropout", "#f4dede"),
    ("Transpose", "#cfdcf2"),
    ("Conv", "#cfdcf2"),
    ("Basis", "#f7e6c4"),
    ("Linear", "#f7e6c4"),
    ("Embedding", "#e6daf0"),
)
_SHORT = 26  # letters of a layer's kind beside which there is room for its role
_PLAIN = "#f6f6f2"  # what has no numbers of its own: a pool, a crop, a change of shape


def draw_diagram(path: Path, diagram: Diagram, title: str) -> None:
    """Write the picture as `path` (.png, .svg or .pdf). Raises what `write_figure` raises."""
    rows = max(len(layers) for _, layers in diagram.sides)
    size = (2 * _WIDTH, (rows + 3.2) * _ROW)
    write_figure(path, size, lambda figure: _draw(figure, diagram, title, rows))


def _draw(figure: Any, diagram: Diagram, title: str, rows: int) -> None:
    figure.suptitle(title, fontsize=12)
    for axes, (name, layers) in zip(figure.subplots(1, 2), diagram.sides, strict=True):
        axes.set_axis_off()
        axes.set_xlim(-0.01, 1.01)
        axes.set_ylim(rows, -1.2)
        total = sum(row.parameters for row in layers)
        axes.text(0, -0.75, name, fontsize=11, weight="bold", va="center")
        axes.text(1, -0.75, f"{total:,} parameters", fontsize=10, ha="right", va="center")
        for number, row in enumerate(layers):
            _box(axes, number, row)


def _box(axes: Any, top: int, row: LayerRow) -> None:
    from matplotlib.patches import FancyBboxPatch

    colour = next((colour for part, colour in _COLOURS if part in row.kind), _PLAIN)
    axes.add_patch(
        FancyBboxPatch(
            (0, top),
            1,
            0.9,
            boxstyle="round,pad=0,rounding_size=0.01",
            mutation_aspect=8,
            facecolor=colour,
            edgecolor="#888888",
            lw=0.8,
        )
    )
    middle = top + 0.47
    kind = f"{row.name}" if row.kind in ("input", "output") else row.kind
    words = f"{kind}  {row.detail}" if row.detail else kind
    axes.text(0.02, middle, words, fontsize=9, va="center")
    if len(words) <= _SHORT:
        axes.text(0.56, middle, _role(row), fontsize=8, color="#777777", ha="right", va="center")
    if row.name != "class":
        shape = shape_in_words(row.output_shape)
        axes.text(0.74, middle, shape, fontsize=9, ha="right", va="center")
    if row.parameters:
        axes.text(0.98, middle, f"{row.parameters:,}", fontsize=9, ha="right", va="center")


def _role(row: LayerRow) -> str:
    """Return the last word of a layer's name where it says more than its kind does."""
    word = row.name.rpartition(".")[2]
    said = row.kind in ("input", "output") or word.isdigit() or word in row.kind.lower()
    return "" if said else word
