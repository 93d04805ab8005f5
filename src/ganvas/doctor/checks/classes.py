"""Classes that are missing, were lost, or are not the ones that were asked for."""

import math
from collections.abc import Iterator, Sequence

from ganvas.doctor.history import Facts, History
from ganvas.doctor.sign import Sign
from ganvas.doctor.thresholds import limit

__all__ = ["signs"]

_LOOKS = 3  # pooled: a single look has a hundred samples


def signs(facts: Facts, history: History) -> Iterator[Sign]:
    """Yield the signs of the newest probe's classes."""
    if history.images < facts.grace:
        return
    yield from _classes(facts, history)
    yield from _accuracy(facts, history)


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
