import itertools
from collections import Counter
from math import comb, log

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ganvas.data import load
from ganvas.errors import DataError, UsageError
from ganvas.metrics.modes import NUM_MODES, modes_floor, stacked_modes

FloatArray = npt.NDArray[np.float64]
SEEDS = st.integers(0, 2**32 - 1)
PROTOCOL = 26_000  # samples of the published protocol


def all_triples() -> npt.NDArray[np.int64]:
    return np.array(list(itertools.product(range(10), repeat=3)))


def draw(seed: int, count: int = 2000, digits: int = 10) -> npt.NDArray[np.int64]:
    return np.random.default_rng(seed).integers(0, digits, size=(count, 3))


def draw_divergences(law: FloatArray, runs: int) -> FloatArray:
    """KL to the uniform law of samples as the protocol draws them, from counts of the law."""
    shares = np.random.default_rng(0).multinomial(PROTOCOL, law, size=runs) / PROTOCOL
    logs = np.log(np.where(shares > 0, shares * len(law), 1.0))
    return (shares * logs).sum(axis=1)


def mnist_law() -> FloatArray:
    """The frequency of each triple when every channel shows a training digit of its own."""
    labels = load("mnist", held_out=0).train.labels
    assert labels is not None
    digits = np.bincount(labels, minlength=10) / len(labels)
    return np.einsum("i,j,k->ijk", digits, digits, digits).ravel()


def test_every_mode_as_often_is_all_modes_and_no_divergence() -> None:
    found = stacked_modes(predicted=np.repeat(all_triples(), 3, axis=0))
    assert found.found == NUM_MODES == 1000
    assert found.kl == pytest.approx(0.0, abs=1e-12)
    assert found.confident is None


def test_one_mode_alone_is_the_logarithm_of_their_number() -> None:
    found = stacked_modes(predicted=np.tile([[3, 1, 4]], (1000, 1)))
    assert found.found == 1
    assert found.kl == pytest.approx(log(1000.0))


def test_a_channel_that_shows_one_digit_costs_its_logarithm() -> None:
    predicted = np.tile(all_triples(), (2, 1))
    predicted[:, 1] = 7
    found = stacked_modes(predicted=predicted)
    assert found.found == 100
    assert found.kl == pytest.approx(log(10.0))


@settings(max_examples=30)
@given(seed=SEEDS, digits=st.integers(2, 10))
def test_agrees_with_counting_triples(seed: int, digits: int) -> None:
    predicted = draw(seed, 1500, digits)
    counts = Counter(map(tuple, predicted.tolist()))
    kl = sum(c / 1500 * log(c / 1500 / (1 / 1000)) for c in counts.values())
    found = stacked_modes(predicted=predicted)
    assert found.found == len(counts)
    assert found.kl == pytest.approx(kl, rel=1e-9)


@settings(max_examples=30)
@given(seed=SEEDS)
def test_order_of_images_channels_and_names_of_digits_do_not_matter(seed: int) -> None:
    generator = np.random.default_rng(seed)
    predicted = draw(seed, 1200, 6)
    other = generator.permutation(10)[predicted[generator.permutation(1200)]][:, [2, 0, 1]]
    one, two = stacked_modes(predicted=predicted), stacked_modes(predicted=other)
    assert one.found == two.found
    assert one.kl == pytest.approx(two.kl, rel=1e-12)


@settings(max_examples=30)
@given(seed=SEEDS)
def test_confident_modes_have_an_image_with_three_sure_channels(seed: int) -> None:
    predicted = draw(seed, 1100, 4)
    confidence = np.random.default_rng(seed + 1).uniform(0.7, 1.0, size=(1100, 3))
    sure = {
        tuple(digits)
        for digits, channels in zip(predicted.tolist(), confidence.tolist(), strict=True)
        if min(channels) > 0.9
    }
    found = stacked_modes(predicted=predicted, confidence=confidence)
    assert found.confident == len(sure)
    plain = stacked_modes(predicted=predicted)
    assert (found.found, found.kl) == (plain.found, plain.kl)


def test_exactly_the_threshold_is_not_confident() -> None:
    confidence = np.full((1000, 3), 0.9)
    found = stacked_modes(predicted=all_triples(), confidence=confidence)
    assert found.confident == 0
    confidence[5] = [0.95, 0.91, 0.99]
    assert stacked_modes(predicted=all_triples(), confidence=confidence).confident == 1
    found = stacked_modes(predicted=all_triples(), confidence=confidence, threshold=0.5)
    assert found.confident == 1000


def test_the_floor_of_the_protocol_is_that_of_many_draws() -> None:
    values = draw_divergences(np.full(1000, 0.001), 300)
    floor = modes_floor(1000, PROTOCOL)
    assert floor == pytest.approx(0.0192, abs=0.0007)
    assert abs(values.mean() - floor) < 4.0 * values.std() / np.sqrt(300)
    # The two leading terms of its expansion: (K - 1) / 2n and (sum_k 1/p_k - 1) / 12 n^2.
    expansion = 999 / (2 * PROTOCOL) + (1000**2 - 1) / (12 * PROTOCOL**2)
    assert floor == pytest.approx(expansion, rel=1e-3)


def test_the_floor_of_mnists_own_digits_is_that_of_many_draws() -> None:
    law = mnist_law()
    values = draw_divergences(law, 300)
    floor = modes_floor(1000, PROTOCOL, frequencies=law)
    assert floor == pytest.approx(0.0241, abs=0.0010)
    assert abs(values.mean() - floor) < 4.0 * values.std() / np.sqrt(300)
    uneven = (law * np.log(1000 * law)).sum()
    assert floor == pytest.approx(modes_floor(1000, PROTOCOL) + uneven, rel=0.01)


def test_the_floor_is_what_stacked_modes_gives_on_average() -> None:
    values = [stacked_modes(predicted=draw(seed, 3000)).kl for seed in range(100)]
    error = np.std(values) / np.sqrt(100)
    assert abs(np.mean(values) - modes_floor(1000, 3000)) < 4.0 * error


@pytest.mark.parametrize(("num_modes", "count"), [(2, 1), (2, 7), (5, 12), (40, 9)])
def test_the_floor_is_the_sum_over_all_counts(num_modes: int, count: int) -> None:
    p = 1.0 / num_modes
    expected = log(num_modes) + num_modes * sum(
        comb(count, c) * p**c * (1 - p) ** (count - c) * c / count * log(c / count)
        for c in range(1, count + 1)
    )
    assert modes_floor(num_modes, count) == pytest.approx(expected, rel=1e-9)


def test_floors_at_the_ends() -> None:
    assert modes_floor(1, 50) == 0.0
    assert modes_floor(1000, 1) == pytest.approx(log(1000.0))
    alone = np.array([0.0, 1.0, 0.0, 0.0])
    assert modes_floor(4, 50, frequencies=alone) == pytest.approx(log(4.0))


def test_a_thousand_images_are_needed() -> None:
    with pytest.raises(UsageError, match="at least 1000 images, got 999"):
        stacked_modes(predicted=draw(0, 999))


@pytest.mark.parametrize(
    "predicted", [np.zeros((2000, 2), np.int64), np.zeros(2000, np.int64), np.zeros((2000, 3))]
)
def test_digits_must_be_three_integers(predicted: np.ndarray) -> None:
    with pytest.raises(UsageError, match="predicted digits must"):
        stacked_modes(predicted=predicted)


@pytest.mark.parametrize("digit", [-1, 10])
def test_digits_must_be_digits(digit: int) -> None:
    predicted = draw(0)
    predicted[4, 2] = digit
    with pytest.raises(DataError, match=r"digits must be 0\.\.9"):
        stacked_modes(predicted=predicted)


@pytest.mark.parametrize("value", [np.nan, -0.1, 1.1])
def test_confidence_must_be_probabilities(value: float) -> None:
    confidence = np.ones((2000, 3))
    confidence[7, 1] = value
    with pytest.raises(DataError, match=r"confidence must be probabilities 0\.\.1"):
        stacked_modes(predicted=draw(0), confidence=confidence)
    with pytest.raises(UsageError, match=r"of shape \(2000, 3\)"):
        stacked_modes(predicted=draw(0), confidence=confidence[:, 0])


def test_floors_need_modes_samples_and_frequencies() -> None:
    for num_modes, count in ((0, 5), (5, 0)):
        with pytest.raises(UsageError, match="at least 1 mode and 1 sample"):
            modes_floor(num_modes, count)
    for law in (np.full(3, 0.25), np.full(4, 0.2), np.array([1.5, -0.5, 0.0, 0.0])):
        with pytest.raises(UsageError, match="4 values of 0 or more with the sum 1"):
            modes_floor(4, 10, frequencies=law)
