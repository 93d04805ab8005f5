"""What D made of training, held-out and fake images while it trained, as one figure of a run."""

import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ganvas.errors import UsageError
from ganvas.report.figures import require_suffix, write_figure
from ganvas.run import find_run

__all__ = ["draw_validation", "read_validation"]

_LINES = (
    ("train", "training images", "C0"),
    ("held_out", "held-out images", "C1"),
    ("fake", "fakes", "C3"),
)
_NEEDED = ("d_loss_train", "d_loss_ideal", "d_accuracy_train", "fooling_rate")
_SMOOTHED = 5  # neighbouring values whose mean is drawn as a line


def read_validation(run: str | Path) -> list[dict[str, Any]]:
    """Return a run's validations in metrics.jsonl, each with `images` and `ganvas.validation`'s
    figures; [] where it has none.

    Raises UsageError for what is no run directory, DataError for a damaged line.
    """
    return find_run(run).read_metrics("validation", _point)


def draw_validation(run: str | Path, path: Path) -> None:
    """Write the figure of a run as `path` (.png, .svg or .pdf), from the run's files alone.

    Left D's loss on training and on held-out images, with its ideal; in the middle the share of
    each kind that D calls real (for a loss without boundary: of pairs in which D is right); right
    how far D overfits, 0 not at all, 1 by heart, as points and the mean of five neighbours.

    Raises UsageError where there is nothing to draw and what `write_figure` raises.
    """
    require_suffix(path)
    points = read_validation(run)
    if not points:
        raise UsageError(
            f"{run} has no validation to draw; train longer than "
            "evaluation.validation_every_images, with evaluation.validation_images above 0"
        )
    write_figure(path, (12, 3.8), lambda figure: _draw(figure, points))


def _point(line: dict[str, Any]) -> dict[str, Any]:
    figures = line["validation"]
    if not isinstance(figures, dict):
        raise TypeError("validation must be an object")
    lacking = [name for name in _NEEDED if not _is_number(figures.get(name))]
    if lacking:
        raise ValueError(f"{lacking[0]} must be a number")
    return {**figures, "images": line["images"]}


def _draw(figure: Any, points: list[dict[str, Any]]) -> None:
    loss, shares, overfitting = figure.subplots(1, 3)
    images = [point["images"] for point in points]
    for kind, label, colour in _LINES[:2]:
        _line(loss, images, _column(points, f"d_loss_{kind}"), label, colour)
    loss.axhline(points[-1]["d_loss_ideal"], color="black", ls="--", lw=1, label="ideal")
    loss.set_ylabel("D's loss (beside the same fakes)")
    if points[-1].get("accuracy_of") == "pairs":
        for kind, label, colour in _LINES[:2]:
            _line(shares, images, _column(points, f"d_accuracy_{kind}"), label, colour)
        shares.axhline(0.5, color="black", ls="--", lw=1, label="ideal")
        shares.set_ylabel("share of pairs with a fake, D right")
    else:
        for kind, label, colour in _LINES:
            name = "fooling_rate" if kind == "fake" else f"d_accuracy_{kind}"
            _line(shares, images, _column(points, name), label, colour)
        shares.set_ylabel("share that D calls real")
    shares.set_ylim(-0.03, 1.03)
    _draw_overfitting(overfitting, images, _column(points, "overfitting"))
    for axes in (loss, shares, overfitting):
        axes.set_xlabel("images")
        axes.xaxis.set_major_formatter("{x:,.0f}")
        axes.locator_params(axis="x", nbins=5)
        axes.grid(alpha=0.3)
    loss.legend(fontsize=8)
    shares.legend(fontsize=8)
    counts = dict.fromkeys(f"{point.get('count', 0):,}" for point in points)
    figure.suptitle(
        f"D on training, held-out and fake images ({' or '.join(counts)} of each kind at a time)",
        fontsize=10,
    )


def _draw_overfitting(axes: Any, images: Sequence[int], values: Sequence[float]) -> None:
    known = [(x, value) for x, value in zip(images, values, strict=True) if math.isfinite(value)]
    axes.axhline(0, color="black", ls="--", lw=1)
    axes.axhline(1, color="C3", ls="--", lw=1)
    axes.set_ylabel("overfitting: 0 none, 1 learnt by heart")
    axes.set_xlim(*_margins(images))
    if not known:
        axes.set_ylim(-0.5, 1.2)
        axes.text(0.5, 0.5, "not known", ha="center", transform=axes.transAxes)
        return
    at = [x for x, _ in known]
    plain = [value for _, value in known]
    axes.plot(at, plain, "o", ms=3, color="C2", alpha=0.6)
    axes.plot(at, _smoothed(plain), color="C2")
    axes.set_ylim(min(-0.5, *plain) - 0.05, max(1.2, *plain) + 0.05)


def _line(
    axes: Any, images: Sequence[int], values: Sequence[float], label: str, colour: str
) -> None:
    if any(map(math.isfinite, values)):
        # Training images in a broad line, so that it is seen under one that falls on it.
        broad = colour == _LINES[0][2]
        width, size = (4.0, 7.0) if broad else (1.5, 3.0)
        alpha = 0.45 if broad else 1.0
        axes.plot(
            images, values, marker="o", ms=size, lw=width, alpha=alpha, color=colour, label=label
        )


def _column(points: list[dict[str, Any]], name: str) -> list[float]:
    """Return one figure of all points; not a number where it is missing."""
    return [point[name] if _is_number(point.get(name)) else math.nan for point in points]


def _smoothed(values: Sequence[float]) -> list[float]:
    """Return the mean of each value and its neighbours, fewer towards the ends."""
    half = _SMOOTHED // 2
    parts = [values[max(0, i - half) : i + half + 1] for i in range(len(values))]
    return [sum(part) / len(part) for part in parts]


def _margins(images: Sequence[int]) -> tuple[float, float]:
    space = max(1.0, 0.05 * (images[-1] - images[0]))
    return images[0] - space, images[-1] + space


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and math.isfinite(value)
