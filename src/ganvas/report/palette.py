"""The colours of all figures, light and dark: told apart by colour-blind eyes (Okabe and Ito).

They are those of the pages in the browser. Lines have a contrast of at least 3 with their ground,
text of 4.5. A figure is drawn in the light colours; `to_dark` gives the same SVG in the dark ones.
"""

import re
from typing import Any

__all__ = ["DISCRIMINATOR", "EDGE", "FAINT", "FAKE", "GENERATOR", "GROUND", "HELD_OUT", "OTHER"]
__all__ += ["REAL", "RUNS", "STYLE", "TEXT", "to_dark"]

GROUND, TEXT, FAINT, EDGE = "#ffffff", "#16202c", "#566373", "#d3d9e1"
REAL, HELD_OUT, FAKE = "#0072b2", "#00795b", "#b84a00"
GENERATOR, DISCRIMINATOR, OTHER = "#7a2a70", "#25303d", "#8a5300"

RUNS = (REAL, FAKE, HELD_OUT, GENERATOR, OTHER, "#56b4e9", "#e69f00", "#cc79a7", FAINT, TEXT)
"""Colours of several runs in one figure; there are markers and dashes beside them."""

_DARK = {
    GROUND: "#182029",
    TEXT: "#e8edf3",
    FAINT: "#a3b1c0",
    EDGE: "#324050",
    REAL: "#56b4e9",
    HELD_OUT: "#3ecfa4",
    FAKE: "#ff9a52",
    GENERATOR: "#f1bbe8",
    DISCRIMINATOR: "#d5dde6",
    OTHER: "#f1bf5b",
}
_COLOUR = re.compile("|".join(_DARK))

STYLE: dict[str, Any] = {
    "figure.facecolor": GROUND,
    "axes.facecolor": GROUND,
    "savefig.facecolor": GROUND,
    "axes.edgecolor": FAINT,
    "axes.labelcolor": TEXT,
    "axes.titlecolor": TEXT,
    "text.color": TEXT,
    "xtick.color": FAINT,
    "ytick.color": FAINT,
    "grid.color": EDGE,
    "legend.edgecolor": EDGE,
    "legend.facecolor": GROUND,
    "legend.framealpha": 0.85,
    "axes.spines.top": False,
    "axes.spines.right": False,
}
"""matplotlib's settings for every figure."""


def to_dark(svg: str) -> str:
    """Return a figure that was drawn in the light colours in the dark ones."""
    return _COLOUR.sub(lambda match: _DARK[match[0]], svg)
