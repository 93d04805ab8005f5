import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ganvas.errors import DataError, UsageError
from ganvas.metrics.toy import (
    GRID_SIGMA,
    RING_SIGMA,
    grid_centres,
    ring_centres,
    toy_modes,
)

FloatArray = npt.NDArray[np.float64]
SEEDS = st.integers(0, 2**32 - 1)
LAWS = pytest.mark.parametrize(
    ("centres", "sigma"), [(ring_centres(), RING_SIGMA), (grid_centres(), GRID_SIGMA)]
)


def draw(centres: FloatArray, sigma: float, seed: int, count: int) -> FloatArray:
    generator = np.random.default_rng(seed)
    modes = generator.integers(len(centres), size=count)
    return centres[modes] + sigma * generator.normal(size=(count, 2))


def test_the_ring_is_eight_centres_on_the_unit_circle() -> None:
    centres = ring_centres()
    assert centres.shape == (8, 2)
    np.testing.assert_allclose(np.linalg.norm(centres, axis=1), 1.0)
    np.testing.assert_allclose(
        centres[[0, 2, 5]] * np.sqrt([1, 1, 2])[:, None], [[1, 0], [0, 1], [-1, -1]], atol=1e-12
    )
    steps = np.linalg.norm(centres - np.roll(centres, 1, axis=0), axis=1)
    np.testing.assert_allclose(steps, 2.0 * np.sin(np.pi / 8))


def test_the_grid_is_five_by_five_even_numbers() -> None:
    expected = {(x, y) for x in (-4, -2, 0, 2, 4) for y in (-4, -2, 0, 2, 4)}
    assert grid_centres().shape == (25, 2)
    assert {(int(x), int(y)) for x, y in grid_centres()} == expected


@LAWS
def test_the_law_itself_finds_all_modes_with_the_share_of_the_closed_form(
    centres: FloatArray, sigma: float
) -> None:
    # The squared distance in sigmas is chi-squared with 2 degrees of freedom.
    share, count = 1.0 - np.exp(-9.0 / 2.0), 100_000
    found = toy_modes(centres=centres, sigma=sigma, fake=draw(centres, sigma, 0, count))
    assert found.found == found.modes == len(centres)
    error = np.sqrt(share * (1.0 - share) / count)
    assert abs(found.high_quality - share) < 4.0 * error


@LAWS
@pytest.mark.parametrize("factor", [0.5, 2.0, 3.0])
def test_wider_draws_follow_the_closed_form_too(
    centres: FloatArray, sigma: float, factor: float
) -> None:
    share, count = 1.0 - np.exp(-4.5 / factor**2), 20_000
    fake = draw(centres, factor * sigma, 1, count)
    found = toy_modes(centres=centres, sigma=sigma, fake=fake)
    error = np.sqrt(share * (1.0 - share) / count)
    assert abs(found.high_quality - share) < 4.0 * error


@settings(max_examples=50)
@given(seed=SEEDS)
def test_agrees_with_all_distances_one_by_one(seed: int) -> None:
    centres, fake = ring_centres(), np.random.default_rng(seed).normal(size=(60, 2)) * 0.7
    sigma = 0.1
    distances = np.linalg.norm(fake[:, None] - centres[None], axis=2)
    good = distances.min(axis=1) < 3.0 * sigma
    found = toy_modes(centres=centres, sigma=sigma, fake=fake)
    assert found.found == len(set(distances.argmin(axis=1)[good].tolist()))
    assert found.high_quality == pytest.approx(good.mean())


def test_a_mode_is_lost_without_a_point_within_three_sigmas() -> None:
    centres = grid_centres()
    fake = centres.copy()
    fake[3, 0] += 2.99 * GRID_SIGMA
    assert toy_modes(centres=centres, sigma=GRID_SIGMA, fake=fake).found == 25
    fake[3, 0] += 0.02 * GRID_SIGMA
    found = toy_modes(centres=centres, sigma=GRID_SIGMA, fake=fake)
    assert found.found == 24
    assert found.high_quality == pytest.approx(24 / 25)


def test_one_mode_alone_is_one_mode() -> None:
    fake = np.repeat(ring_centres()[2:3], 30, axis=0)
    found = toy_modes(centres=ring_centres(), sigma=RING_SIGMA, fake=fake)
    assert (found.found, found.modes, found.high_quality) == (1, 8, 1.0)


def test_points_far_away_are_none() -> None:
    fake = np.full((10, 2), 9.0)
    found = toy_modes(centres=ring_centres(), sigma=RING_SIGMA, fake=fake)
    assert (found.found, found.high_quality) == (0, 0.0)


@settings(max_examples=20)
@given(seed=SEEDS)
def test_order_and_float32_do_not_matter(seed: int) -> None:
    fake = draw(grid_centres(), GRID_SIGMA, seed, 100)
    order = np.random.default_rng(seed).permutation(100)
    there = toy_modes(centres=grid_centres(), sigma=GRID_SIGMA, fake=fake)
    assert toy_modes(centres=grid_centres(), sigma=GRID_SIGMA, fake=fake[order]) == there
    rough = fake.astype(np.float32)
    assert toy_modes(centres=grid_centres(), sigma=GRID_SIGMA, fake=rough) == toy_modes(
        centres=grid_centres(), sigma=GRID_SIGMA, fake=rough.astype(np.float64)
    )


def test_as_many_points_as_modes_are_needed() -> None:
    with pytest.raises(UsageError, match="at least 8 points, got 7"):
        toy_modes(centres=ring_centres(), sigma=RING_SIGMA, fake=np.zeros((7, 2)))


@pytest.mark.parametrize("sigma", [0.0, -1.0, np.nan, np.inf])
def test_sigma_must_be_positive(sigma: float) -> None:
    with pytest.raises(UsageError, match="sigma must be positive"):
        toy_modes(centres=ring_centres(), sigma=sigma, fake=np.zeros((9, 2)))


def test_points_must_be_finite_and_fit() -> None:
    with pytest.raises(UsageError, match="3 wide"):
        toy_modes(centres=ring_centres(), sigma=1.0, fake=np.zeros((9, 3)))
    with pytest.raises(UsageError, match=r"points must be floating point of shape \(N, D\)"):
        toy_modes(centres=ring_centres(), sigma=1.0, fake=np.zeros((9, 2), np.int64))
    fake = np.zeros((9, 2))
    fake[4] = np.nan
    with pytest.raises(DataError, match="first of image 4"):
        toy_modes(centres=ring_centres(), sigma=1.0, fake=fake)
