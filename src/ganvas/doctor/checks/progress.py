"""Whether quality still rises, has fallen, or stands still."""

from collections.abc import Iterator

from ganvas.doctor.history import Facts, History
from ganvas.doctor.sign import Sign
from ganvas.doctor.thresholds import limit

__all__ = ["signs"]

_LEAST = 6  # looks at quality
_STILL_OF = 8


def signs(facts: Facts, history: History) -> Iterator[Sign]:
    """Yield quality_lost and no_progress from the Frechet distances so far."""
    values = history.values("quality", "fd")
    if len(values) < _LEAST or history.images < facts.grace:
        return
    best, now = min(values), values[-1]
    evidence = {"fd": round(now, 4), "best_fd": round(best, 4)}
    if now > limit("quality_lost") * best:
        yield Sign(name="quality_lost", severity="warning", evidence=evidence)
    elif facts.recipe.schedule.decay_from >= 1:  # else the best is still to come
        recent = max(_STILL_OF, len(values) // 2)
        older = values[:-recent]
        if not older or min(values[-recent:]) <= limit("quality_still") * min(older):
            return
        yield Sign(name="no_progress", severity="note", evidence=evidence)
