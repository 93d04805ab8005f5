import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ganvas.errors import DataError, UsageError
from ganvas.metrics.kernel import KernelDistance, kernel_distance, kernel_distance_of_all

FloatArray = npt.NDArray[np.float64]
SEEDS = st.integers(0, 2**32 - 1)


def draw(seed: int, count: int, width: int) -> FloatArray:
    return np.random.default_rng(seed).normal(size=(count, width))


def distance(real: FloatArray, fake: FloatArray, seed: int = 0, **how: int) -> KernelDistance:
    return kernel_distance(real=real, fake=fake, generator=np.random.default_rng(seed), **how)


def reference(real: FloatArray, fake: FloatArray) -> float:
    """The unbiased estimate as a sum over all pairs of different rows, pair by pair."""
    width = real.shape[1]

    def mean(left: FloatArray, right: FloatArray, *, same: bool) -> float:
        values = [
            (sum(x * y for x, y in zip(one, other, strict=True)) / width + 1.0) ** 3
            for i, one in enumerate(left)
            for j, other in enumerate(right)
            if not (same and i == j)
        ]
        return float(np.mean(values))

    within = mean(real, real, same=True) + mean(fake, fake, same=True)
    return within - 2.0 * mean(real, fake, same=False)


@settings(max_examples=30)
@given(seed=SEEDS, num_real=st.integers(2, 12), num_fake=st.integers(2, 12), w=st.integers(1, 5))
def test_agrees_with_the_sum_over_pairs(seed: int, num_real: int, num_fake: int, w: int) -> None:
    real, fake = draw(seed, num_real, w), draw(seed + 1, num_fake, w) + 1.0
    expected = reference(real, fake)
    assert kernel_distance_of_all(real=real, fake=fake) == pytest.approx(
        expected, rel=1e-10, abs=1e-10
    )


def test_two_points_against_two_have_a_closed_form() -> None:
    real, fake = np.array([[1.0], [2.0]]), np.array([[0.0], [-1.0]])
    # (1*2 + 1)^3 + (0*-1 + 1)^3 - 2/4 (1 + 0^3 + 1 + (-1)^3)
    assert kernel_distance_of_all(real=real, fake=fake) == pytest.approx(27.0 + 1.0 - 0.5)
    assert distance(real, fake, subset_size=2).mean == pytest.approx(27.5)


@pytest.mark.parametrize("count", [511, 512, 513, 1025])
def test_blocks_do_not_show(count: int) -> None:
    real, fake = draw(0, count, 4), draw(1, 700, 4) + 0.5
    kernels = [(left @ right.T / 4 + 1) ** 3 for left, right in ((real, real), (fake, fake))]
    within = [(k.sum() - np.trace(k)) / (len(k) * (len(k) - 1)) for k in kernels]
    expected = sum(within) - 2 * ((real @ fake.T / 4 + 1) ** 3).mean()
    assert kernel_distance_of_all(real=real, fake=fake) == pytest.approx(expected, rel=1e-10)


@settings(max_examples=30)
@given(seed=SEEDS)
def test_real_and_fake_may_be_exchanged_and_reordered(seed: int) -> None:
    real, fake = draw(seed, 20, 3), draw(seed + 1, 30, 3) + 1.0
    there = kernel_distance_of_all(real=real, fake=fake)
    assert kernel_distance_of_all(real=fake, fake=real) == pytest.approx(there, rel=1e-9)
    order = np.random.default_rng(seed).permutation(30)
    again = kernel_distance_of_all(real=real[::-1], fake=fake[order])
    assert again == pytest.approx(there, rel=1e-9)


def test_the_same_law_gives_zero_on_average_and_may_be_negative() -> None:
    values = [
        kernel_distance_of_all(real=draw(2 * seed, 50, 3), fake=draw(2 * seed + 1, 40, 3))
        for seed in range(300)
    ]
    assert min(values) < 0.0 < max(values)
    assert abs(np.mean(values)) < 4.0 * np.std(values) / np.sqrt(300)


def test_a_shift_of_a_gaussian_has_a_closed_form() -> None:
    # With x.y/1 + 1 in one dimension: E k = 1 + 3 m n + 3 E x^2 E y^2 + E x^3 E y^3, where a
    # Gaussian of mean m and deviation 1 has the moments m, m^2 + 1 and m^3 + 3 m. So the
    # squared discrepancy is 3 m^2 + 3 m^4 + (m^3 + 3 m)^2 against mean 0.
    shift = 0.5
    expected = 3 * shift**2 + 3 * shift**4 + (shift**3 + 3 * shift) ** 2
    values = [
        kernel_distance_of_all(real=draw(2 * s, 300, 1), fake=draw(2 * s + 1, 300, 1) + shift)
        for s in range(200)
    ]
    assert abs(np.mean(values) - expected) < 4.0 * np.std(values) / np.sqrt(200)


def test_subsets_of_everything_are_the_distance_of_all() -> None:
    real, fake = draw(0, 60, 5), draw(1, 60, 5) + 0.5
    found = distance(real, fake, subsets=4, subset_size=60)
    expected = kernel_distance_of_all(real=real, fake=fake)
    assert found.mean == pytest.approx(expected, rel=1e-10)
    assert found.std <= 1e-10 * expected
    assert found.subset_size == 60


def test_fewer_images_lower_the_subset_size() -> None:
    assert distance(draw(0, 30, 2), draw(1, 80, 2)).subset_size == 30
    assert distance(draw(0, 80, 2), draw(1, 30, 2)).subset_size == 30
    assert distance(draw(0, 80, 2), draw(1, 70, 2), subset_size=50).subset_size == 50


def test_subsets_scatter_around_the_distance_of_all() -> None:
    real, fake = draw(0, 400, 4), draw(1, 400, 4) + 0.3
    found = distance(real, fake, subsets=300, subset_size=50)
    expected = kernel_distance_of_all(real=real, fake=fake)
    assert found.std > 0.0
    # Drawn without replacement, subsets are unbiased for the value of all.
    assert abs(found.mean - expected) < 4.0 * found.std / np.sqrt(300)


def test_mean_and_deviation_are_those_of_the_subsets_in_the_order_drawn() -> None:
    real, fake = draw(0, 30, 3), draw(1, 40, 3) + 0.5
    generator = np.random.default_rng(7)
    values = np.empty(5)
    for number in range(5):
        real_rows = generator.choice(30, 10, replace=False)
        fake_rows = generator.choice(40, 10, replace=False)
        values[number] = reference(real[real_rows], fake[fake_rows])
    found = distance(real, fake, 7, subsets=5, subset_size=10)
    assert found.mean == pytest.approx(values.mean(), rel=1e-10)
    assert found.std == pytest.approx(np.sqrt(((values - values.mean()) ** 2).mean()), rel=1e-9)


def test_the_same_seed_gives_the_same_numbers_and_another_others() -> None:
    real, fake = draw(0, 100, 3), draw(1, 100, 3)
    one = distance(real, fake, 3, subsets=5, subset_size=20)
    assert distance(real, fake, 3, subsets=5, subset_size=20) == one
    assert distance(real, fake, 4, subsets=5, subset_size=20) != one


def test_float32_features_are_summed_in_float64() -> None:
    real, fake = draw(0, 50, 3).astype(np.float32), draw(1, 50, 3).astype(np.float32)
    wide = kernel_distance_of_all(real=real.astype(np.float64), fake=fake.astype(np.float64))
    assert kernel_distance_of_all(real=real, fake=fake) == wide


@pytest.mark.parametrize(("num_real", "num_fake"), [(1, 9), (9, 1), (0, 9)])
def test_two_images_of_each_are_needed(num_real: int, num_fake: int) -> None:
    real, fake = draw(0, num_real, 2), draw(1, num_fake, 2)
    with pytest.raises(UsageError, match=r"at least 2 (real|fake) images, got [01]"):
        distance(real, fake)
    with pytest.raises(UsageError, match=r"at least 2 (real|fake) images, got [01]"):
        kernel_distance_of_all(real=real, fake=fake)


@pytest.mark.parametrize("how", [{"subsets": 0}, {"subset_size": 1}])
def test_subsets_must_be_some_of_at_least_two(how: dict[str, int]) -> None:
    with pytest.raises(UsageError, match="at least 1 subset of at least 2 images"):
        distance(draw(0, 9, 2), draw(1, 9, 2), **how)


def test_features_must_be_finite_and_fit() -> None:
    real, fake = draw(0, 9, 2), draw(1, 9, 2)
    with pytest.raises(UsageError, match="got 2 and 3"):
        kernel_distance_of_all(real=real, fake=draw(1, 9, 3))
    with pytest.raises(UsageError, match="at least 1 wide"):
        kernel_distance_of_all(real=real[:, :0], fake=fake[:, :0])
    with pytest.raises(UsageError, match=r"real features must be floating point of shape"):
        distance(real.astype(np.int64), fake)
    fake[3] = np.inf
    with pytest.raises(DataError, match="fake features of 1 of 9 images are not finite"):
        distance(real, fake)
