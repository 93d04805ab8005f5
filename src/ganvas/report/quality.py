"""Quality of runs against images and against seconds, as one figure."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from ganvas.comparison import Course
from ganvas.errors import UsageError
from ganvas.report.figures import require_suffix, write_figure
from ganvas.report.palette import EDGE, RUNS

__all__ = ["draw_quality"]


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
    write_figure(path, (10, 4.5), lambda figure: _draw(figure, courses))


def _draw(figure: Any, courses: Mapping[str, Course]) -> None:
    for place, (attribute, label) in enumerate(
        (("images", "images"), ("seconds", "seconds of training")), start=1
    ):
        axes = figure.add_subplot(1, 2, place)
        for number, (name, course) in enumerate(courses.items()):
            colour = RUNS[number % len(RUNS)]
            axes.plot(
                getattr(course, attribute),
                course.fd,
                marker="os^Dv"[number % 5],
                ms=3,
                color=colour,
                label=_plain(name),
            )
            if course.real is not None:
                axes.axhline(course.real, color=colour, ls="--", lw=0.8)
        axes.set_yscale("log")
        axes.set_xlabel(label)
        axes.set_ylabel("Fréchet distance to held-out images")
        axes.grid(color=EDGE, lw=0.7)
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
