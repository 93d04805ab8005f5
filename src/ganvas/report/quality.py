"""Quality of runs against images and against seconds, as one figure."""

from collections.abc import Mapping
from importlib.util import find_spec
from io import BytesIO
from pathlib import Path

from ganvas.comparison import Course
from ganvas.errors import UsageError
from ganvas.files import write_bytes

__all__ = ["SUFFIXES", "draw_quality", "require_matplotlib"]

SUFFIXES = (".png", ".svg", ".pdf")


def require_matplotlib() -> None:
    """Raise UsageError, saying how to install it, where matplotlib is missing."""
    if find_spec("matplotlib") is None:
        raise UsageError(
            "figures need matplotlib, which is not installed: pip install 'ganvas[plot]'"
        )


def draw_quality(path: Path, courses: Mapping[str, Course]) -> None:
    """Write the figure: a line for each run (label -> course), on logarithmic axes.

    A dashed line of the same colour is the distance of as many real images, the floor. The
    kind of file follows from the suffix (.png, .svg, .pdf).

    Raises UsageError for another suffix, no course and a missing matplotlib, GanvasError when
    the file cannot be written.
    """
    kind = path.suffix.lower()
    if kind not in SUFFIXES:
        raise UsageError(f"a figure can be written as {', '.join(SUFFIXES)}, not '{path.name}'")
    if not courses:
        raise UsageError("no run has a probe to draw; train with evaluation.probe_samples above 0")
    require_matplotlib()
    from matplotlib.figure import Figure  # not pyplot, which keeps global state

    figure = Figure(figsize=(10, 4.5), layout="constrained")
    for place, (attribute, label) in enumerate(
        (("images", "images"), ("seconds", "seconds of training")), start=1
    ):
        axes = figure.add_subplot(1, 2, place)
        for number, (name, course) in enumerate(courses.items()):
            colour = f"C{number % 10}"
            axes.plot(
                getattr(course, attribute), course.fd, marker="o", ms=3, color=colour, label=name
            )
            if course.real is not None:
                axes.axhline(course.real, color=colour, ls="--", lw=0.8)
        axes.set_yscale("log")
        axes.set_xlabel(label)
        axes.set_ylabel("Fréchet distance to held-out images")
        axes.grid(alpha=0.3)
    judges = sorted({course.judge[7:15] for course in courses.values()})
    counts = sorted({course.samples for course in courses.values()})
    figure.suptitle(
        f"Quality while training: {' or '.join(f'{count:,}' for count in counts)} samples, "
        f"judge {' or '.join(judges)}; dashed: as many real images",
        fontsize=10,
    )
    figure.axes[0].legend(fontsize=8)
    buffer = BytesIO()
    metadata = {"Date": None} if kind == ".svg" else None
    figure.savefig(buffer, format=kind[1:], dpi=150, metadata=metadata)
    write_bytes(path, buffer.getvalue())
