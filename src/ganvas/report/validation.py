"""What D made of training, held-out and fake images while it trained, as one figure of a run."""

import math
from pathlib import Path
from typing import Any

from ganvas.errors import UsageError
from ganvas.report.figures import require_suffix
from ganvas.report.plots import write_plot
from ganvas.report.record import read_run
from ganvas.run import find_run

__all__ = ["draw_validation", "read_validation"]

_NEEDED = ("d_loss_train", "d_loss_ideal", "d_accuracy_train", "fooling_rate")


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
    if not read_validation(run):
        raise UsageError(
            f"{run} has no validation to draw; train longer than "
            "evaluation.validation_every_images, with evaluation.validation_images above 0"
        )
    write_plot("validation", read_run(run), path)


def _point(line: dict[str, Any]) -> dict[str, Any]:
    figures = line["validation"]
    if not isinstance(figures, dict):
        raise TypeError("validation must be an object")
    lacking = [name for name in _NEEDED if not _is_number(figures.get(name))]
    if lacking:
        raise ValueError(f"{lacking[0]} must be a number")
    return {**figures, "images": line["images"]}


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and math.isfinite(value)
