"""Quality on the way, against images and against seconds, beside that of real images."""

from typing import Any

from ganvas.report.lines import Line, Series, series
from ganvas.report.palette import EDGE, FAKE, REAL
from ganvas.report.panels.panel import Panel, images_axis, legend, line, logarithmic
from ganvas.report.record import RunRecord

__all__ = ["LABELS", "QUALITY", "QUALITY_BY_TIME", "alike"]

_MADE_ALIKE = ("judge", "samples")


def alike(record: RunRecord) -> tuple[Line, ...]:
    """Return the looks at quality that compare: those measured like the last."""
    looks = record.metrics.quality
    if not looks:
        return ()
    last = looks[-1].figures
    return tuple(
        look
        for look in looks
        if all(look.figures.get(name) == last.get(name) for name in _MADE_ALIKE)
    )


def _draw(axes: Any, record: RunRecord) -> None:
    line(axes, series(alike(record), "fd"), "generated images", FAKE, marker="o", ms=3)
    _finish(axes, record)
    images_axis(axes)


def _draw_by_time(axes: Any, record: RunRecord) -> None:
    found = _timed(series(alike(record), "fd"))
    axes.plot(found.seconds, found.values, "o-", ms=3, color=FAKE, label="generated images")
    _finish(axes, record)
    axes.set_xlabel("seconds of training")
    axes.grid(color=EDGE, lw=0.7)


def _finish(axes: Any, record: RunRecord) -> None:
    real = series(alike(record)[-1:], "real_fd").values
    if real:
        axes.axhline(real[0], color=REAL, ls="--", lw=1.2, label="as many real images")
    distances = series(alike(record), "fd").values
    if distances and min(*distances, *real, 1.0) > 0:
        logarithmic(axes)
    axes.set_ylabel("Fréchet distance: lower is better")
    legend(axes)


def _draw_labels(axes: Any, record: RunRecord) -> None:
    line(axes, series(alike(record), "label_accuracy"), "generated images", FAKE)
    measured = record.head.evaluation.get("metrics", {}).get("label_accuracy")
    if measured and measured["real"] is not None:
        split = str(record.head.evaluation["split"]).replace("_", "-").replace("$", r"\$")
        axes.axhline(measured["real"], color=REAL, ls="--", lw=1.2, label=f"real {split} images")
        legend(axes)
    axes.set_ylabel("share that shows the class asked for")
    axes.yaxis.set_major_formatter(lambda value, _: f"{value:.4g}" if value <= 1 else "")
    images_axis(axes)


def _timed(found: Series) -> Series:
    known = [i for i, seconds in enumerate(found.seconds) if seconds is not None]
    return Series(
        images=tuple(found.images[i] for i in known),
        seconds=tuple(found.seconds[i] for i in known),
        values=tuple(found.values[i] for i in known),
    )


def _made(record: RunRecord) -> str:
    figures = alike(record)[-1].figures
    samples, judge = figures.get("samples"), str(figures.get("judge", ""))
    count = f"{samples:,}" if isinstance(samples, int) else "an unknown number of"
    return f"{count} samples a look, against held-out images, judge {judge[7:15] or 'unknown'}"


def _has(name: str, *, by_time: bool = False) -> Any:
    def is_known(record: RunRecord) -> bool:
        found = series(alike(record), name)
        return len(_timed(found) if by_time else found) > 0

    return is_known


QUALITY = Panel(title="Quality against images", is_known=_has("fd"), draw=_draw, made=_made)
QUALITY_BY_TIME = Panel(
    title="Quality against time", is_known=_has("fd", by_time=True), draw=_draw_by_time, made=_made
)
LABELS = Panel(
    title="Right classes", is_known=_has("label_accuracy"), draw=_draw_labels, made=_made
)
