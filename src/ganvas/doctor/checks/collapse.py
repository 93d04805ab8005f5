"""Samples that are all alike, and modes of points that are missing."""

from collections.abc import Iterator
from statistics import median

from ganvas.doctor.history import Facts, History
from ganvas.doctor.sign import Sign
from ganvas.doctor.thresholds import limit

__all__ = ["signs", "signs_of_points"]

_LOOKS = 3


def signs(facts: Facts, history: History) -> Iterator[Sign]:
    """Yield the signs of the newest probe's samples."""
    if history.images < facts.grace:
        return
    yield from _alike(history)


def signs_of_points(facts: Facts, history: History) -> Iterator[Sign]:
    """Yield the signs of points, whose modes are known."""
    found, modes = history.last("modes", "found"), history.last("modes", "modes")
    if history.images < facts.grace or not modes or found is None:
        return
    looks = [0.0] * _LOOKS + history.values("modes", "found", 2 * _LOOKS)
    if median(looks[-_LOOKS:]) > median(looks[-2 * _LOOKS : -_LOOKS]):
        return  # it still finds new ones
    if found < limit("modes_found") * modes:
        severity = "error" if found < modes / 2 else "warning"
        evidence = {"found": found, "modes": modes}
        yield Sign(name="mode_collapse", severity=severity, evidence=evidence)  # type: ignore[arg-type]


def _alike(history: History) -> Iterator[Sign]:
    diversity, twins = (history.last("probe", n) for n in ("feature_diversity", "duplicates"))
    if diversity is None:
        return
    evidence = {"feature_diversity": diversity, "duplicates": twins}
    if diversity < limit("diversity_collapsed") or (twins or 0) > limit("twins"):
        yield Sign(name="mode_collapse", severity="error", evidence=evidence)
    elif diversity < limit("diversity_low"):
        before = history.values("probe", "feature_diversity", _LOOKS)
        if diversity < 1.1 * before[0]:  # what grows is on its way
            yield Sign(name="low_diversity", severity="warning", evidence=evidence)
