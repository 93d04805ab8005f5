import numpy as np
import numpy.typing as npt
import pytest
import scipy.linalg
from hypothesis import given, settings
from hypothesis import strategies as st

from ganvas.errors import DataError, UsageError
from ganvas.metrics.frechet import (
    Moments,
    Statistics,
    features_to_statistics,
    frechet_distance,
)

FloatArray = npt.NDArray[np.float64]
SEEDS = st.integers(0, 2**32 - 1)
WIDTHS = st.integers(1, 12)


def draw_features(seed: int, width: int, count: int | None = None) -> FloatArray:
    """Correlated features, each width wide, with a mean of its own."""
    generator = np.random.default_rng(seed)
    mix = generator.normal(size=(width, width)) + 0.5 * np.eye(width)
    noise = generator.normal(size=(count or 4 * width + 10, width))
    return noise @ mix + generator.normal(size=width) * 3.0


def gaussian(mean: FloatArray, covariance: FloatArray) -> Statistics:
    return Statistics(mean=mean, covariance=covariance, count=10_000)


def reference(real: FloatArray, fake: FloatArray) -> float:
    """The formula written out with SciPy's matrix square root and NumPy's covariance."""
    real_covariance = np.atleast_2d(np.cov(real, rowvar=False))
    fake_covariance = np.atleast_2d(np.cov(fake, rowvar=False))
    root = scipy.linalg.sqrtm(real_covariance @ fake_covariance)
    apart = real.mean(0) - fake.mean(0)
    return float(apart @ apart + np.trace(real_covariance + fake_covariance - 2 * root.real))


@settings(deadline=None)
@given(seed=SEEDS, width=WIDTHS)
def test_a_set_is_at_distance_zero_from_itself(seed: int, width: int) -> None:
    statistics = features_to_statistics(draw_features(seed, width))
    scale = np.trace(statistics.covariance)
    assert 0.0 <= frechet_distance(real=statistics, fake=statistics) <= 1e-6 * scale


@settings(deadline=None)
@given(seed=SEEDS, width=WIDTHS)
def test_real_and_fake_may_be_exchanged(seed: int, width: int) -> None:
    one = features_to_statistics(draw_features(seed, width))
    other = features_to_statistics(draw_features(seed + 1, width))
    there = frechet_distance(real=one, fake=other)
    assert frechet_distance(real=other, fake=one) == pytest.approx(there, rel=1e-6)


@settings(deadline=None)
@given(seed=SEEDS, width=WIDTHS)
def test_diagonal_gaussians_have_a_closed_form(seed: int, width: int) -> None:
    generator = np.random.default_rng(seed)
    means = generator.normal(size=(2, width))
    deviations = generator.uniform(0.0, 3.0, size=(2, width))
    distance = frechet_distance(
        real=gaussian(means[0], np.diag(deviations[0] ** 2)),
        fake=gaussian(means[1], np.diag(deviations[1] ** 2)),
    )
    expected = ((means[0] - means[1]) ** 2).sum() + ((deviations[0] - deviations[1]) ** 2).sum()
    assert distance == pytest.approx(expected, rel=1e-9, abs=1e-9)


@settings(deadline=None)
@given(seed=SEEDS, width=WIDTHS)
def test_a_shift_adds_its_squared_length(seed: int, width: int) -> None:
    features = draw_features(seed, width)
    shift = np.random.default_rng(seed).normal(size=width) * 5.0
    distance = frechet_distance(
        real=features_to_statistics(features), fake=features_to_statistics(features + shift)
    )
    scale = np.trace(np.atleast_2d(np.cov(features, rowvar=False)))
    assert distance == pytest.approx(float(shift @ shift), rel=1e-6, abs=1e-6 * scale)


@settings(deadline=None)
@given(seed=SEEDS, width=WIDTHS, factor=st.floats(0.01, 100.0))
def test_stretching_features_stretches_the_distance_by_the_square(
    seed: int, width: int, factor: float
) -> None:
    real, fake = draw_features(seed, width), draw_features(seed + 1, width)
    before = frechet_distance(real=features_to_statistics(real), fake=features_to_statistics(fake))
    after = frechet_distance(
        real=features_to_statistics(real * factor), fake=features_to_statistics(fake * factor)
    )
    assert after == pytest.approx(before * factor**2, rel=1e-5)


@settings(deadline=None, max_examples=30)
@given(seed=SEEDS, width=st.integers(1, 24))
def test_agrees_with_an_independent_matrix_square_root(seed: int, width: int) -> None:
    real = draw_features(seed, width, count=20 * width + 10)
    fake = draw_features(seed + 1, width, count=20 * width + 10)
    distance = frechet_distance(
        real=features_to_statistics(real), fake=features_to_statistics(fake)
    )
    assert distance == pytest.approx(reference(real, fake), rel=1e-6)


def test_features_that_are_always_zero_add_nothing() -> None:
    real, fake = draw_features(0, 6), draw_features(1, 6)
    padded = [
        features_to_statistics(np.concatenate([rows, np.zeros_like(rows)], 1))
        for rows in (real, fake)
    ]
    expected = frechet_distance(
        real=features_to_statistics(real), fake=features_to_statistics(fake)
    )
    assert frechet_distance(real=padded[0], fake=padded[1]) == pytest.approx(expected, rel=1e-6)


@settings(deadline=None)
@given(seed=SEEDS, width=WIDTHS, cuts=st.lists(st.integers(0, 60), max_size=5))
def test_batches_and_their_order_do_not_matter(seed: int, width: int, cuts: list[int]) -> None:
    features = draw_features(seed, width, count=60) + 1e4
    moments = Moments()
    for batch in reversed(np.split(features, sorted(cuts))):
        moments.add(batch)
    streamed, whole = moments.statistics(), features_to_statistics(features)
    assert streamed.count == whole.count == 60
    np.testing.assert_allclose(streamed.mean, whole.mean, rtol=1e-12)
    scale = float(np.abs(whole.covariance).max())
    np.testing.assert_allclose(streamed.covariance, whole.covariance, atol=1e-9 * scale)


@settings(deadline=None)
@given(seed=SEEDS, width=WIDTHS)
def test_statistics_are_numpys_mean_and_covariance(seed: int, width: int) -> None:
    features = draw_features(seed, width).astype(np.float32)
    statistics = features_to_statistics(features)
    wide = features.astype(np.float64)
    expected = np.atleast_2d(np.cov(wide, rowvar=False))
    assert statistics.mean.dtype == statistics.covariance.dtype == np.float64
    np.testing.assert_allclose(statistics.mean, wide.mean(0), rtol=1e-12, atol=1e-12)
    np.testing.assert_allclose(
        statistics.covariance, expected, rtol=1e-9, atol=1e-9 * expected.max()
    )


def test_needs_more_images_than_features() -> None:
    features = draw_features(0, 8, count=9)
    assert features_to_statistics(features).count == 9
    with pytest.raises(UsageError, match=r"more images than features \(8\), got 8"):
        features_to_statistics(features[:8])


def test_nothing_added_is_refused() -> None:
    with pytest.raises(UsageError, match="got 0"):
        Moments().statistics()


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_features_must_be_finite(value: float) -> None:
    features = draw_features(0, 3)
    features[4, 1] = value
    with pytest.raises(DataError, match=r"1 of 22 images are not finite.*first of image 4"):
        features_to_statistics(features)


@pytest.mark.parametrize(
    "features", [np.zeros(9), np.zeros((9, 2, 1)), np.zeros((9, 2), dtype=np.int64)]
)
def test_features_must_be_a_floating_point_matrix(features: FloatArray) -> None:
    with pytest.raises(UsageError, match=r"floating point of shape \(N, D\)"):
        features_to_statistics(features)


def test_widths_must_agree() -> None:
    moments = Moments()
    moments.add(draw_features(0, 3))
    with pytest.raises(UsageError, match="3 before, now 4"):
        moments.add(draw_features(0, 4))
    with pytest.raises(UsageError, match="got 4 and 3"):
        frechet_distance(
            real=features_to_statistics(draw_features(0, 4)),
            fake=features_to_statistics(draw_features(0, 3)),
        )
