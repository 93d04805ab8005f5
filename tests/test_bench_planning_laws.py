"""The laws of the planning page recover what is known, and estimates follow from them."""

from pathlib import Path
from statistics import StatisticsError

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bench.planning.cells import times
from bench.planning.estimate import estimate
from bench.planning.laws import Line, fit_line, fit_power, furthest
from bench.planning.memory_law import fit_memory
from bench.planning.point import DEFAULT, EXAMPLE
from bench.planning.results import Results
from bench.planning.time_law import fit_time
from tests.planning_helpers import measured_results

positive = st.floats(1e-3, 1e3)
few_xs = st.lists(st.integers(1, 500), min_size=2, max_size=8, unique=True)


@pytest.fixture
def results(tmp_path: Path) -> Results:
    return measured_results(tmp_path)


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


@pytest.mark.parametrize(
    ("ratio", "words"), [(0.984, "0.98"), (9.994, "9.99"), (9.996, "10.0"), (153.2, "153")]
)
def test_times_have_three_digits(ratio: float, words: str) -> None:
    assert times(ratio) == words
