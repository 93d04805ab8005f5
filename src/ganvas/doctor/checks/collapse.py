"""Samples that are all alike, classes that are missing, modes that were lost."""

import math
from collections.abc import Iterator, Sequence
from statistics import median

from ganvas.doctor.history import Facts, History
from ganvas.doctor.sign import Sign
from ganvas.doctor.thresholds import limit

__all__ = ["signs", "signs_of_points"]

_LOOKS = 3  # pooled: a single look has a hundred samples


def signs(facts: Facts, history: History) -> Iterator[Sign]:
    """Yield the signs of the newest probe's samples."""
    if history.images < facts.grace:
        return
    yield from _alike(history)
    yield from _classes(facts, history)
    yield from _accuracy(facts, history)


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


def _classes(facts: Facts, history: History) -> Iterator[Sign]:
    histograms = history.lists("probe", "class_histogram", _LOOKS, since=facts.grace)
    expected = history.lists("probe", "class_expected", 1)
    if not histograms or not expected:
        return
    counts = [sum(column) for column in zip(*histograms, strict=True)]
    shares, total = expected[0], sum(counts)
    if not total:
        return
    missing = [
        place
        for place, (count, share) in enumerate(zip(counts, shares, strict=True))
        if count == 0 and share * total >= limit("class_expected")
    ]
    evidence = {"counts": counts, "classes": missing}
    if missing:
        seen = {
            place
            for earlier in history.lists("probe", "class_histogram", history.count("probe"))
            for place in missing
            if earlier[place] >= shares[place] * sum(earlier) / 2
        }
        yield Sign(
            name="modes_lost" if seen else "missing_class", severity="error", evidence=evidence
        )
    kl = sum(
        count / total * math.log(count / total / share)
        for count, share in zip(counts, shares, strict=True)
        if count and share
    )
    if not missing and kl > limit("class_kl"):
        yield Sign(
            name="classes_unbalanced",
            severity="warning",
            evidence={"counts": counts, "kl": round(kl, 4)},
        )


def _accuracy(facts: Facts, history: History) -> Iterator[Sign]:
    looks = history.lists("probe", "class_accuracy", _LOOKS, since=facts.grace)
    if not looks or not history.last("probe", "trained_judge"):
        return
    means = [
        sum(known) / len(known) if known else None
        for column in zip(*looks, strict=True)
        for known in [[share for share in column if share is not None]]
    ]
    known = [mean for mean in means if mean is not None]
    if known and len(known) > 1 and sum(known) / len(known) < limit("labels_ignored"):
        evidence = {"class_accuracy": round(sum(known) / len(known), 3)}
        yield Sign(name="labels_ignored", severity="error", evidence=evidence)
        return
    wrong = [
        i
        for i, mean in enumerate(means)
        if mean is not None
        and mean < limit("class_accuracy")
        and not _grows([look[i] for look in looks])
    ]
    if wrong:
        evidence = {"classes": wrong, "class_accuracy": [round(means[i] or 0.0, 3) for i in wrong]}
        yield Sign(name="missing_class", severity="error", evidence=evidence)


def _grows(shares: Sequence[float | None]) -> bool:
    """Whether a class shows more often at the newest look than at the oldest: on its way."""
    known = [share for share in shares if share is not None]
    return known[-1] > known[0] + limit("class_grows")
