from collections.abc import Iterator
from contextlib import contextmanager
from typing import Literal

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.spatial.distance import cdist

from ganvas.errors import DataError, UsageError
from ganvas.metrics import neighbours
from ganvas.metrics.neighbours import (
    Balls,
    count_in_balls,
    kth_distances,
    nearest,
    nearest_other,
)

FloatArray = npt.NDArray[np.float64]
SEEDS = st.integers(0, 2**32 - 1)
SIZES = st.integers(1, 40)
WIDTHS = st.integers(1, 20)
BLOCKS = st.integers(1, 500)


def on_a_grid(seed: int, count: int, width: int) -> FloatArray:
    """Small whole numbers: many equal rows and equal distances, all exact in floating point."""
    return np.random.default_rng(seed).integers(-2, 3, size=(count, width)).astype(np.float64)


def far_from_zero(seed: int, count: int, width: int) -> FloatArray:
    """Rows close together compared with their norms; each third is a copy of another."""
    generator = np.random.default_rng(seed)
    rows = generator.normal(size=(count, width)) + generator.normal(size=width) * 1e6
    rows[::3] = rows[generator.integers(0, count, size=len(rows[::3]))]
    return rows


def as_defined(rows: FloatArray, columns: FloatArray) -> FloatArray:
    """Every squared distance, one at a time."""
    return np.array([[((row - column) ** 2).sum() for column in columns] for row in rows])


@contextmanager
def blocks_of(numbers: int) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(neighbours, "_BLOCK_NUMBERS", numbers)
        patch.setattr(neighbours, "_CHUNK_NUMBERS", numbers)
        yield


@settings(deadline=None)
@given(seed=SEEDS, count=st.integers(2, 40), width=WIDTHS, data=st.data())
def test_kth_distance_is_the_kth_of_the_sorted_others(
    seed: int, count: int, width: int, data: st.DataObject
) -> None:
    ks = data.draw(st.lists(st.integers(1, count - 1), min_size=1, max_size=3))
    for points in (on_a_grid(seed, count, width), far_from_zero(seed, count, width)):
        distances = as_defined(points, points)
        np.fill_diagonal(distances, np.inf)
        expected = np.sort(distances, axis=1)[:, [k - 1 for k in ks]].T
        np.testing.assert_array_equal(kth_distances(points, ks), expected)


@settings(deadline=None)
@given(seed=SEEDS, count=SIZES, others=SIZES, width=WIDTHS)
def test_nearest_is_the_first_of_the_smallest(
    seed: int, count: int, others: int, width: int
) -> None:
    for draw in (on_a_grid, far_from_zero):
        both = draw(seed, count + others, width)
        of, among = both[:count], both[count:]
        distances = as_defined(of, among)
        found = nearest(of=of, among=among)
        assert found.row.dtype == np.int64
        np.testing.assert_array_equal(found.row, distances.argmin(1))
        np.testing.assert_array_equal(found.squared_distance, distances.min(1))


@settings(deadline=None)
@given(seed=SEEDS, count=SIZES, others=SIZES, width=WIDTHS, strict=st.booleans(), data=st.data())
def test_pairs_in_balls_are_those_a_comparison_finds(
    seed: int, count: int, others: int, width: int, strict: bool, data: st.DataObject
) -> None:
    around: Literal["real", "fake"] = data.draw(st.sampled_from(["real", "fake"]))
    for draw in (on_a_grid, far_from_zero):
        both = draw(seed, count + others, width)
        real, fake = both[:count], both[count:]
        distances = as_defined(real, fake)
        centres = distances if around == "real" else distances.T
        # Radii that end exactly at an image, or between images.
        radii = np.random.default_rng(seed).choice([0.0, 0.5, 1.0], len(centres))
        radii *= centres[:, 0]
        reach = radii[:, None] if around == "real" else radii
        inside = distances < reach if strict else distances <= reach
        balls = Balls(around=around, squared_radii=radii, strict=strict)
        [found] = count_in_balls(real=real, fake=fake, balls=[balls])
        np.testing.assert_array_equal(found.real, inside.sum(1))
        np.testing.assert_array_equal(found.fake, inside.sum(0))


@settings(deadline=None, max_examples=30)
@given(seed=SEEDS, width=st.integers(1, 200))
def test_distances_are_scipys(seed: int, width: int) -> None:
    generator = np.random.default_rng(seed)
    of, among = generator.normal(size=(30, width)), generator.normal(size=(50, width))
    found = nearest(of=of, among=among).squared_distance
    np.testing.assert_allclose(found, cdist(of, among, "sqeuclidean").min(1), rtol=1e-12)
    kth = np.sort(cdist(among, among, "sqeuclidean"), axis=1)[:, [3, 5]].T
    np.testing.assert_allclose(kth_distances(among, [3, 5]), kth, rtol=1e-12)


@settings(deadline=None)
@given(seed=SEEDS, width=st.integers(1, 300), power=st.integers(-170, 140), outlier=st.booleans())
def test_estimates_are_within_their_bound(seed: int, width: int, power: int, outlier: bool) -> None:
    generator = np.random.default_rng(seed)
    both = (generator.normal(size=(24, width)) + generator.normal(size=width)) * 10.0**power
    if outlier:
        both[generator.integers(24)] *= 1e3
    pairs = neighbours._Pairs(both[:10], both[10:])
    [(_, block)] = pairs.blocks()
    row, column = (places.ravel() for places in np.indices((10, 14)))
    exact = pairs.exact(row, column).reshape(10, 14)
    assert np.abs(block.numpy() - exact).max() <= pairs.slack
    assert pairs.slack < 1e-6 * (both**2).sum(1).max() + 1e-300


@settings(deadline=None, max_examples=40)
@given(seed=SEEDS, count=st.integers(5, 40), width=WIDTHS, numbers=BLOCKS)
def test_the_size_of_blocks_does_not_matter(
    seed: int, count: int, width: int, numbers: int
) -> None:
    points = far_from_zero(seed, count, width)
    others = np.concatenate([points[-3:], points[-4:] + on_a_grid(seed, 4, width) / 2])
    balls = [
        Balls(around="real", squared_radii=kth_distances(points, [3])[0], strict=False),
        Balls(around="fake", squared_radii=kth_distances(others, [2])[0], strict=True),
    ]

    def everything() -> list[np.ndarray]:
        counts = count_in_balls(real=points, fake=others, balls=balls)
        found = nearest(of=others, among=points)
        return [kth_distances(points, [1, 4]), *found, *counts[0], *counts[1]]

    whole = everything()
    with blocks_of(numbers):
        for one, other in zip(whole, everything(), strict=True):
            np.testing.assert_array_equal(one, other)


@settings(deadline=None, max_examples=40)
@given(seed=SEEDS, width=WIDTHS)
def test_the_order_of_rows_does_not_matter(seed: int, width: int) -> None:
    generator = np.random.default_rng(seed)
    points = generator.normal(size=(60, width)) + 100.0
    of = generator.normal(size=(20, width)) + 100.0
    order, own_order = generator.permutation(60), generator.permutation(20)
    kth = kth_distances(points, [1, 5])
    np.testing.assert_array_equal(kth_distances(points[order], [1, 5]), kth[:, order])
    straight = nearest(of=of, among=points)
    mixed = nearest(of=of[own_order], among=points[order])
    np.testing.assert_array_equal(order[mixed.row], straight.row[own_order])
    np.testing.assert_array_equal(mixed.squared_distance, straight.squared_distance[own_order])


@settings(deadline=None)
@given(seed=SEEDS, count=st.integers(2, 40), width=WIDTHS, data=st.data())
def test_the_nearest_other_of_some_rows_is_that_of_all(
    seed: int, count: int, width: int, data: st.DataObject
) -> None:
    points = far_from_zero(seed, count, width)
    everyone = nearest_other(points)
    np.testing.assert_array_equal(everyone, kth_distances(points, [1])[0])
    rows = np.array(data.draw(st.lists(st.integers(0, count - 1))), dtype=np.int64)
    np.testing.assert_array_equal(nearest_other(points, rows), everyone[rows])


def test_copies_are_at_distance_zero_exactly_and_a_row_is_left_out_once() -> None:
    points = np.random.default_rng(0).normal(size=(50, 128)) * 1e3 + 1e6
    points[[3, 10, 11]] = points[7]
    close = kth_distances(points, [1, 3, 4])
    assert (close[:2, [3, 7, 10, 11]] == 0.0).all()
    assert (close[2, [3, 7, 10, 11]] > 0.0).all()
    assert np.flatnonzero(nearest_other(points) == 0.0).tolist() == [3, 7, 10, 11]
    assert nearest(of=points[[10]], among=points).row.tolist() == [3]
    assert (kth_distances(np.repeat(points[:1], 20, axis=0), [19]) == 0.0).all()


def test_no_block_is_larger_than_said_and_all_rows_come_once() -> None:
    points = np.random.default_rng(0).normal(size=(40, 3))
    with blocks_of(70):
        pairs = neighbours._Pairs(points, points[:20])
        shapes = [(start, tuple(block.shape)) for start, block in pairs.blocks()]
    assert shapes == [(start, (min(3, 40 - start), 20)) for start in range(0, 40, 3)]


def test_few_distances_are_left_undecided_far_from_zero() -> None:
    points = np.random.default_rng(0).normal(size=(40, 3))
    near, far = (neighbours._Pairs(shifted, shifted) for shifted in (points, points + 1e6))
    assert far.slack == pytest.approx(near.slack, rel=1e-6)


def test_single_precision_and_read_only_features_do() -> None:
    points = np.random.default_rng(0).normal(size=(30, 4)).astype(np.float32)
    points.setflags(write=False)
    expected = kth_distances(points.astype(np.float64), [2])
    np.testing.assert_array_equal(kth_distances(points, [2]), expected)
    radii = expected[0].copy()
    radii.setflags(write=False)
    balls = Balls(around="real", squared_radii=radii, strict=False)
    [found] = count_in_balls(real=points, fake=points, balls=[balls])
    assert (found.real == 3).all()  # the image itself and two more


def test_nothing_to_look_for_is_no_error() -> None:
    none, some = np.zeros((0, 3)), np.ones((4, 3))
    assert len(nearest(of=none, among=some).row) == 0
    assert nearest_other(some, np.zeros(0, np.int64)).shape == (0,)
    balls = Balls(around="fake", squared_radii=np.zeros(4), strict=False)
    [found] = count_in_balls(real=none, fake=some, balls=[balls])
    assert found.real.shape == (0,)
    assert found.fake.tolist() == [0, 0, 0, 0]


def test_what_cannot_be_answered_is_refused() -> None:
    points = np.random.default_rng(0).normal(size=(5, 3))
    with pytest.raises(UsageError, match=r"neighbour number 5.* at least 6 images, got 5"):
        kth_distances(points, [1, 5])
    for ks in ([], [0, 2]):
        with pytest.raises(UsageError, match="must be 1 or more"):
            kth_distances(points, ks)
    with pytest.raises(UsageError, match="at least 2 images, got 1"):
        nearest_other(points[:1])
    with pytest.raises(UsageError, match=r"must be 0\.\.4, got -1\.\.5"):
        nearest_other(points, np.array([5, -1]))
    with pytest.raises(UsageError, match=r"integers of shape \(R,\)"):
        nearest_other(points, np.array([0.5]))
    with pytest.raises(UsageError, match="at least 1 images to look among"):
        nearest(of=points, among=points[:0])
    with pytest.raises(UsageError, match="same width"):
        nearest(of=points, among=points[:, :2])
    with pytest.raises(UsageError, match="5 real images need a radius each"):
        count_in_balls(
            real=points,
            fake=points[:4],
            balls=[Balls(around="real", squared_radii=np.ones(4), strict=True)],
        )


@pytest.mark.parametrize("value", [np.nan, np.inf, 1e200])
def test_features_must_be_finite_and_so_must_their_squares(value: float) -> None:
    points = np.random.default_rng(0).normal(size=(5, 3))
    points[2, 1] = value
    with pytest.raises(DataError, match=r"not finite|too large"):
        kth_distances(points, [1])
