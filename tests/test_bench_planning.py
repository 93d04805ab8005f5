"""The planning page: its laws recover what is known, nothing is measured twice, and what fails
is told."""

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from statistics import StatisticsError
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bench.marks import between_marks
from bench.planning import page
from bench.planning.cells import times
from bench.planning.estimate import estimate
from bench.planning.example import EXAMPLE_NAME
from bench.planning.laws import Line, fit_line, fit_power, furthest
from bench.planning.memory_law import fit_memory, states_mib
from bench.planning.point import AXES, DEFAULT, EXAMPLE, Point, all_points
from bench.planning.results import Results, missing
from bench.planning.time_law import fit_time
from bench.planning.turns import Process, TraineeError, measure, turn_ratios
from bench.planning.workers import WORKERS

positive = st.floats(1e-3, 1e3)
few_xs = st.lists(st.integers(1, 500), min_size=2, max_size=8, unique=True)


@given(xs=few_xs, factor=positive, exponent=st.floats(-3, 3))
@settings(deadline=None)
def test_a_power_law_is_recovered(xs: list[int], factor: float, exponent: float) -> None:
    law = fit_power(xs, [factor * x**exponent for x in xs])
    assert law.exponent == pytest.approx(exponent, abs=1e-6)
    assert law.factor == pytest.approx(factor, rel=1e-4)


@given(xs=few_xs, start=st.floats(-100, 100), slope=st.floats(-100, 100))
@settings(deadline=None)
def test_a_line_is_recovered(xs: list[int], start: float, slope: float) -> None:
    ys = [start + slope * x for x in xs]
    line = fit_line(xs, ys)
    assert [line.at(x) for x in xs] == pytest.approx(ys, abs=1e-5)


@given(xs=few_xs, start=positive, slope=positive, far=st.floats(1, 2))
@settings(deadline=None)
def test_a_relative_line_is_nearest_in_parts(
    xs: list[int], start: float, slope: float, far: float
) -> None:
    ys = [start + slope * x for x in xs]
    assert furthest(fit_line(xs, ys, relative=True), xs, ys) == pytest.approx(0, abs=1e-6)
    ys[xs.index(max(xs))] *= far

    def loss(line: Line) -> float:
        return sum((line.at(x) / y - 1) ** 2 for x, y in zip(xs, ys, strict=True))

    assert loss(fit_line(xs, ys, relative=True)) <= loss(fit_line(xs, ys)) + 1e-9


def test_one_place_makes_no_law() -> None:
    with pytest.raises(StatisticsError):
        fit_power([28, 28], [1.0, 2.0])


class Talking:
    """Stands for a process: answers turns as if an image took so many seconds."""

    def __init__(self, seconds: Iterator[float] | float, images: int = 512) -> None:
        self._seconds, self.images, self.turns = seconds, images, 0

    def ask(self, line: str) -> dict[str, Any]:
        assert line.startswith("turn ")
        self.turns += 1
        each = self._seconds if isinstance(self._seconds, float) else next(self._seconds)
        return {"images": self.images, "seconds": each * self.images}


def test_ratios_are_of_an_image_whatever_a_turn_is_long() -> None:
    ratios, speed, default_speed = turn_ratios(
        Talking(0.004, images=512), Talking(0.001, images=2048), seconds=0.1
    )
    assert ratios == pytest.approx([4.0] * 3)
    assert (speed, default_speed) == pytest.approx((250.0, 1000.0))


def test_a_machine_that_slows_down_does_not_change_the_ratio() -> None:
    def slowing(first: float) -> Iterator[float]:
        while True:
            yield first
            first *= 2

    point, default = Talking(slowing(0.02), images=100), Talking(slowing(0.01), images=100)
    ratios, _, _ = turn_ratios(point, default, seconds=20)
    assert ratios == pytest.approx([2.0] * len(ratios))
    assert point.turns == default.turns >= 3


def test_every_point_has_a_name_of_its_own_and_can_be_kept() -> None:
    points = {point for axis in AXES.values() for point in axis}
    assert len(all_points()) == len(points) >= 20
    for name, point in all_points().items():
        assert Point(**json.loads(json.dumps(point.to_json()))) == point
        assert name == point.name
    assert DEFAULT.name == "swift"
    assert EXAMPLE not in points


def test_one_thing_is_changed_at_a_time() -> None:
    for axis, point in ((axis, p) for axis, points in AXES.items() for p in points):
        plain = replace(point, generator=1.0, discriminator=1.0, images=2_000, recipe="swift")
        changed = [name for name, value in plain.to_json().items() if value != _DEFAULTS[name]]
        assert len(changed) <= (2 if axis in ("colour", "machine") else 1), point.name


_DEFAULTS = DEFAULT.to_json()


def result(point: Point, *, operations: float = 60e6, training: float = 100.0) -> dict[str, Any]:
    """A result of a point as a measurement would keep it, its time by a known law."""
    ratio = 0.4 + 0.01 * operations / 1e6
    return {
        "point": point.to_json(),
        "ratio": ratio,
        "ratios": [0.9 * ratio, ratio, 1.1 * ratio],
        "images_per_second": 1000 / ratio,
        "default_images_per_second": 1000.0,
        "ceiling": 400.0,
        "begun": {
            "program": 200.0,
            "data": 5.0,
            "load_seconds": 0.1,
            "begin_seconds": 1.0,
            "processor": "a processor",
        },
        "memory": {"peak": 205.0 + training, "own": 180.0},
        "operations": operations,
        "generator_parameters": 400_000,
        "discriminator_parameters": 200_000,
        "disk_bytes": 50_000_000,
        "machine": "cpu, 1 thread",
    }


@pytest.fixture
def results(tmp_path: Path) -> Results:
    """Every point measured: arithmetic as size^2 x width^2, time and memory by known laws."""
    found = Results(tmp_path)
    states = states_mib(generator=400_000, discriminator=200_000)
    own = {"swift": 32, "dcgan-tf": 256}
    for name, point in all_points().items():
        width = (point.generator + point.discriminator) / 2
        places = (point.batch_size or own[point.recipe]) * point.size**2 * width
        memory = 50 + states + 400 * places / 2**20
        operations = 60e6 * (point.size / 28) ** 2 * point.generator * point.discriminator
        found.add(name, result(point, operations=operations, training=memory))
    return found


def test_what_is_kept_is_read_again_and_not_measured_again(tmp_path: Path) -> None:
    results = Results(tmp_path)
    results.add("swift", result(DEFAULT))
    results.add("refused", {"refused": "no"})
    results.add("failed", {"failed": "killed by signal 9"})
    again = Results(tmp_path)
    assert missing(again, ["swift", "refused", "failed", "other"]) == ["failed", "other"]
    assert again.get(DEFAULT) == results.get(DEFAULT) is not None


def test_the_memory_law_is_recovered(results: Results) -> None:
    for recipe in ("swift", "dcgan-tf"):
        law = fit_memory(results, recipe)
        assert law is not None
        assert (law.rest, law.bytes_each) == pytest.approx((50, 400))
        assert law.worst == pytest.approx(0, abs=1e-6)
    swift = fit_memory(results, "swift")
    assert swift is not None
    guess = swift.training(EXAMPLE, generator=10**6, discriminator=10**6)
    assert guess == pytest.approx(50 + 40 * 10**6 / 2**20 + 400 * 32 * 64**2 * 2 / 2**20)


def test_the_law_of_time_is_recovered(results: Results) -> None:
    law = fit_time(results, "swift")
    assert law is not None
    assert (law.line.start, law.line.slope) == pytest.approx((0.4, 0.01))
    assert law.worst == pytest.approx(0, abs=1e-9)
    assert law.at(60e6) == pytest.approx(1.0)


def test_an_estimate_multiplies_arithmetic_and_not_times(results: Results) -> None:
    guess = estimate(results, EXAMPLE)
    assert guess is not None
    assert guess.factors == pytest.approx({"size": (64 / 28) ** 2, "colour": 1, "width": 4})
    assert guess.operations == pytest.approx(60e6 * 4 * (64 / 28) ** 2)
    assert guess.time == pytest.approx(0.4 + 0.6 * 4 * (64 / 28) ** 2)
    assert guess.product != pytest.approx(guess.time)
    default = estimate(results, DEFAULT)
    assert default is not None
    assert not default.factors
    assert default.time == pytest.approx(1.0)


def test_no_estimate_without_its_points(tmp_path: Path) -> None:
    assert estimate(Results(tmp_path), EXAMPLE) is None
    assert fit_memory(Results(tmp_path), "swift") is None


def test_the_page_has_every_mark_and_its_words_stay(results: Results) -> None:
    written = page.PAGE.read_text(encoding="utf-8")
    anew = page.filled(written, results)
    assert page.filled(anew, results) == anew

    def words(text: str) -> str:
        for section in page.SECTIONS:
            text = between_marks(text, *page.marks_of(section), [])
        return text

    assert words(anew) == words(written)
    assert "arithmetic as size^2.00" in anew
    assert "arithmetic as width^2.00" in anew


def test_a_point_that_failed_is_told_in_its_table(results: Results) -> None:
    points = all_points()
    results.add(
        "swift size=128", {"point": points["swift size=128"].to_json(), "refused": "too big"}
    )
    results.add("swift batch_size=64", {"failed": "killed by signal 9"})
    text = page.filled(page.PAGE.read_text(encoding="utf-8"), results)
    assert "| `swift` 128x128 | too big | - |" in text
    assert "| 64 images | killed by signal 9 | - |" in text
    assert "`swift` over 28, 32, 64: time as size^" in text


def test_a_page_of_nothing_says_so(tmp_path: Path) -> None:
    text = page.filled(page.PAGE.read_text(encoding="utf-8"), Results(tmp_path))
    assert text.count("not measured yet") >= len(all_points())
    assert "Not measured yet." in text


@pytest.mark.parametrize("text", ["", "<b>", "<e>", "<e> <b>", "<b> <e> <e>", "<b> <b> <e>"])
def test_marks_that_are_not_there_once_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match="each of them once"):
        between_marks(text, "<b>", "<e>", ["line"])


def test_lines_replace_what_is_between_the_marks() -> None:
    assert between_marks("a <b>old<e> z", "<b>", "<e>", ["new"]) == "a <b>\n\nnew\n\n<e> z"


@pytest.mark.parametrize(
    ("ratio", "words"), [(0.984, "0.98"), (9.994, "9.99"), (9.996, "10.0"), (153.2, "153")]
)
def test_times_have_three_digits(ratio: float, words: str) -> None:
    assert times(ratio) == words


def test_a_process_that_ends_says_why(tmp_path: Path) -> None:
    code = "import sys; print('{\"a\": 1}', flush=True); input(); sys.exit('out of paper')"
    process = Process(["-c", code], tmp_path)
    assert process.hear() == {"a": 1}
    with pytest.raises(TraineeError, match="ended with exit code 1: out of paper"):
        process.ask("turn 1")
    process.end()
    process = Process(["-c", "import os; os.kill(os.getpid(), 9)"], tmp_path)
    with pytest.raises(TraineeError, match="killed by signal 9"):
        process.hear()
    process.end()


@pytest.mark.slow
def test_a_real_point_is_measured_and_a_refused_one_told(tmp_path: Path) -> None:
    small = replace(DEFAULT, size=8, images=60, generator=0.125, discriminator=0.125)
    found = measure(small, _Default(), tmp_path, seconds=0)
    assert found["operations"] > 0
    assert found["memory"]["peak"] > found["begun"]["program"] > 0
    assert len(found["ratios"]) == 3
    assert found["disk_bytes"] > 0
    large = replace(small, generator=1000.0)
    assert "generator.width" in measure(large, _Default(), tmp_path, seconds=0)["refused"]


class _Default(Talking):
    def __init__(self) -> None:
        super().__init__(0.001)

    def ask(self, line: str) -> dict[str, Any]:
        return {"ceiling": 1.0} if line == "ceiling" else super().ask(line)


def test_workers_and_the_example_have_names_of_their_own() -> None:
    assert not {*WORKERS, EXAMPLE_NAME} & set(all_points())
