"""What races come to: medians, what was not reached, ratios, and their JSON."""

import json
from dataclasses import replace
from statistics import median
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ganvas.benchmark.race import Point, Race, Track
from ganvas.benchmark.racers import PLAIN, Contender
from ganvas.benchmark.results import by_contender, in_json, reached, rooflined, sooner
from ganvas.benchmark.roofline import Operator, Roofline

SWIFT = Contender(name="swift-12000", recipe="swift", images=12_000)
LSGAN = Contender(name="lsgan", recipe="lsgan")
RACE = Race(data="mnist", contenders=(SWIFT, LSGAN), minutes=1.0, samples=200, threads=1)


def track(
    contender: Contender, *reach: tuple[float, float], seed: int = 0, end: str = "cap"
) -> Track:
    """A course of (seconds, times real), ten images a second."""
    points = [
        Point(
            images=round(10 * s),
            seconds=s,
            fd=t * 0.5,
            real=0.5,
            samples=200,
            real_samples=200,
            ceiling=100.0 + s,
        )
        for s, t in reach
    ]
    return Track(contender=contender, seed=seed, points=tuple(points), end=end)


COURSES = st.lists(
    st.lists(st.integers(1, 40), max_size=6).map(
        lambda times: track(SWIFT, *((float(s), float(t)) for s, t in enumerate(times, start=1)))
    ),
    min_size=1,
    max_size=5,
)


@settings(deadline=None)
@given(repeats=COURSES, target=st.integers(1, 40))
def test_a_target_s_figures_are_medians_of_the_first_looks_that_met_it(
    repeats: list[Track], target: int
) -> None:
    firsts = []
    for course in repeats:
        met = [point for point in course.points if point.fd / point.real <= target]
        firsts += met[:1]
    found = reached(repeats, float(target), RACE)
    assert (found.count, found.repeats) == (len(firsts), len(repeats))
    if not firsts:
        assert (found.images, found.seconds, found.ceiling) == (None, None, None)
        assert found.why == "not in 1 min"
        return
    assert found.why == ""
    assert found.seconds == median(point.seconds for point in firsts)
    assert found.images == median(point.images for point in firsts)
    assert found.ceiling == median(point.ceiling for point in firsts)


@settings(deadline=None)
@given(course=COURSES.map(lambda repeats: repeats[0]), targets=st.tuples(*[st.integers(1, 40)] * 2))
def test_a_harder_target_is_never_reached_sooner(course: Track, targets: tuple[int, int]) -> None:
    hard, easy = (reached([course], float(target), RACE) for target in sorted(targets))
    assert easy.count >= hard.count
    if hard.seconds is not None:
        assert easy.seconds is not None
        assert easy.seconds <= hard.seconds


@pytest.mark.parametrize(("ends", "why"), [
    (("diverged", "diverged"), "diverged"),
    (("schedule", "schedule"), "not in 70 images"),
    (("cap", "cap"), "not in 1.5 min"),
    (("cap", "diverged"), "not in 1.5 min (1 of 2), diverged (1 of 2)"),
    (("", "schedule"), "not in 1.5 min (1 of 2), not in 70 images (1 of 2)"),
    (("diverged", "schedule", "diverged"), "diverged (2 of 3), not in 70 images (1 of 3)"),
])  # fmt: skip
def test_what_was_not_reached_says_why(ends: tuple[str, str], why: str) -> None:
    courses = [
        track(SWIFT, (5.0, 30.0 + number), (6.0 + number, 25.0), seed=number, end=end)
        for number, end in enumerate(ends)
    ]
    assert reached(courses, 20.0, replace(RACE, minutes=1.5)).why == why


def test_repeats_are_put_together_by_name_in_the_order_they_came() -> None:
    one, two, other = track(SWIFT), track(SWIFT, seed=1), track(LSGAN)
    assert by_contender([one, other, two]) == {"swift-12000": [one, two], "lsgan": [other]}
    assert by_contender([]) == {}


def test_swift_is_set_beside_the_best_of_the_published() -> None:
    wgan = Contender(name="wgan-gp", recipe="wgan-gp")
    plain = Contender(name=PLAIN, recipe=PLAIN)
    longer = replace(SWIFT, name="swift-60000", images=60_000)
    tracks = [
        track(SWIFT, (5.0, 19.0)),
        track(longer, (8.0, 19.0), (20.0, 9.0)),
        track(LSGAN, (50.0, 19.0)),
        track(wgan, (40.0, 20.0)),
        track(plain, (1.0, 20.0)),
    ]
    (row,) = sooner(tracks, 20.0, RACE)
    assert (row["name"], row["against"], row["ratio"]) == ("swift-12000", "wgan-gp", 8.0)
    assert not row["at_least"]
    (row,) = sooner(tracks, 10.0, RACE)
    assert (row["name"], row["against"], row["ratio"]) == ("swift-60000", None, 3.0)
    assert row["at_least"]
    assert sooner(tracks, 3.0, RACE) == []
    found = in_json(tracks, [], RACE)
    assert json.loads(json.dumps(found, allow_nan=False)) == found
    assert found["contenders"][0]["name"] == "swift-12000"


def test_a_median_says_how_many_repeats_came_there() -> None:
    repeats = [track(SWIFT, (5.0, 9.0)), track(SWIFT, (7.0, 9.0), seed=1), track(SWIFT, seed=2)]
    found = reached(repeats, 10.0, RACE)
    assert (found.seconds, found.count, found.repeats) == (6.0, 2, 3)


def test_the_ratio_is_of_medians_of_the_repeats_that_came_there_and_ours_must_all() -> None:
    ours = [track(SWIFT, (s, 9.0), seed=i) for i, s in enumerate((4.0, 5.0, 60.0))]
    theirs = [track(LSGAN, (s, 9.0), seed=i) for i, s in enumerate((10.0, 20.0, 21.0))]
    (row,) = sooner([*ours, *theirs], 10.0, RACE)
    assert (row["ratio"], row["at_least"], row["target"]) == (4.0, False, 10.0)
    assert (row["count"], row["repeats"]) == (3, 3)
    theirs[0] = track(LSGAN)
    (row,) = sooner([*ours, *theirs], 10.0, RACE)
    assert (row["ratio"], row["against"], row["at_least"]) == (20.5 / 5, "lsgan", False)
    assert (row["count"], row["repeats"]) == (2, 3)
    theirs[1:] = [track(LSGAN, seed=1), track(LSGAN, seed=2)]
    (row,) = sooner([*ours, *theirs], 10.0, RACE)
    assert (row["ratio"], row["against"], row["at_least"]) == (60 / 5, None, True)
    ours[0] = track(SWIFT)
    assert sooner([*ours, *theirs], 10.0, RACE) == []


def test_each_form_of_swift_has_its_line_and_none_where_nobody_published_raced() -> None:
    unconditional = replace(SWIFT, name="swift-unconditional-12000", unconditional=True)
    both = [track(SWIFT, (2.0, 9.0)), track(unconditional, (4.0, 9.0))]
    assert sooner([*both, track(replace(LSGAN, name=PLAIN, recipe=PLAIN))], 10.0, RACE) == []
    rows = sooner([*both, track(LSGAN, (8.0, 9.0))], 10.0, RACE)
    assert [(row["name"], row["ratio"]) for row in rows] == [
        ("swift-12000", 4.0),
        ("swift-unconditional-12000", 2.0),
    ]


def test_courses_come_back_from_json() -> None:
    tracks = [
        track(SWIFT, (1.0, 30.0), (2.0, 2.5)),
        track(LSGAN, (3.0, 7.0), end="schedule"),
        track(SWIFT, (1.5, 30.0), seed=1, end="reached"),
    ]
    found = json.loads(json.dumps(in_json(tracks, [], RACE), allow_nan=False))

    def point(line: dict[str, Any]) -> Point:
        read = Point(**{key: value for key, value in line.items() if key != "times_real"})
        assert line["times_real"] == read.fd / read.real
        return read

    fields = Contender.__dataclass_fields__
    back = [
        Track(
            contender=Contender(**{name: entry[name] for name in fields}),
            seed=repeat["seed"],
            points=tuple(map(point, repeat["points"])),
            end=repeat["end"],
        )
        for entry in found["contenders"]
        for repeat in entry["repeats"]
    ]
    assert sorted(back, key=tracks.index) == tracks
    assert [entry["name"] for entry in found["contenders"]] == ["swift-12000", "lsgan"]
    assert (found["minutes"], found["samples"], found["threads"]) == (1.0, 200, 1)
    for entry in found["contenders"]:
        assert [row["target"] for row in entry["reached"]] == found["targets"]
        assert all((row["seconds"] is None) == bool(row["why"]) for row in entry["reached"])


def test_a_roofline_s_json_has_its_rate_and_share() -> None:
    roofline = Roofline(
        name="swift",
        precision="float32",
        threads=1,
        operations=4e6,
        images_per_second=500.0,
        ceiling=8e9,
        step_over_alone=1.5,
        operators=(Operator(name="aten::mm", share=0.25),),
    )
    found = rooflined(roofline)
    assert (found["rate"], found["share"]) == (2e9, 0.25)
    assert found["operators"] == ({"name": "aten::mm", "share": 0.25},)
    assert in_json([], [roofline], RACE)["rooflines"] == [found]
    assert json.loads(json.dumps(found))["step_over_alone"] == 1.5
