"""Every seed's course in one figure: quality against images and against seconds."""

from collections.abc import Collection, Mapping
from pathlib import Path
from statistics import median
from typing import Any

from ganvas.comparison import Course
from ganvas.errors import UsageError
from ganvas.report.figures import require_suffix, write_figure

__all__ = ["draw_trials"]

_SUCCESS, _FAILURE, _MEDIAN = "tab:blue", "tab:red", "black"


def draw_trials(
    path: Path, courses: Mapping[int, Course], succeeded: Collection[int], *, title: str
) -> None:
    """Write the figure: a line for each seed (seed -> course), red and named where it failed.

    The black line is the median of the seeds at each place that all of them reached, the dashed
    one the distance of as many real images. The kind of file follows from the suffix.

    Raises UsageError for another suffix, no course and a missing matplotlib, GanvasError when
    the file cannot be written.
    """
    require_suffix(path)
    if not courses:
        raise UsageError(
            "no seed has a probe to draw: train longer, or lower --set "
            "evaluation.probe_every_images"
        )
    write_figure(path, (10, 4.5), lambda figure: _draw(figure, courses, succeeded, title))


def _draw(
    figure: Any, courses: Mapping[int, Course], succeeded: Collection[int], title: str
) -> None:
    for place, (attribute, label) in enumerate(
        (("images", "images"), ("seconds", "seconds of training")), start=1
    ):
        axes = figure.add_subplot(1, 2, place)
        for seed, course in courses.items():
            succeeds = seed in succeeded
            x = getattr(course, attribute)
            axes.plot(
                x,
                course.fd,
                color=_SUCCESS if succeeds else _FAILURE,
                lw=0.9,
                alpha=0.5 if succeeds else 0.9,
                marker="o" if len(x) == 1 else None,
                ms=3,
            )
            if not succeeds:
                axes.annotate(f" {seed}", (x[-1], course.fd[-1]), color=_FAILURE, fontsize=7)
        middle = _middle(list(courses.values()), attribute)
        axes.plot(*middle, color=_MEDIAN, lw=1.8, marker="o", ms=3, label="median of the seeds")
        reals = [course.real for course in courses.values() if course.real is not None]
        if reals:
            axes.axhline(median(reals), color="grey", ls="--", lw=0.9, label="as many real images")
        axes.set_yscale("log")
        axes.set_xlabel(label)
        axes.set_ylabel("Fréchet distance to held-out images")
        axes.grid(alpha=0.3)
    figure.axes[0].legend(fontsize=8)
    figure.suptitle(title.replace("$", r"\$"), fontsize=10)


def _middle(courses: list[Course], attribute: str) -> tuple[list[float], list[float]]:
    """Return the medians, over the seeds, of the places and the distances at each shared probe."""
    shared = set(courses[0].images).intersection(*(course.images for course in courses))
    places, distances = [], []
    for images in sorted(shared):
        rows = [(course, course.images.index(images)) for course in courses]
        places.append(median(float(getattr(course, attribute)[row]) for course, row in rows))
        distances.append(median(course.fd[row] for course, row in rows))
    return places, distances
