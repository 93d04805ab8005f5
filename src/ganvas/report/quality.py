"""Quality of runs against images and against seconds, as one figure."""

from collections.abc import Iterable, Mapping
from importlib.util import find_spec
from io import BytesIO
from pathlib import Path
from typing import Any

from ganvas.comparison import Course
from ganvas.errors import UsageError
from ganvas.files import write_bytes

__all__ = ["SUFFIXES", "draw_quality", "require_matplotlib", "require_suffix"]

SUFFIXES = (".png", ".svg", ".pdf")

_STYLE = {"svg.fonttype": "none", "svg.hashsalt": "ganvas"}  # text stays text; the same bytes
_UNDATED = {".svg": {"Date": None}, ".pdf": {"CreationDate": None}}


def require_matplotlib() -> None:
    """Raise UsageError, saying how to install it, where matplotlib is missing."""
    if find_spec("matplotlib") is None:
        raise UsageError(
            "figures need matplotlib, which is not installed: pip install 'ganvas[plot]'"
        )


def require_suffix(path: Path) -> None:
    """Raise UsageError unless the name ends as a figure's does."""
    if path.suffix.lower() not in SUFFIXES:
        raise UsageError(f"a figure can be written as {', '.join(SUFFIXES)}, not '{path.name}'")


def draw_quality(path: Path, courses: Mapping[str, Course]) -> None:
    """Write the figure: a line for each run (label -> course), the distance on a logarithmic axis.

    A dashed line of the same colour is the distance of as many real images, the floor. The
    kind of file follows from the suffix (.png, .svg, .pdf).

    Raises UsageError for another suffix, no course and a missing matplotlib, GanvasError when
    the file cannot be written.
    """
    require_suffix(path)
    if not courses:
        raise UsageError(
            "no run has a probe to draw; train longer than evaluation.probe_every_images, with "
            "evaluation.probe_samples above 0"
        )
    require_matplotlib()
    import matplotlib as mpl
    from matplotlib.figure import Figure  # not pyplot, which keeps global state

    kind, buffer = path.suffix.lower(), BytesIO()
    with mpl.rc_context(_STYLE):
        figure = Figure(figsize=(10, 4.5), layout="constrained")
        _draw(figure, courses)
        figure.savefig(buffer, format=kind[1:], dpi=150, metadata=_UNDATED.get(kind))
    write_bytes(path, buffer.getvalue())


def _draw(figure: Any, courses: Mapping[str, Course]) -> None:
    for place, (attribute, label) in enumerate(
        (("images", "images"), ("seconds", "seconds of training")), start=1
    ):
        axes = figure.add_subplot(1, 2, place)
        for number, (name, course) in enumerate(courses.items()):
            colour = f"C{number % 10}"
            axes.plot(
                getattr(course, attribute),
                course.fd,
                marker="o",
                ms=3,
                color=colour,
                label=_plain(name),
            )
            if course.real is not None:
                axes.axhline(course.real, color=colour, ls="--", lw=0.8)
        axes.set_yscale("log")
        axes.set_xlabel(label)
        axes.set_ylabel("Fréchet distance to held-out images")
        axes.grid(alpha=0.3)
    figure.suptitle(
        f"Quality while training: {_among(f'{course.samples:,}' for course in courses.values())} "
        f"samples, judge {_among(course.judge[7:15] for course in courses.values())}; "
        "dashed: as many real images",
        fontsize=10,
    )
    figure.axes[0].legend(fontsize=8)


def _among(words: Iterable[str]) -> str:
    return " or ".join(dict.fromkeys(words))


def _plain(label: str) -> str:
    """Return a label that is no formula, and that the legend does not leave out for its `_`."""
    words = label.replace("$", r"\$")
    return f" {words}" if words.startswith("_") else words
