import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ganvas.data.batches import BatchOrder
from ganvas.errors import UsageError

seeds = st.integers(0, 2**32)
sizes = st.integers(1, 60).flatmap(lambda n: st.tuples(st.just(n), st.integers(1, n)))


def epochs(order: BatchOrder, count: int) -> npt.NDArray[np.int64]:
    """The first `count` epochs' rows in the order the batches give them: (count, num_images)."""
    needed = -(-count * order.num_images // order.batch_size)
    rows = np.concatenate([order.indices(batch) for batch in range(needed)])
    return rows[: count * order.num_images].reshape(count, order.num_images)


@given(sizes, seeds)
def test_each_epoch_is_a_permutation_so_no_image_is_dropped(
    size: tuple[int, int], seed: int
) -> None:
    for epoch in epochs(BatchOrder(*size, "shuffled", seed), 4):
        assert sorted(epoch) == list(range(size[0]))


@given(sizes, st.integers(0, 10**6))
def test_sequential_counts_up_and_around(size: tuple[int, int], batch: int) -> None:
    num_images, batch_size = size
    rows = BatchOrder(num_images, batch_size, "sequential", 0).indices(batch)
    expected = (batch * batch_size + np.arange(batch_size)) % num_images
    np.testing.assert_array_equal(rows, expected)


@given(sizes, seeds, st.integers(0, 10**9))
def test_with_replacement_stays_in_range(size: tuple[int, int], seed: int, batch: int) -> None:
    rows = BatchOrder(*size, "with_replacement", seed).indices(batch)
    assert rows.shape == (size[1],)
    assert rows.min() >= 0
    assert rows.max() < size[0]


def test_with_replacement_is_uniform_and_batches_differ() -> None:
    order = BatchOrder(10, 10, "with_replacement", 3)
    rows = np.stack([order.indices(batch) for batch in range(1000)])
    counts = np.bincount(rows.ravel(), minlength=10)
    assert np.abs(counts - 1000).max() < 5 * np.sqrt(1000 * 0.9)
    assert len(np.unique(rows, axis=0)) > 990


@given(
    sizes,
    seeds,
    st.sampled_from(["shuffled", "sequential", "with_replacement"]),
    st.lists(st.integers(0, 200), min_size=1, max_size=12),
)
def test_a_batch_depends_on_seed_and_position_only(
    size: tuple[int, int], seed: int, order: str, visits: list[int]
) -> None:
    used = BatchOrder(*size, order, seed)  # type: ignore[arg-type]
    for batch in visits:
        fresh = BatchOrder(*size, order, seed)  # type: ignore[arg-type]
        rows = used.indices(batch)
        np.testing.assert_array_equal(rows, fresh.indices(batch))
        assert rows.dtype == np.int64
        rows[:] = -1  # what the caller does to a batch must not reach the next one


def test_seeds_and_epochs_differ() -> None:
    first = epochs(BatchOrder(100, 7, "shuffled", 0), 2)
    second = epochs(BatchOrder(100, 7, "shuffled", 1), 2)
    assert len(np.unique(np.concatenate([first, second]), axis=0)) == 4


def test_far_positions_and_many_images_cost_no_more_than_two_epochs() -> None:
    order = BatchOrder(1_000_000, 64, "shuffled", 0)
    for batch in (0, 20_000, 10**7, 10**9):
        order.indices(batch)
    assert sum(rows.nbytes for rows in order._epochs.values()) <= 2 * 8_000_000


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((10, 11, "shuffled", 0), r"batch_size 11 is more than the 10 .* set batch_size to 10"),
        ((10, 0, "shuffled", 0), r"batch_size must be at least 1, got 0"),
        ((10, 5, "shufled", 0), r"unknown order 'shufled'; did you mean 'shuffled'\?"),
        ((10, 5, "shuffled", -1), r"seed must be at least 0, got -1"),
    ],
)
def test_impossible_orders_are_refused(arguments: tuple[int, int, str, int], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        BatchOrder(*arguments)  # type: ignore[arg-type]
