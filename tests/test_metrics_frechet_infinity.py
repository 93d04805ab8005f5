import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ganvas.errors import DataError, UsageError
from ganvas.metrics import frechet_infinity as module
from ganvas.metrics.frechet import Statistics, features_to_statistics, frechet_distance
from ganvas.metrics.frechet_infinity import frechet_infinity

FloatArray = npt.NDArray[np.float64]
SEEDS = st.integers(0, 2**32 - 1)
WIDTH = 8


def standard_normal(width: int = WIDTH) -> Statistics:
    return Statistics(mean=np.zeros(width), covariance=np.eye(width), count=1_000_000)


def draw(seed: int, count: int = 100, width: int = WIDTH) -> FloatArray:
    return np.random.default_rng(seed).normal(size=(count, width))


def prolonged(fake: FloatArray, seed: int = 0, points: int = 15) -> float:
    generator = np.random.default_rng(seed)
    return frechet_infinity(
        real=standard_normal(fake.shape[1]), fake=fake, generator=generator, points=points
    )


@pytest.fixture
def counts(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Sample counts of all subsets; their distance is made 3 + 70 / n."""
    seen: list[int] = []

    def distance(*, real: Statistics, fake: Statistics) -> float:
        seen.append(fake.count)
        return 3.0 + 70.0 / fake.count

    monkeypatch.setattr(module, "frechet_distance", distance)
    return seen


def test_an_exact_line_is_recovered(counts: list[int]) -> None:
    assert prolonged(draw(0, 301)) == pytest.approx(3.0, rel=1e-12)
    assert prolonged(draw(0, 40), points=2) == pytest.approx(3.0, rel=1e-12)


def test_fifteen_counts_are_evenly_spaced_from_half_to_all(counts: list[int]) -> None:
    prolonged(draw(0, 280))
    assert counts == list(range(140, 281, 10))


def test_an_odd_number_starts_below_its_half(counts: list[int]) -> None:
    prolonged(draw(0, 101), points=3)
    assert counts == [50, 76, 101]


@settings(max_examples=30)
@given(seed=SEEDS, points=st.integers(2, 20))
def test_the_line_is_numpys_least_squares_fit(seed: int, points: int) -> None:
    values = np.random.default_rng(seed).normal(size=points)
    counts = np.linspace(50, 100, points).round()
    expected = np.polynomial.Polynomial.fit(1.0 / counts, values, 1)(0.0)
    got = iter(values)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "frechet_distance", lambda **_: float(next(got)))
        assert prolonged(draw(0), points=points) == pytest.approx(expected, rel=1e-9, abs=1e-9)


@pytest.mark.parametrize(("shift", "scale"), [(0.0, 1.0), (0.3, 0.8)])
def test_nearer_to_the_truth_than_the_distance_itself(shift: float, scale: float) -> None:
    truth = WIDTH * (shift**2 + (1.0 - scale) ** 2)  # of the two Gaussians
    plain, endless = [], []
    for seed in range(100):
        fake = draw(seed, 400) * scale + shift
        plain.append(
            frechet_distance(real=standard_normal(), fake=features_to_statistics(fake)) - truth
        )
        endless.append(prolonged(fake, seed) - truth)
    assert np.mean(plain) > 0.04
    assert abs(np.mean(endless)) < 0.5 * np.mean(plain)


def test_perfect_samples_may_fall_below_zero_and_are_not_cut_off() -> None:
    values = [prolonged(draw(seed, 100), seed) for seed in range(30)]
    assert min(values) < 0.0 < max(values)


def test_the_same_seed_gives_the_same_number_and_another_another() -> None:
    fake = draw(1, 200)
    assert prolonged(fake, 5) == prolonged(fake, 5)
    assert prolonged(fake, 5) != prolonged(fake, 6)


def test_another_order_of_images_matters_as_little_as_another_seed() -> None:
    fake = draw(2, 400) + 0.2
    seeds = [prolonged(fake, seed) for seed in range(40)]
    orders = [
        prolonged(fake[np.random.default_rng(seed).permutation(400)], 0) for seed in range(40)
    ]
    error = np.std(seeds) * np.sqrt(2.0 / 40)
    assert abs(np.mean(seeds) - np.mean(orders)) < 4.0 * error
    assert 0.5 < np.std(seeds) / np.std(orders) < 2.0


@settings(max_examples=30)
@given(seed=SEEDS, factor=st.floats(0.01, 100.0))
def test_stretching_features_stretches_it_by_the_square(seed: int, factor: float) -> None:
    fake = draw(seed, 60, 3) + 1.0
    real = standard_normal(3)
    stretched = Statistics(
        mean=real.mean * factor, covariance=real.covariance * factor**2, count=real.count
    )
    before = prolonged(fake)
    after = frechet_infinity(real=stretched, fake=fake * factor, generator=np.random.default_rng(0))
    assert after == pytest.approx(before * factor**2, rel=1e-6)


def test_half_of_the_images_must_be_more_than_features() -> None:
    assert np.isfinite(prolonged(draw(0, 18)))
    with pytest.raises(UsageError, match="at least 18, got 17"):
        prolonged(draw(0, 17))
    with pytest.raises(UsageError, match="got 0"):
        prolonged(draw(0, 0))


def test_a_line_needs_two_points() -> None:
    with pytest.raises(UsageError, match="at least 2 points, got 1"):
        prolonged(draw(0), points=1)


def test_widths_must_agree() -> None:
    with pytest.raises(UsageError, match="got 3 and 8"):
        frechet_infinity(real=standard_normal(3), fake=draw(0), generator=np.random.default_rng(0))


def test_features_must_be_finite_and_floating() -> None:
    fake = draw(0)
    with pytest.raises(UsageError, match=r"floating point of shape \(N, D\)"):
        prolonged(fake.astype(np.int64))
    fake[3, 2] = np.nan
    with pytest.raises(DataError, match="first of image 3"):
        prolonged(fake)
