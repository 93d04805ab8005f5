"""What all figures share: their kinds of file, matplotlib imported late, the same bytes again."""

from collections.abc import Callable
from importlib.util import find_spec
from io import BytesIO
from pathlib import Path
from typing import Any

from ganvas.errors import UsageError
from ganvas.files import write_bytes
from ganvas.report.palette import STYLE

__all__ = ["SUFFIXES", "figure_bytes", "has_matplotlib", "require_matplotlib", "require_suffix"]
__all__ += ["write_figure"]

SUFFIXES = (".png", ".svg", ".pdf")

_STYLE: Any = STYLE | {"svg.fonttype": "none", "svg.hashsalt": "ganvas"}  # text stays text
_UNDATED = {".svg": {"Date": None}, ".pdf": {"CreationDate": None}}  # so: the same bytes again


def has_matplotlib() -> bool:
    """Return whether figures can be drawn; imports nothing."""
    return find_spec("matplotlib") is not None


def require_matplotlib() -> None:
    """Raise UsageError, saying how to install it, where matplotlib is missing."""
    if not has_matplotlib():
        raise UsageError(
            "figures need matplotlib, which is not installed: pip install 'ganvas[plot]'"
        )


def require_suffix(path: Path) -> None:
    """Raise UsageError unless the name ends as a figure's does."""
    if path.suffix.lower() not in SUFFIXES:
        raise UsageError(f"a figure can be written as {', '.join(SUFFIXES)}, not '{path.name}'")


def write_figure(path: Path, size: tuple[float, float], draw: Callable[[Any], None]) -> None:
    """Let `draw` fill a matplotlib figure of `size` (inches), and write it whole or not at all.

    The kind of file follows from the suffix (.png, .svg, .pdf).

    Raises UsageError for another suffix and a missing matplotlib, GanvasError when the file
    cannot be written.
    """
    require_suffix(path)
    write_bytes(path, figure_bytes(path.suffix.lower(), size, draw))


def figure_bytes(kind: str, size: tuple[float, float], draw: Callable[[Any], None]) -> bytes:
    """Return the file of a figure of `size` (inches) that `draw` fills; `kind` is its suffix.

    Raises UsageError for a missing matplotlib.
    """
    require_matplotlib()
    import matplotlib as mpl
    from matplotlib.figure import Figure  # not pyplot, which keeps global state

    buffer = BytesIO()
    with mpl.rc_context(_STYLE):
        figure = Figure(figsize=size, layout="constrained")
        draw(figure)
        figure.savefig(buffer, format=kind[1:], dpi=150, metadata=_UNDATED.get(kind))
    return buffer.getvalue()
