import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.spatial.distance import cdist

from ganvas.errors import DataError, UsageError
from ganvas.metrics.prdc import Prdc, density_coverage, prdc, precision_recall

FloatArray = npt.NDArray[np.float64]
SEEDS = st.integers(0, 2**32 - 1)
WIDTHS = st.integers(1, 12)
COUNTS = st.integers(6, 50)


def draw(seed: int, count: int, width: int, *, on_a_grid: bool = False) -> FloatArray:
    """Gaussian rows; on a grid, with many equal rows and distances, exact in floating point."""
    rows = np.random.default_rng(seed).normal(size=(count, width))
    return np.rint(rows) if on_a_grid else rows


def radii(points: FloatArray, k: int) -> FloatArray:
    """Squared, by sorting whole rows; place 0 is the image itself, or a copy of it."""
    return np.sort(cdist(points, points, "sqeuclidean"), axis=1)[:, k]


def reference_precision_recall(
    real: FloatArray, fake: FloatArray, k: int, *, strict: bool
) -> tuple[float, float]:
    """Kynkaanniemi et al. written out: one ball and one image at a time."""

    def share_inside(centres: FloatArray, images: FloatArray) -> float:
        reach = radii(centres, k)
        hits = 0
        for image in images:
            distance = cdist(image[None], centres, "sqeuclidean")[0]
            hits += bool(np.any(distance < reach if strict else distance <= reach))
        return hits / len(images)

    return share_inside(real, fake), share_inside(fake, real)


def reference_density_coverage(real: FloatArray, fake: FloatArray, k: int) -> tuple[float, float]:
    """Naeem et al. written out, ball by ball."""
    pairs, covered = 0, 0
    for centre, reach in zip(real, radii(real, k), strict=True):
        inside = int(np.count_nonzero(cdist(centre[None], fake, "sqeuclidean")[0] < reach))
        pairs += inside
        covered += inside > 0
    return pairs / (k * len(fake)), covered / len(real)


@settings(deadline=None)
@given(
    seed=SEEDS,
    num_real=COUNTS,
    num_fake=COUNTS,
    width=WIDTHS,
    k=st.integers(1, 5),
    strict=st.booleans(),
    on_a_grid=st.booleans(),
)
def test_agrees_with_the_formulas_written_out(
    seed: int, num_real: int, num_fake: int, width: int, k: int, strict: bool, on_a_grid: bool
) -> None:
    real = draw(seed, num_real, width, on_a_grid=on_a_grid)
    fake = draw(seed + 1, num_fake, width, on_a_grid=on_a_grid)
    found = precision_recall(real=real, fake=fake, k=k, strict=strict)
    assert found == reference_precision_recall(real, fake, k, strict=strict)
    found = density_coverage(real=real, fake=fake, k=k)
    assert found == reference_density_coverage(real, fake, k)


@settings(deadline=None)
@given(seed=SEEDS, num_real=COUNTS, num_fake=COUNTS, width=WIDTHS, on_a_grid=st.booleans())
def test_all_four_at_once_are_the_same_numbers(
    seed: int, num_real: int, num_fake: int, width: int, on_a_grid: bool
) -> None:
    real = draw(seed, num_real, width, on_a_grid=on_a_grid)
    fake = draw(seed + 1, num_fake, width, on_a_grid=on_a_grid)
    precision, recall = precision_recall(real=real, fake=fake)
    density, coverage = density_coverage(real=real, fake=fake)
    assert prdc(real=real, fake=fake) == Prdc(
        precision=precision, recall=recall, density=density, coverage=coverage
    )
    assert (precision, recall) == reference_precision_recall(real, fake, 3, strict=False)
    assert (density, coverage) == reference_density_coverage(real, fake, 5)


@settings(deadline=None)
@given(seed=SEEDS, count=COUNTS, width=WIDTHS)
def test_a_set_compared_with_itself_has_full_marks(seed: int, count: int, width: int) -> None:
    points = draw(seed, count, width)
    # Each ball has, strictly inside, the image itself and the 4 nearest others: 5 of k = 5.
    expected = Prdc(precision=1.0, recall=1.0, density=1.0, coverage=1.0)
    assert prdc(real=points, fake=points[::-1]) == expected


@settings(deadline=None)
@given(seed=SEEDS, num_real=COUNTS, num_fake=COUNTS, width=WIDTHS, strict=st.booleans())
def test_exchanging_real_and_fake_exchanges_precision_and_recall(
    seed: int, num_real: int, num_fake: int, width: int, strict: bool
) -> None:
    real, fake = draw(seed, num_real, width), draw(seed + 1, num_fake, width) * 1.5
    there = precision_recall(real=real, fake=fake, strict=strict)
    assert precision_recall(real=fake, fake=real, strict=strict) == there[::-1]


@settings(deadline=None, max_examples=40)
@given(seed=SEEDS, width=WIDTHS, factor=st.sampled_from([0.125, 4.0]))
def test_neither_order_nor_scale_matters(seed: int, width: int, factor: float) -> None:
    real, fake = draw(seed, 40, width), draw(seed + 1, 30, width)
    order = np.random.default_rng(seed)
    found = prdc(
        real=order.permutation(real) * factor,
        fake=order.permutation(fake) * factor,
    )
    assert found == prdc(real=real, fake=fake)


@settings(deadline=None)
@given(seed=SEEDS, width=WIDTHS)
def test_sets_far_apart_have_nothing_in_common(seed: int, width: int) -> None:
    real, fake = draw(seed, 30, width), draw(seed + 1, 30, width) + 1e4
    expected = Prdc(precision=0.0, recall=0.0, density=0.0, coverage=0.0)
    assert prdc(real=real, fake=fake) == expected


def test_a_generator_of_few_images_is_precise_but_covers_little() -> None:
    real = draw(0, 500, 4)
    fake = draw(1, 500, 4) * 0.05
    found = prdc(real=real, fake=fake)
    assert found.precision > 0.95
    assert found.density > 1.0
    assert found.recall < 0.05
    assert found.coverage < 0.2


def test_a_generator_that_adds_noise_is_not_precise() -> None:
    real = draw(0, 500, 4)
    noisy = prdc(real=real, fake=draw(1, 500, 4) * 4.0)
    good = prdc(real=real, fake=draw(1, 500, 4))
    assert noisy.precision < 0.3
    assert good.precision > 0.8
    assert noisy.density < 0.3
    assert good.density == pytest.approx(1.0, abs=0.2)
    assert noisy.recall > 0.8
    assert good.coverage == pytest.approx(1 - 2**-5, abs=0.03)


@pytest.mark.parametrize("copied", [True, False])
def test_one_image_over_and_over(copied: bool) -> None:
    real = draw(0, 60, 5)
    image = real[7] if copied else real.mean(0) + 1e-3
    fake = np.repeat(image[None], 40, axis=0)
    found = prdc(real=real, fake=fake)
    assert found.precision == 1.0
    # The fakes' balls have radius 0 and hold just what equals their centre.
    assert found.recall == (1 / 60 if copied else 0.0)
    assert precision_recall(real=real, fake=fake, strict=True)[1] == 0.0
    balls = np.count_nonzero(cdist(image[None], real, "sqeuclidean")[0] < radii(real, 5))
    assert found.coverage == balls / 60
    assert found.density == pytest.approx(balls / 5, rel=1e-15)


def test_images_on_the_sphere_are_inside_unless_strict() -> None:
    real = np.array([[0.0], [1.0], [2.0], [3.0]])
    fake = np.array([[4.0], [5.0], [6.0], [-1.0]])
    # With k = 1 each real ball has radius 1, so it ends exactly at 4 and at -1.
    assert precision_recall(real=real, fake=fake, k=1)[0] == 0.5
    assert precision_recall(real=real, fake=fake, k=1, strict=True)[0] == 0.0
    assert density_coverage(real=real, fake=fake, k=1) == (0.0, 0.0)


def test_too_few_images_are_refused_by_name() -> None:
    real, fake = draw(0, 6, 2), draw(1, 4, 2)
    prdc(real=real, fake=fake)
    with pytest.raises(UsageError, match=r"density and coverage with k = 5.* 6 real images, got 5"):
        prdc(real=real[:5], fake=fake)
    with pytest.raises(UsageError, match=r"precision and recall with k = 3.* 4 fake images, got 3"):
        prdc(real=real, fake=fake[:3])
    with pytest.raises(UsageError, match=r"precision and recall with k = 6.* 7 real images, got 6"):
        precision_recall(real=real, fake=fake, k=6)
    with pytest.raises(UsageError, match="at least 1 fake images, got 0"):
        density_coverage(real=real, fake=fake[:0])
    with pytest.raises(UsageError, match="k of 1 or more, got 0"):
        density_coverage(real=real, fake=fake, k=0)


def test_features_that_do_not_fit_are_refused_by_name() -> None:
    real, fake = draw(0, 20, 3), draw(1, 20, 3)
    with pytest.raises(UsageError, match="same width, got 3 and 2"):
        prdc(real=real, fake=fake[:, :2])
    fake[4, 1] = np.nan
    with pytest.raises(DataError, match=r"fake features of 1 of 20.*first of image 4"):
        prdc(real=real, fake=fake)
    with pytest.raises(DataError, match="real features of 1 of 20"):
        density_coverage(real=fake, fake=real)


@pytest.mark.slow
def test_published_values_for_two_draws_of_a_gaussian() -> None:
    """The example that comes with arXiv 2002.09797's code: N(0, I), 1000 wide, k = 5.

    Its values are of one unknown draw. Over twelve draws the four numbers had standard
    deviations of .012, .010, .084 and .0075 (a few real images near the mean, inside whose balls
    are hundreds of fakes, decide the density); allowed are three of them.
    """
    real, fake = draw(0, 10_000, 1000), draw(1, 10_000, 1000)
    precision, recall = precision_recall(real=real, fake=fake, k=5, strict=True)
    density, coverage = density_coverage(real=real, fake=fake)
    assert precision == pytest.approx(0.4772, abs=0.035)
    assert recall == pytest.approx(0.4705, abs=0.03)
    assert density == pytest.approx(1.0555, abs=0.25)
    assert coverage == pytest.approx(0.9735, abs=0.0225)
