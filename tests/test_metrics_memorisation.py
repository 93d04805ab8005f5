import numpy as np
import numpy.typing as npt
import pytest
import scipy.stats
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.spatial.distance import cdist

from ganvas.errors import DataError, UsageError
from ganvas.metrics.memorisation import authenticity, closest_pairs, copying_score
from ganvas.metrics.neighbours import Nearest, nearest, nearest_other

FloatArray = npt.NDArray[np.float64]
SEEDS = st.integers(0, 2**32 - 1)
WIDTHS = st.integers(1, 8)
CORNERS = np.array([[-6.0, 0.0, 0.0], [6.0, 0.0, 0.0], [0.0, 6.0, 0.0]])


def draw(seed: int, count: int, width: int = 3, *, on_a_grid: bool = False) -> FloatArray:
    rows = np.random.default_rng(seed).normal(size=(count, width))
    return np.rint(rows * 2.0) if on_a_grid else rows


def clusters(seed: int, count: int) -> FloatArray:
    """Three clusters around CORNERS of unequal shares."""
    generator = np.random.default_rng(seed)
    return CORNERS[generator.choice(3, count, p=[0.5, 0.3, 0.2])] + draw(seed + 1, count)


def reference_copying(
    train: FloatArray, real: FloatArray, fake: FloatArray, centres: FloatArray
) -> float:
    """C_T written out with SciPy's distances, ranks and U."""
    kept = []
    for cell in range(len(centres)):
        known, unseen, made = (
            points[cdist(points, centres).argmin(1) == cell] for points in (train, real, fake)
        )
        n, m = len(unseen), len(made)
        if len(known) == 0 or n == 0 or m < 21:
            continue
        near = [cdist(points, known, "sqeuclidean").min(1) for points in (made, unseen)]
        u = scipy.stats.mannwhitneyu(*near, method="asymptotic").statistic
        kept.append((n, (u - m * n / 2) / np.sqrt(m * n * (m + n + 1) / 12)))
    shares, scores = np.array(kept).T
    return float(np.average(scores, weights=shares))


@settings(deadline=None, max_examples=40)
@given(seed=SEEDS, counts=st.tuples(*[st.integers(60, 150)] * 3), on_a_grid=st.booleans())
def test_copying_score_is_the_formula_written_out(
    seed: int, counts: tuple[int, int, int], on_a_grid: bool
) -> None:
    train, real, fake = (clusters(seed + i, count) for i, count in enumerate(counts))
    fake = np.concatenate([fake, train[::3]])
    centres = CORNERS
    if on_a_grid:  # ties of every kind, and cells with few images
        train, real, fake = np.rint(train), np.rint(real), np.rint(fake)
        centres = CORNERS + np.array([0.25, 0.125, 0.0])  # no point is between two cells
    found = copying_score(train=train, real=real, fake=fake, centres=centres)
    expected = reference_copying(train, real, fake, centres)
    assert found == pytest.approx(expected, rel=1e-12, abs=1e-12)


@settings(deadline=None, max_examples=20)
@given(seed=st.integers(0, 10_000))
def test_copying_score_tells_copies_from_new_images_and_noise(seed: int) -> None:
    train, real = clusters(seed, 600), clusters(seed + 1000, 300)

    def score(fake: FloatArray) -> float:
        return copying_score(train=train, real=real, fake=fake, centres=CORNERS)

    near_copies = train[:300] + 1e-3 * draw(seed, 300)
    assert score(train[:300]) < -8.0
    assert score(near_copies) < -8.0
    # Z is standard normal but for the training set that both sides share; C_T averages three.
    assert abs(score(clusters(seed + 2000, 300))) < 4.5
    assert score(CORNERS[np.arange(300) % 3] + 3.0 * draw(seed, 300)) > 4.0


@settings(deadline=None, max_examples=20)
@given(seed=SEEDS)
def test_exchanging_held_out_and_fake_images_changes_the_sign(seed: int) -> None:
    train, real, fake = clusters(seed, 200), draw(seed + 1, 90), draw(seed + 2, 80) * 0.8
    centres = np.zeros((1, 3))
    there = copying_score(train=train, real=real, fake=fake, centres=centres)
    back = copying_score(train=train, real=fake, fake=real, centres=centres)
    assert back == pytest.approx(-there, rel=1e-12, abs=1e-12)
    assert copying_score(train=train, real=real, fake=real, centres=centres) == 0.0


@settings(deadline=None, max_examples=20)
@given(seed=SEEDS)
def test_the_order_of_images_and_cells_does_not_matter(seed: int) -> None:
    train, real, fake = clusters(seed, 150), clusters(seed + 1, 90), clusters(seed + 2, 120)
    order = np.random.default_rng(seed).permutation
    there = copying_score(train=train, real=real, fake=fake, centres=CORNERS)
    back = copying_score(
        train=order(train), real=order(real), fake=order(fake), centres=order(CORNERS)
    )
    assert back == pytest.approx(there, rel=1e-12, abs=1e-12)
    assert authenticity(train=order(train), fake=order(fake)) == authenticity(
        train=train, fake=fake
    )


def test_cells_with_too_few_images_do_not_count() -> None:
    train, real, fake = draw(0, 100), draw(1, 50), draw(2, 60) * 0.5
    there = CORNERS[1] * 10.0
    expected = copying_score(train=train, real=real, fake=fake, centres=np.zeros((1, 3)))
    centres = np.stack([np.zeros(3), there])

    def score(*, num_train: int, num_real: int, num_fake: int) -> float:
        return copying_score(
            train=np.concatenate([train, there + draw(3, num_train)]),
            real=np.concatenate([real, there + draw(4, num_real)]),
            fake=np.concatenate([fake, there + draw(5, num_fake)]),
            centres=centres,
        )

    for few in (
        {"num_train": 30, "num_real": 30, "num_fake": 20},
        {"num_train": 0, "num_real": 30, "num_fake": 30},
        {"num_train": 30, "num_real": 0, "num_fake": 30},
    ):
        assert score(**few) == expected
    assert score(num_train=30, num_real=30, num_fake=21) != expected


def test_copying_score_is_refused_where_no_cell_counts() -> None:
    train, real, fake = draw(0, 100), draw(1, 50), draw(2, 20)
    with pytest.raises(UsageError, match=r"more than 20 fake images.*none of 1 has"):
        copying_score(train=train, real=real, fake=fake, centres=np.zeros((1, 3)))
    with pytest.raises(UsageError, match=r"3 wide, .*centres 2"):
        copying_score(train=train, real=real, fake=fake, centres=np.zeros((1, 2)))
    real[7] = np.nan
    with pytest.raises(DataError, match="real features of 1 of 50"):
        copying_score(train=train, real=real, fake=fake, centres=np.zeros((1, 3)))


def reference_authenticity(train: FloatArray, fake: FloatArray) -> float:
    """Alaa et al. written out, fake by fake."""
    authentic = 0
    for image in fake:
        distances = [((image - known) ** 2).sum() for known in train]
        hit = int(np.argmin(distances))
        others = np.delete(train, hit, axis=0)
        authentic += distances[hit] > min(((train[hit] - known) ** 2).sum() for known in others)
    return authentic / len(fake)


@settings(deadline=None, max_examples=60)
@given(
    seed=SEEDS,
    num_train=st.integers(2, 30),
    num_fake=st.integers(1, 30),
    width=WIDTHS,
    on_a_grid=st.booleans(),
)
def test_authenticity_is_the_formula_written_out_however_it_is_asked(
    seed: int, num_train: int, num_fake: int, width: int, on_a_grid: bool
) -> None:
    train = draw(seed, num_train, width, on_a_grid=on_a_grid)
    fake = draw(seed + 1, num_fake, width, on_a_grid=on_a_grid)
    expected = reference_authenticity(train, fake)
    near, spacing = nearest(of=fake, among=train), nearest_other(train)
    assert authenticity(train=train, fake=fake) == expected
    assert authenticity(train=train, fake=fake, nearest_train=near) == expected
    assert authenticity(train=train, fake=fake, train_spacing=spacing) == expected
    assert (
        authenticity(train=train, fake=fake, nearest_train=near, train_spacing=spacing) == expected
    )


@settings(deadline=None, max_examples=30)
@given(seed=SEEDS, width=WIDTHS, twice=st.booleans())
def test_copies_are_never_authentic_and_far_images_always(
    seed: int, width: int, twice: bool
) -> None:
    train = draw(seed, 40, width) + 1e3
    if twice:
        train = np.concatenate([train, train[::2]])
    assert authenticity(train=train, fake=train[::-3]) == 0.0
    assert authenticity(train=train, fake=draw(seed, 10, width) - 1e3) == 1.0


def test_authenticity_of_new_images_of_the_same_law_is_that_of_real_ones() -> None:
    train, real, fake = draw(0, 2000), draw(1, 2000), draw(2, 2000)
    unseen = authenticity(train=train, fake=real)
    assert 0.3 < unseen < 0.7
    assert authenticity(train=train, fake=fake) == pytest.approx(unseen, abs=0.06)
    near_copies = train + 0.01 * draw(3, 2000)
    assert authenticity(train=train, fake=near_copies) < 0.1


@settings(deadline=None, max_examples=30)
@given(seed=SEEDS, width=WIDTHS, count=st.integers(1, 60))
def test_closest_pairs_come_in_order(seed: int, width: int, count: int) -> None:
    train, fake = draw(seed, 30, width), draw(seed + 1, 40, width)
    fake[11], fake[3] = train[5], train[8]
    pairs = closest_pairs(train=train, fake=fake, count=count)
    distances = cdist(fake, train)
    order = np.argsort(distances.min(1), kind="stable")[:count]
    np.testing.assert_array_equal(pairs.fake, order)
    np.testing.assert_array_equal(pairs.train, distances.argmin(1)[order])
    np.testing.assert_allclose(pairs.distance, distances.min(1)[order], rtol=1e-12)
    assert (
        list(zip(pairs.fake, pairs.train, pairs.distance, strict=True))[:2]
        == ([(3, 8, 0.0), (11, 5, 0.0)][:count])
    )
    again = closest_pairs(
        train=train, fake=fake, count=count, nearest_train=nearest(of=fake, among=train)
    )
    np.testing.assert_array_equal(again.fake, pairs.fake)
    np.testing.assert_array_equal(again.distance, pairs.distance)


def test_what_does_not_fit_is_refused_by_name() -> None:
    train, fake = draw(0, 20), draw(1, 10)
    near = nearest(of=fake, among=train)
    with pytest.raises(UsageError, match="at least 2 training images, got 1"):
        authenticity(train=train[:1], fake=fake)
    with pytest.raises(UsageError, match="at least 1 fake images, got 0"):
        authenticity(train=train, fake=fake[:0])
    with pytest.raises(UsageError, match=r"must be of shape \(20,\), got \(19,\)"):
        authenticity(train=train, fake=fake, train_spacing=np.ones(19))
    with pytest.raises(UsageError, match="of 9 fake images are needed, got 10"):
        authenticity(train=train, fake=fake[:9], nearest_train=near)
    wrong = Nearest(near.row + 20, near.squared_distance)
    with pytest.raises(UsageError, match=r"must be 0\.\.19, got "):
        closest_pairs(train=train, fake=fake, count=3, nearest_train=wrong)
    with pytest.raises(UsageError, match="must be 1 or more, got 0"):
        closest_pairs(train=train, fake=fake, count=0)
    with pytest.raises(UsageError, match="same width"):
        closest_pairs(train=train, fake=fake[:, :2], count=1)
    fake[2, 2] = np.inf
    with pytest.raises(DataError, match="fake features of 1 of 10"):
        authenticity(train=train, fake=fake)
