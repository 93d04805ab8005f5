"""The tables of `ganvas bench`: a row for each contender, and for each step, with its figures."""

import re
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ganvas.benchmark.race import Point, Race, Track
from ganvas.benchmark.racers import Contender
from ganvas.benchmark.results import by_contender, reached
from ganvas.benchmark.roofline import Operator, Roofline
from ganvas.cli.bench_tables import print_race, print_rooflines

Captured = pytest.CaptureFixture[str]
SWIFT = Contender(name="swift-9000", recipe="swift", images=9_000)
LSGAN = Contender(name="lsgan", recipe="lsgan")
RACE = Race(
    data="mnist", contenders=(SWIFT, LSGAN), targets=(20.0, 2.5), minutes=3.0, samples=5_000
)
STEP = Roofline(
    name="swift",
    precision="bfloat16",
    threads=2,
    operations=12.34e6,
    images_per_second=2_000.0,
    ceiling=1e11,
    step_over_alone=1.256,
    operators=(Operator(name="aten::mm", share=0.5), Operator(name="aten::add", share=0.125)),
)


def track(contender: Contender, *looks: tuple[float, float], seed: int = 0) -> Track:
    """A course of (seconds, times real), of a thousand images a second."""
    points = tuple(
        Point(
            images=round(1_000 * s),
            seconds=s,
            fd=times,
            samples=5_000,
            real=1.0,
            real_samples=5_000,
            ceiling=200.0 + s,
        )
        for s, times in looks
    )
    return Track(contender=contender, seed=seed, points=points, end="cap")


def cells(line: str) -> list[str]:
    """A line's cells, which two spaces part."""
    return re.split(r" {2,}", line.strip())


def race_table(capsys: Captured, *tracks: Track) -> tuple[list[list[str]], str]:
    """The rows of the table, and what is said below it."""
    print_race(list(tracks), RACE)
    table, _, below = capsys.readouterr().out.partition("\nseconds of training")
    return [cells(line) for line in table.splitlines() if line.strip(" ─")], below


def test_a_row_has_seconds_images_and_the_ceiling_of_each_target(capsys: Captured) -> None:
    (headings, *rows), _ = race_table(
        capsys, track(SWIFT, (1_234.5, 20.0), (2_000.0, 2.0)), track(LSGAN, (40.04, 2.4))
    )
    assert headings == [
        *("contender", "20x real", "images", "GFLOP/s"),
        *("2.5x real", "images", "GFLOP/s"),
    ]
    assert rows == [
        ["swift-9000", "1,234.5 s", "1,234,500", "1434", "2,000.0 s", "2,000,000", "2200"],
        ["lsgan", "40.0 s", "40,040", "240", "40.0 s", "40,040", "240"],
    ]


def test_a_distance_is_said_to_be_of_as_many_samples_as_it_was(capsys: Captured) -> None:
    _, below = race_table(capsys, track(SWIFT, (4.0, 15.0)))
    assert "the Fréchet distance of 5,000 samples" in below
    (look,) = track(SWIFT, (4.0, 15.0)).points
    few = replace(look, samples=250, real_samples=250)
    _, below = race_table(capsys, replace(track(SWIFT), points=(few,)))
    assert "the Fréchet distance of 250 samples" in below
    assert "unseen real images' own" in below


def test_what_was_not_reached_stands_in_its_target_s_column(capsys: Captured) -> None:
    print_race([track(SWIFT, (4.0, 15.0)), track(LSGAN, (50.0, 30.0))], RACE)
    headings, *rows = (
        line for line in capsys.readouterr().out.splitlines()[:4] if line.strip(" ─")
    )
    ends = [place.end() for place in re.finditer(r"x real", headings)]
    words = "not in 3 min"
    assert [[place.end() for place in re.finditer(words, row)] for row in rows] == [ends[1:], ends]


looks = st.lists(st.tuples(st.integers(1, 500), st.integers(1, 40)), max_size=4)


@settings(
    deadline=None,
    max_examples=20,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(courses=st.lists(st.tuples(st.booleans(), looks), min_size=1, max_size=6))
def test_the_table_says_of_each_contender_what_its_repeats_came_to(
    courses: list[tuple[bool, list[tuple[int, int]]]], capsys: Captured
) -> None:
    tracks = [
        track(SWIFT if ours else LSGAN, *sorted((float(s), float(t)) for s, t in course))
        for ours, course in courses
    ]
    (_, *rows), _ = race_table(capsys, *tracks)
    groups = by_contender(tracks)
    assert [row[0] for row in rows] == list(groups)
    for row, repeats in zip(rows, groups.values(), strict=True):
        expected = []
        for target in RACE.targets:
            found = reached(repeats, target, RACE)
            if found.seconds is None:
                expected.append("not in 3 min")
                continue
            some = f" ({found.count} of {found.repeats})" if found.count < found.repeats else ""
            expected += [f"{found.seconds:.1f} s{some}", f"{found.images:,.0f}"]
            expected.append(f"{found.ceiling:.0f}")
        assert row[1:] == expected


def test_below_the_table_each_ratio_has_a_line_and_says_where_it_is_a_bound(
    capsys: Captured,
) -> None:
    _, below = race_table(capsys, track(SWIFT, (4.0, 20.0), (9.0, 2.0)), track(LSGAN, (50.0, 20.0)))
    explained, *ratios = below.strip().splitlines()[-3:]
    assert "5,000 samples" in below
    assert ratios == [
        "20x: swift-9000 comes there 12.5 times sooner than lsgan",
        "2.5x: swift-9000 comes there at least 20.0 times sooner than any published recipe within "
        "3 min",
    ]
    assert "GFLOP/s" in explained
    _, below = race_table(capsys, track(LSGAN, (50.0, 1.0)))
    assert "sooner" not in below


@pytest.mark.parametrize(
    ("speed", "shown"), [(12_345.6, "12,346"), (10.0, "10"), (9.994, "9.99"), (0.051, "0.05")]
)
def test_a_step_has_its_arithmetic_rate_and_share_of_the_ceiling(
    speed: float, shown: str, capsys: Captured
) -> None:
    line = replace(STEP, images_per_second=speed)
    print_rooflines([line, replace(STEP, name="plain-dcgan", precision="float32")])
    rows = [cells(row) for row in capsys.readouterr().out.splitlines() if row.strip(" ─")]
    (headings, first, second), said = rows[:3], rows[3:]
    assert first == [
        *("swift", "bfloat16", "12.3", shown),
        *(f"{12.34e6 * speed / 1e9:,.1f}", "100", f"{12.34e6 * speed / 1e11:.0%}", "1.26"),
    ]
    assert second == ["plain-dcgan", "float32", "12.3", "2,000", "24.7", "100", "25%", "1.26"]
    assert len(headings) == len(first)
    assert [words for (words,) in said][1:] == [
        "swift: aten::mm 50%, aten::add 12%",
        "plain-dcgan: aten::mm 50%, aten::add 12%",
    ]


def test_a_ratio_to_what_came_there_at_times_says_so(capsys: Captured) -> None:
    ours = [track(SWIFT, (2.0, 19.0), seed=seed) for seed in range(2)]
    theirs = [track(LSGAN, (40.0, 19.0)), track(LSGAN, seed=1)]
    _, below = race_table(capsys, *ours, *theirs)
    said = below.splitlines()[-1]
    assert said == (
        "20x: swift-9000 comes there 20.0 times sooner than lsgan, which came there in 1 of 2 "
        "repeats"
    )
