"""Races to quality as a figure: the distance in multiples of real's, against seconds."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from ganvas.errors import UsageError
from ganvas.report.figures import require_suffix, write_figure

__all__ = ["draw_speedrun"]

Course = tuple[Sequence[float], Sequence[float]]
"""Seconds, and the distance in multiples of real images' own at each."""

_STYLES = ("-", "--", ":")


def draw_speedrun(
    path: Path, courses: Mapping[str, Sequence[Course]], targets: Sequence[float], *, title: str
) -> None:
    """Write the figure: a colour for each contender (label -> the courses of its repeats).

    Both axes are logarithmic; grey lines are the targets. The kind of file follows from the
    suffix.

    Raises UsageError for another suffix, no course and a missing matplotlib, GanvasError when
    the file cannot be written.
    """
    require_suffix(path)
    if not any(course[0] for repeats in courses.values() for course in repeats):
        raise UsageError("no contender was looked at: there is nothing to draw")
    write_figure(path, (9, 5.5), lambda figure: _draw(figure, courses, targets, title))


def _draw(
    figure: Any, courses: Mapping[str, Sequence[Course]], targets: Sequence[float], title: str
) -> None:
    from matplotlib.ticker import FuncFormatter, LogLocator, NullLocator

    axes = figure.add_subplot()
    for number, (name, repeats) in enumerate(courses.items()):
        for repeat, (seconds, times) in enumerate(repeats):
            axes.plot(
                seconds,
                times,
                color=f"C{number % 10}",
                ls=_STYLES[number // 10 % len(_STYLES)],
                lw=1.1,
                marker="o" if len(seconds) == 1 else None,
                ms=3,
                label=name if repeat == 0 else None,
            )
    for target in targets:
        axes.axhline(target, color="grey", lw=0.7)
        axes.annotate(f"{target:g}x", (1.0, target), xycoords=("axes fraction", "data"), fontsize=8)
    axes.set_xscale("log")
    axes.set_yscale("log")
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_major_locator(LogLocator(subs=(1.0, 2.0, 5.0)))
        axis.set_minor_locator(NullLocator())
        axis.set_major_formatter(FuncFormatter(lambda value, place: f"{value:g}"))
    axes.set_xlabel("seconds of training")
    axes.set_ylabel("Fréchet distance in multiples of real test images'")
    axes.grid(alpha=0.3)
    axes.legend(fontsize=7, loc="center left", bbox_to_anchor=(1.04, 0.5))
    figure.suptitle(title.replace("$", r"\$"), fontsize=10)
