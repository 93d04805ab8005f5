import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from threadpoolctl import threadpool_limits

from ganvas.errors import DataError, UsageError
from ganvas.metrics.cells import features_to_cells, fit_cells

FloatArray = npt.NDArray[np.float64]
SEEDS = st.integers(0, 2**32 - 1)


def draw(seed: int, count: int, width: int) -> FloatArray:
    return np.random.default_rng(seed).normal(size=(count, width))


@settings(max_examples=50)
@given(seed=SEEDS, width=st.integers(1, 6), far=st.sampled_from([0.0, 1e7]))
def test_the_cell_is_that_of_the_nearest_centre(seed: int, width: int, far: float) -> None:
    features, centres = draw(seed, 40, width) + far, draw(seed + 1, 7, width) + far
    distances = np.linalg.norm(features[:, None] - centres[None], axis=2)
    cells = features_to_cells(features, centres)
    assert cells.dtype == np.int64
    chosen = distances[np.arange(40), cells]
    np.testing.assert_allclose(chosen, distances.min(axis=1), rtol=1e-6)


def test_every_centre_lies_in_its_own_cell() -> None:
    centres = draw(0, 20, 3)
    assert features_to_cells(centres, centres).tolist() == list(range(20))


def test_more_images_than_a_block_fall_into_the_same_cells() -> None:
    centres, features = draw(0, 5, 2), draw(1, 20_000, 2)
    cells = features_to_cells(features, centres)
    parts = [features_to_cells(features[i : i + 100], centres) for i in range(0, 20_000, 100)]
    np.testing.assert_array_equal(cells, np.concatenate(parts))


def test_no_image_is_in_no_cell() -> None:
    assert features_to_cells(np.zeros((0, 3)), draw(0, 5, 3)).shape == (0,)


@pytest.mark.parametrize("seed", range(5))
def test_groups_far_apart_are_the_cells(seed: int) -> None:
    middles = 100.0 * np.eye(6)
    features = np.repeat(middles, 30, axis=0) + 0.1 * draw(seed, 180, 6)
    centres = fit_cells(features, 6, seed=seed)
    assert centres.shape == (6, 6)
    assert centres.dtype == np.float64
    cells = features_to_cells(features, centres).reshape(6, 30)
    assert len({tuple(row) for row in cells.tolist()}) == 6
    assert all(len(set(row)) == 1 for row in cells.tolist())
    for group, row in enumerate(cells):
        expected = features.reshape(6, 30, 6)[group].mean(axis=0)
        np.testing.assert_allclose(centres[row[0]], expected, rtol=1e-9, atol=1e-9)


def test_one_cell_is_the_mean() -> None:
    features = draw(0, 50, 3)
    np.testing.assert_allclose(fit_cells(features, 1)[0], features.mean(axis=0), atol=1e-12)


def test_as_many_cells_as_images_are_the_images() -> None:
    features = draw(0, 6, 2)
    centres = fit_cells(features, 6)
    assert sorted(features_to_cells(features, centres).tolist()) == list(range(6))
    np.testing.assert_allclose(np.sort(centres, axis=0), np.sort(features, axis=0), rtol=1e-12)


def test_centres_are_near_the_means_of_their_cells() -> None:
    features = draw(0, 2000, 4)
    centres = fit_cells(features, 10)
    cells = features_to_cells(features, centres)
    means = np.stack([features[cells == cell].mean(axis=0) for cell in range(10)])
    np.testing.assert_allclose(centres, means, atol=0.05)


def test_the_seed_decides_the_bytes_and_the_number_of_threads_does_not() -> None:
    # Enough images that more threads would each have a part to add.
    features = draw(0, 8000, 8)
    with threadpool_limits(1):
        one = fit_cells(features, 12, seed=3)
    with threadpool_limits(4):
        assert fit_cells(features, 12, seed=3).tobytes() == one.tobytes()
    assert fit_cells(features, 12, seed=4).tobytes() != one.tobytes()


def test_float32_features_are_taken_as_float64() -> None:
    features = draw(0, 300, 3).astype(np.float32)
    wide = fit_cells(features.astype(np.float64), 5)
    assert fit_cells(features, 5).tobytes() == wide.tobytes()


def test_at_least_as_many_images_as_cells_are_needed() -> None:
    with pytest.raises(UsageError, match="at least 6 images, got 5"):
        fit_cells(draw(0, 5, 2), 6)
    with pytest.raises(UsageError, match="number of cells must be 1 or more, got 0"):
        fit_cells(draw(0, 5, 2), 0)


def test_too_many_images_that_are_the_same_are_refused() -> None:
    features = np.repeat(draw(0, 3, 2), 10, axis=0)
    with pytest.raises(DataError, match="gave 3 different cells, not the 5 asked for"):
        fit_cells(features, 5)


def test_features_must_be_finite_and_fit() -> None:
    features, centres = draw(0, 9, 2), draw(1, 3, 2)
    with pytest.raises(UsageError, match="features are 2 wide, the 3 cells' centres 4"):
        features_to_cells(features, draw(1, 3, 4))
    with pytest.raises(UsageError, match="at least one cell"):
        features_to_cells(features, centres[:0])
    with pytest.raises(UsageError, match=r"floating point of shape \(N, D\)"):
        features_to_cells(features.astype(np.int64), centres)
    features[2] = np.nan
    with pytest.raises(DataError, match="first of image 2"):
        features_to_cells(features, centres)
    with pytest.raises(DataError, match="first of image 2"):
        fit_cells(features, 3)
    with pytest.raises(DataError, match="the cells' centres of 1 of 3"):
        features_to_cells(centres, np.array([[0.0, 0.0], [np.nan, 0.0], [1.0, 1.0]]))
