"""How often D was right at the end of a run: whether one player has left the other behind."""

import statistics
from collections.abc import Sequence

from ganvas.report.lines import Line, series
from ganvas.report.record import RunRecord

__all__ = ["EASILY", "HARDLY", "end_of", "share_right"]

EASILY, HARDLY = 0.9, 0.6
"""From where on D tells real from fake easily, and up to where it hardly can; 0.5 is chance."""

_END = 5  # the last fifth of a run is its end


def share_right(record: RunRecord) -> float | None:
    """Return the share of images, real ones and fakes alike, that D was right about at the end.

    By its looks at training images and fakes where there are any, else as it learnt; None where
    neither is known.
    """
    looked = _mean(record.metrics.validation, "d_accuracy_train", "d_accuracy_fake")
    if looked is not None:
        return looked
    return _mean(record.metrics.log, "d_accuracy_real", "d_accuracy_fake")


def end_of(values: Sequence[float]) -> Sequence[float]:
    """Return the last fifth of values, at least one; () of none."""
    return values[-max(1, len(values) // _END) :] if values else ()


def _mean(lines: Sequence[Line], real: str, fake: str) -> float | None:
    ends = [end_of(series(lines, name).values) for name in (real, fake)]
    return statistics.fmean(map(statistics.fmean, ends)) if all(ends) else None
