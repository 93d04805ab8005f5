"""What races come to: times to quality over repeats, as rows and as JSON."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from statistics import median
from typing import Any

from ganvas.benchmark.race import Point, Race, Track
from ganvas.benchmark.racers import PLAIN
from ganvas.benchmark.roofline import Roofline

__all__ = ["Reached", "by_contender", "in_json", "reached", "rooflined", "sooner"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Reached:
    """How a contender came to one target: the medians over the repeats that did, of all.

    `images`, `seconds` and `ceiling` (GFLOP/s) are None where none did; `why` then says why.
    """

    target: float
    count: int
    repeats: int
    images: float | None
    seconds: float | None
    ceiling: float | None
    why: str


def by_contender(tracks: Sequence[Track]) -> dict[str, list[Track]]:
    """Return the repeats of each contender, by its name."""
    found: dict[str, list[Track]] = {}
    for track in tracks:
        found.setdefault(track.contender.name, []).append(track)
    return found


def reached(repeats: Sequence[Track], target: float, race: Race) -> Reached:
    """Return how one contender's repeats came to a target."""
    points = [point for track in repeats if (point := track.reach(target)) is not None]
    return Reached(
        target=target,
        count=len(points),
        repeats=len(repeats),
        images=median(point.images for point in points) if points else None,
        seconds=median(point.seconds for point in points) if points else None,
        ceiling=median(point.ceiling for point in points) if points else None,
        why="" if points else _why(repeats, race),
    )


def sooner(tracks: Sequence[Track], target: float, race: Race) -> list[dict[str, Any]]:
    """Return how many times sooner each form of `swift` came to a target than the published.

    The best of its schedules against the best of the published recipes, in medians. `swift` must
    have come there in all repeats, or it is not in the list; of a published recipe the repeats
    count that came there (`count` of `repeats`), which is to its advantage. Where none of any did,
    the ratio is to the cap, and `at_least` is true.
    """
    groups = by_contender(tracks)
    published = {n for n, found in groups.items() if _recipe_of(found) not in ("swift", PLAIN)}
    if not published:
        return []
    came = {
        name: (found, found.seconds)
        for name, repeats in groups.items()
        if (found := reached(repeats, target, race)).seconds is not None
    }
    best = min(published & came.keys(), key=lambda name: came[name][1], default=None)
    rows = []
    for unconditional in (False, True):
        ours = {
            name: seconds
            for name, (found, seconds) in came.items()
            if _recipe_of(groups[name]) == "swift"
            and groups[name][0].contender.unconditional is unconditional
            and found.count == found.repeats
        }
        if not ours:
            continue
        first = min(ours, key=ours.__getitem__)
        theirs = race.minutes * 60 if best is None else came[best][1]
        rows.append(
            {
                "name": first,
                "against": best,
                "target": target,
                "ratio": theirs / ours[first],
                "at_least": best is None,
                "count": 0 if best is None else came[best][0].count,
                "repeats": len(groups[first]) if best is None else came[best][0].repeats,
            }
        )
    return rows


def _recipe_of(repeats: Sequence[Track]) -> str:
    return repeats[0].contender.recipe


def in_json(tracks: Sequence[Track], rooflines: Sequence[Roofline], race: Race) -> dict[str, Any]:
    """Return what `ganvas bench speedrun --json` prints."""
    return {
        "data": race.data,
        "minutes": race.minutes,
        "samples": race.samples,
        "few": race.few,
        "threads": race.threads,
        "targets": list(race.targets),
        "contenders": [
            {
                **asdict(repeats[0].contender),
                "reached": [asdict(reached(repeats, target, race)) for target in race.targets],
                "repeats": [
                    {
                        "seed": track.seed,
                        "end": track.end,
                        "points": [_point(point) for point in track.points],
                    }
                    for track in repeats
                ],
            }
            for repeats in by_contender(tracks).values()
        ],
        "sooner": [row for target in race.targets for row in sooner(tracks, target, race)],
        "rooflines": [rooflined(roofline) for roofline in rooflines],
    }


def rooflined(roofline: Roofline) -> dict[str, Any]:
    """Return a roofline as JSON has it: with its rate and share."""
    return {**asdict(roofline), "rate": roofline.rate, "share": roofline.share}


def _point(point: Point) -> dict[str, Any]:
    return {**asdict(point), "times_real": point.times_real}


def _why(repeats: Sequence[Track], race: Race) -> str:
    """Return why none came there; of repeats that ended differently, how many did how."""
    trained = max((t.points[-1].images for t in repeats if t.end == "schedule"), default=0)
    words = {"diverged": "diverged", "schedule": f"not in {trained:,} images"}
    reasons = Counter(words.get(track.end, f"not in {race.minutes:g} min") for track in repeats)
    if len(reasons) == 1:
        return next(iter(reasons))
    return ", ".join(f"{reason} ({count} of {len(repeats)})" for reason, count in reasons.items())
