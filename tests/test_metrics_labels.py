import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ganvas.errors import DataError, UsageError
from ganvas.metrics.labels import class_histogram, label_accuracy

LABELS = st.lists(st.integers(0, 9), min_size=1, max_size=50).map(np.array)


@settings(deadline=None)
@given(labels=LABELS)
def test_every_label_met_is_accuracy_one_and_none_is_zero(labels: np.ndarray) -> None:
    assert label_accuracy(asked=labels, predicted=labels) == 1.0
    assert label_accuracy(asked=labels, predicted=labels + 1) == 0.0


@settings(deadline=None)
@given(labels=LABELS, data=st.data())
def test_each_wrong_label_costs_its_share(labels: np.ndarray, data: st.DataObject) -> None:
    wrong = data.draw(st.sets(st.integers(0, len(labels) - 1)))
    predicted = labels.copy()
    predicted[list(wrong)] += 1
    expected = (len(labels) - len(wrong)) / len(labels)
    assert label_accuracy(asked=labels, predicted=predicted) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("asked", "predicted"),
    [
        (np.zeros(0, np.int64), np.zeros(0, np.int64)),
        (np.zeros(2, np.int64), np.zeros(1, np.int64)),
        (np.zeros((2, 1), np.int64), np.zeros((2, 1), np.int64)),
        (np.zeros(2), np.zeros(2)),
    ],
)
def test_labels_that_do_not_fit_are_refused(asked: np.ndarray, predicted: np.ndarray) -> None:
    with pytest.raises(UsageError):
        label_accuracy(asked=asked, predicted=predicted)


@settings(deadline=None)
@given(labels=LABELS)
def test_histogram_counts_every_label_once(labels: np.ndarray) -> None:
    counts = class_histogram(labels, 10)
    assert counts.dtype == np.int64
    assert counts.tolist() == [labels.tolist().count(label) for label in range(10)]


def test_histogram_of_nothing_is_all_zero() -> None:
    assert class_histogram(np.zeros(0, np.int64), 3).tolist() == [0, 0, 0]


@pytest.mark.parametrize("label", [-1, 3])
def test_histogram_refuses_labels_outside_the_classes(label: int) -> None:
    with pytest.raises(DataError, match=r"0\.\.2"):
        class_histogram(np.array([0, label]), 3)
