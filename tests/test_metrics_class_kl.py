import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import entropy

from ganvas.errors import DataError, UsageError
from ganvas.metrics.class_kl import class_kl, class_kl_floor

COUNTS = st.lists(st.integers(1, 20), min_size=2, max_size=8).map(np.array)


def labels_with(counts: np.ndarray) -> np.ndarray:
    return np.repeat(np.arange(len(counts)), counts)


@given(counts=COUNTS)
def test_the_datas_own_frequencies_are_at_zero(counts: np.ndarray) -> None:
    found = class_kl(real_frequencies=counts / counts.sum(), predicted=labels_with(counts))
    assert 0.0 <= found <= 1e-12


@given(counts=COUNTS, seed=st.integers(0, 1000))
def test_agrees_with_scipys_relative_entropy(counts: np.ndarray, seed: int) -> None:
    generator = np.random.default_rng(seed)
    fake = generator.integers(0, 30, size=len(counts))
    fake[generator.integers(len(counts))] += len(counts)  # enough images in all
    labels = generator.permutation(labels_with(fake))
    found = class_kl(real_frequencies=counts / counts.sum(), predicted=labels)
    assert found == pytest.approx(entropy(fake, counts), rel=1e-9, abs=1e-12)


def test_one_class_alone_gives_the_logarithm_of_its_frequency_in_nats() -> None:
    even = np.full(10, 0.1)
    found = class_kl(real_frequencies=even, predicted=np.full(50, 3))
    assert found == pytest.approx(np.log(10.0), rel=1e-12)


def test_a_class_that_neither_has_adds_nothing() -> None:
    found = class_kl(real_frequencies=np.array([0.5, 0.0, 0.5]), predicted=np.array([0, 0, 0, 2]))
    assert found == pytest.approx(0.75 * np.log(1.5) + 0.25 * np.log(0.5))


def test_a_class_that_the_data_never_has_is_an_error_that_names_it() -> None:
    real = np.array([0.5, 0.0, 0.5, 0.0])
    with pytest.raises(DataError, match=r"class 1 is generated 2 times.*1 such classes.*infinite"):
        class_kl(real_frequencies=real, predicted=np.array([0, 1, 1, 2]))
    with pytest.raises(DataError, match=r"class 1 is generated 1 times.*2 such classes"):
        class_kl(real_frequencies=real, predicted=np.array([3, 1, 0, 2]))


@settings(max_examples=20)
@given(seed=st.integers(0, 1000))
def test_the_order_of_images_does_not_matter(seed: int) -> None:
    generator = np.random.default_rng(seed)
    labels, real = generator.integers(0, 4, size=40), np.full(4, 0.25)
    shuffled = generator.permutation(labels)
    assert class_kl(real_frequencies=real, predicted=labels) == class_kl(
        real_frequencies=real, predicted=shuffled
    )


@pytest.mark.parametrize("even", [True, False])
def test_the_floor_is_what_perfect_samples_give_on_average(even: bool) -> None:
    generator = np.random.default_rng(0)
    real = np.full(10, 0.1) if even else np.arange(1, 11) / 55.0
    values = [
        class_kl(real_frequencies=real, predicted=generator.choice(10, 1000, p=real))
        for _ in range(2000)
    ]
    floor = class_kl_floor(10, 1000)
    assert floor == 0.0045
    error = np.std(values) / np.sqrt(len(values))
    assert error < 0.02 * floor
    assert abs(np.mean(values) - floor) < 4.0 * error + 0.01 * floor  # and the next term


def test_the_floor_needs_a_class_and_a_sample() -> None:
    assert class_kl_floor(1, 1) == 0.0
    for num_classes, count in ((0, 5), (5, 0)):
        with pytest.raises(UsageError, match="at least 1 class and 1 sample"):
            class_kl_floor(num_classes, count)


def test_at_least_as_many_images_as_classes_are_needed() -> None:
    real = np.full(4, 0.25)
    assert np.isfinite(class_kl(real_frequencies=real, predicted=np.zeros(4, np.int64)))
    with pytest.raises(UsageError, match="at least 4 images, got 3"):
        class_kl(real_frequencies=real, predicted=np.zeros(3, np.int64))


@pytest.mark.parametrize(
    "frequencies",
    [
        np.array([0.5, 0.4]),
        np.array([1.5, -0.5]),
        np.array([0.5, np.nan]),
        np.array([[0.5, 0.5]]),
        np.array([1, 0]),
        np.zeros(0),
    ],
)
def test_frequencies_must_be_frequencies(frequencies: np.ndarray) -> None:
    with pytest.raises(UsageError, match="real frequencies must be"):
        class_kl(real_frequencies=frequencies, predicted=np.zeros(9, np.int64))


def test_labels_must_be_classes() -> None:
    real = np.full(4, 0.25)
    for label in (-1, 4):
        with pytest.raises(DataError, match=r"labels must be 0\.\.3"):
            class_kl(real_frequencies=real, predicted=np.array([0, 1, 2, label]))
    with pytest.raises(UsageError, match="integers"):
        class_kl(real_frequencies=real, predicted=np.zeros(9))  # type: ignore[arg-type]
