"""What D made of training, held-out and fake images: its loss, answers and overfitting."""

from collections.abc import Sequence
from typing import Any

from ganvas.report.lines import Series, series
from ganvas.report.palette import FAINT, FAKE, GENERATOR, HELD_OUT, REAL
from ganvas.report.panels.panel import Panel, images_axis, legend, line
from ganvas.report.record import RunRecord

__all__ = ["OVERFITTING", "SHARES", "VALIDATION_LOSS", "are_pairs", "smoothed"]

# Training images in a broad line, so that it is seen under one that falls on it.
_BROAD: dict[str, Any] = {"lw": 4.0, "alpha": 0.45}
_SMOOTHED = 5  # neighbouring values whose mean is drawn as a line


def are_pairs(record: RunRecord) -> bool:
    """Whether D's accuracies are shares of pairs: its loss has no boundary for single images."""
    looks = record.metrics.validation
    return bool(looks) and looks[-1].figures.get("accuracy_of") == "pairs"


def smoothed(values: Sequence[float]) -> list[float]:
    """Return the mean of each value and its four neighbours, fewer towards the ends."""
    half = _SMOOTHED // 2
    parts = [values[max(0, i - half) : i + half + 1] for i in range(len(values))]
    return [sum(part) / len(part) for part in parts]


def _draw_loss(axes: Any, record: RunRecord) -> None:
    looks = record.metrics.validation
    line(axes, series(looks, "d_loss_train"), "training images", REAL, **_BROAD)
    line(axes, series(looks, "d_loss_held_out"), "held-out images", HELD_OUT)
    ideal = series(looks, "d_loss_ideal").values
    if ideal:
        axes.axhline(ideal[-1], color=FAINT, ls="--", lw=1.2, label="D that cannot tell")
    axes.set_ylabel("D's loss (beside the same fakes)")
    images_axis(axes)
    legend(axes)


def _draw_shares(axes: Any, record: RunRecord) -> None:
    looks = record.metrics.validation
    line(axes, series(looks, "d_accuracy_train"), "training images", REAL, **_BROAD)
    line(axes, series(looks, "d_accuracy_held_out"), "held-out images", HELD_OUT)
    if are_pairs(record):
        axes.axhline(0.5, color=FAINT, ls="--", lw=1.2, label="D that cannot tell")
        axes.set_ylabel("share of pairs with a fake, D right")
    else:
        line(axes, series(looks, "fooling_rate"), "fakes", FAKE, ls="-")
        axes.set_ylabel("share that D calls real")
    axes.set_ylim(-0.03, 1.03)
    images_axis(axes)
    legend(axes)


def _draw_overfitting(axes: Any, record: RunRecord) -> None:
    looks = record.metrics.validation
    found: Series = series(looks, "overfitting")
    axes.axhline(0, color=FAINT, ls="--", lw=1.2)
    axes.axhline(1, color=FAKE, ls="--", lw=1.2)
    axes.set_ylabel("overfitting: 0 none, 1 learnt by heart")
    images_axis(axes)
    first, last = looks[0].images, looks[-1].images
    space = max(1.0, 0.05 * (last - first))
    axes.set_xlim(first - space, last + space)
    if not len(found):
        axes.set_ylim(-0.5, 1.2)
        axes.text(0.5, 0.5, "not known", ha="center", transform=axes.transAxes)
        return
    axes.plot(found.images, found.values, "o", ms=3, color=GENERATOR, alpha=0.5)
    axes.plot(found.images, smoothed(found.values), color=GENERATOR)
    axes.set_ylim(min(-0.5, *found.values, 0) - 0.05, max(1.2, *found.values, 0) + 0.05)


def _is_known(record: RunRecord) -> bool:
    return len(series(record.metrics.validation, "d_loss_train")) > 0


def _made(record: RunRecord) -> str:
    counts = dict.fromkeys(
        f"{count:,}"
        for look in record.metrics.validation
        if isinstance(count := look.figures.get("count"), int)
    )
    return f"{' or '.join(counts) or 'an unknown number'} images of each kind at a time"


VALIDATION_LOSS = Panel(
    title="D's loss on images it knows and does not know",
    is_known=_is_known,
    draw=_draw_loss,
    made=_made,
)
SHARES = Panel(title="D's verdicts", is_known=_is_known, draw=_draw_shares, made=_made)
OVERFITTING = Panel(
    title="Does D learn by heart?", is_known=_is_known, draw=_draw_overfitting, made=_made
)
