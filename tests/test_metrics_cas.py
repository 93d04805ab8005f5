import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ganvas.errors import DataError, UsageError
from ganvas.metrics.cas import classification_accuracy

SEEDS = st.integers(0, 2**32 - 1)


def draw(seed: int, num_classes: int = 5) -> tuple[np.ndarray, np.ndarray]:
    generator = np.random.default_rng(seed)
    count = int(generator.integers(1, 60))
    return generator.integers(0, num_classes, count), generator.integers(0, num_classes, count)


@given(seed=SEEDS)
def test_agrees_with_counting_one_by_one(seed: int) -> None:
    true, predicted = draw(seed)
    found = classification_accuracy(true=true, predicted=predicted, num_classes=5)
    pairs = list(zip(true.tolist(), predicted.tolist(), strict=True))
    assert found.overall == pytest.approx(sum(a == b for a, b in pairs) / len(pairs))
    for label in range(5):
        own = [b == label for a, b in pairs if a == label]
        assert found.per_class[label] == (pytest.approx(sum(own) / len(own)) if own else None)


@given(seed=SEEDS)
def test_the_overall_accuracy_is_the_classes_weighted_by_their_images(seed: int) -> None:
    true, predicted = draw(seed)
    found = classification_accuracy(true=true, predicted=predicted, num_classes=5)
    counts = np.bincount(true, minlength=5)
    classes = np.array([0.0 if value is None else value for value in found.per_class])
    assert found.overall == pytest.approx(classes @ counts / counts.sum())


@given(seed=SEEDS)
def test_the_order_of_images_does_not_matter(seed: int) -> None:
    true, predicted = draw(seed)
    order = np.random.default_rng(seed).permutation(len(true))
    assert classification_accuracy(
        true=true[order], predicted=predicted[order], num_classes=5
    ) == classification_accuracy(true=true, predicted=predicted, num_classes=5)


def test_all_right_is_one_and_a_class_without_images_is_none() -> None:
    true = np.array([0, 0, 2])
    found = classification_accuracy(true=true, predicted=true, num_classes=4)
    assert found.overall == 1.0
    assert found.per_class == (1.0, None, 1.0, None)


def test_one_class_for_all_is_right_for_that_class_alone() -> None:
    true = np.array([0, 1, 1, 2])
    found = classification_accuracy(true=true, predicted=np.ones(4, np.int64), num_classes=3)
    assert found.overall == 0.5
    assert found.per_class == (0.0, 1.0, 0.0)


@pytest.mark.parametrize(
    ("true", "predicted"), [([0, 5], [0, 1]), ([0, 1], [0, 5]), ([0, -1], [0, 1])]
)
def test_labels_must_be_classes(true: list[int], predicted: list[int]) -> None:
    with pytest.raises(DataError, match=r"labels must be 0\.\.4"):
        classification_accuracy(true=np.array(true), predicted=np.array(predicted), num_classes=5)


@pytest.mark.parametrize(
    ("true", "predicted"),
    [
        (np.zeros(0, np.int64), np.zeros(0, np.int64)),
        (np.zeros(2, np.int64), np.zeros(3, np.int64)),
        (np.zeros(2), np.zeros(2, np.int64)),
        (np.zeros(2, np.int64), np.full(2, np.nan)),
        (np.zeros((2, 1), np.int64), np.zeros((2, 1), np.int64)),
    ],
)
def test_labels_that_do_not_fit_are_refused(true: np.ndarray, predicted: np.ndarray) -> None:
    with pytest.raises(UsageError):
        classification_accuracy(true=true, predicted=predicted, num_classes=5)
