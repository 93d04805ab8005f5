"""What races come to: times to quality over repeats, as rows and as JSON."""

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

    The best of its schedules against the best of the published recipes, in medians; where none of
    these came there, the ratio is to the cap, and `at_least` is true. `swift` is not in the list
    where it did not come there itself.
    """
    groups = by_contender(tracks)
    times: dict[str, float] = {}
    for name, repeats in groups.items():
        found = reached(repeats, target, race)
        if found.seconds is not None and found.count == found.repeats:
            times[name] = found.seconds
    others = {
        name: seconds
        for name, seconds in times.items()
        if groups[name][0].contender.recipe not in ("swift", PLAIN)
    }
    best = min(others, key=others.__getitem__, default=None)
    rows = []
    for unconditional in (False, True):
        ours = [
            name
            for name in times
            if groups[name][0].contender.recipe == "swift"
            and groups[name][0].contender.unconditional is unconditional
        ]
        if not ours or not any(t.contender.recipe not in ("swift", PLAIN) for t in tracks):
            continue
        first = min(ours, key=times.__getitem__)
        theirs = race.minutes * 60 if best is None else others[best]
        rows.append(
            {
                "name": first,
                "against": best,
                "target": target,
                "ratio": theirs / times[first],
                "at_least": best is None,
            }
        )
    return rows


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
    ends = {track.end for track in repeats}
    if ends == {"diverged"}:
        return "diverged"
    if ends == {"schedule"}:
        images = max(track.points[-1].images for track in repeats)
        return f"not in {images:,} images"
    return f"not in {race.minutes:g} min"
