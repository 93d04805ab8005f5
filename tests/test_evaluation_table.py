"""Which figures there are, and the rules of how many images each takes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ganvas.errors import UsageError
from ganvas.evaluation.table import METRICS, choose_metrics, least_samples, least_train, num_bins

AGREED = (
    "fd fd_infinity kid precision recall density coverage label_accuracy class_kl cas ndb ct "
    "authenticity"
).split()
OF_STACKS = ["modes", "modes_kl"]


def test_the_names_are_the_agreed_ones_in_their_order() -> None:
    assert list(METRICS) == AGREED + OF_STACKS
    assert choose_metrics(None) == [name for name in AGREED if name != "cas"]
    assert choose_metrics(None, of_stacks=True) == choose_metrics(None) + OF_STACKS


@given(st.lists(st.sampled_from(AGREED)))
def test_the_chosen_come_once_each_in_the_tables_order(names: list[str]) -> None:
    chosen = choose_metrics(names)
    assert set(chosen) == set(names)
    assert chosen == sorted(set(names), key=AGREED.index)


def test_a_name_that_is_none_is_refused_with_the_nearest() -> None:
    with pytest.raises(UsageError, match="unknown metric 'kids'; did you mean 'kid'"):
        choose_metrics(["fd", "kids"])


@given(st.integers(0, 10**6))
def test_cells_hold_fifty_training_images_on_average_and_are_at_most_a_hundred(n: int) -> None:
    bins = num_bins(n)
    assert 1 <= bins <= 100
    assert bins == 1 or n / bins >= 50
    assert bins == 100 or n < 100 * 50 or bins == 100


@given(st.sampled_from(AGREED), st.integers(1, 3000), st.integers(0, 1000), st.integers(1, 10**6))
def test_every_figure_has_a_rule(name: str, features: int, classes: int, train: int) -> None:
    least, _ = least_samples(name, features, num_classes=classes, num_train=train)
    assert least >= 1
    assert least_train(name, features) >= 1
    if name.startswith("fd"):  # a covariance of full rank
        assert min(least, least_train(name, features)) > features
