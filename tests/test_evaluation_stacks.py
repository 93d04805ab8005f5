"""Modes of stacked digits: laws of the count, real stacks as their own measure, and refusals."""

from math import log
from typing import Any

import numpy as np
import pytest

from ganvas.data import load
from ganvas.data.images import DataSet
from ganvas.errors import UsageError
from ganvas.evaluation import evaluate_pictures
from ganvas.evaluation.stacks import STACK_METRICS, holds_stacks
from ganvas.evaluation.table import choose_metrics
from ganvas.judge import judge_for, load_judge
from ganvas.metrics.modes import NUM_MODES, modes_floor


@pytest.fixture(scope="module")
def stacks() -> DataSet:
    return load("stacked-mnist")


def figures(images: np.ndarray, dataset: DataSet) -> dict[str, dict[str, Any]]:
    found = evaluate_pictures(
        images, None, dataset, judge=judge_for(dataset), metrics=STACK_METRICS
    )
    assert found["left_out"] == {}
    return dict(found["metrics"])


def test_unseen_stacks_are_their_own_measure(stacks: DataSet) -> None:
    assert stacks.test is not None
    rows = 1_500
    found = figures(stacks.train.take(np.arange(rows)), stacks)
    modes, kl = found["modes"], found["modes_kl"]
    assert 650 < modes["value"] <= 1000  # 1 - (1 - 1/1000)^1500 of 1,000 is 777
    assert abs(modes["value"] - modes["real"]) < 60
    assert kl["value"] == pytest.approx(kl["real"], abs=0.06)
    assert kl["floor"] == modes_floor(NUM_MODES, rows)
    assert kl["value"] > kl["floor"] - 0.03
    assert 0.9 * modes["value"] < modes["confident"] <= modes["value"]


def test_one_stack_again_and_again_is_one_mode(stacks: DataSet) -> None:
    one = np.repeat(stacks.train.take(np.arange(1)), 1_000, axis=0)
    found = figures(one, stacks)
    assert found["modes"]["value"] == 1
    assert found["modes_kl"]["value"] == pytest.approx(log(1000))


def test_each_channel_is_read_as_the_digit_that_it_is(stacks: DataSet) -> None:
    """Channels in another order are other modes, and as many of them, as evenly met."""
    some = stacks.train.take(np.arange(1_000))
    found, turned = figures(some, stacks), figures(some[:, ::-1].copy(), stacks)
    for name in STACK_METRICS:
        assert found[name]["value"] == pytest.approx(turned[name]["value"])
    labels = stacks.train.labels
    assert labels is not None
    digits = load_judge("mnist").predict(some[:, 2][:, None])
    assert np.mean(digits == labels[:1_000] % 10) > 0.98


def test_only_the_whole_of_a_set_of_stacks_has_these_figures(stacks: DataSet) -> None:
    mnist = load("mnist")
    assert holds_stacks(stacks)
    assert not holds_stacks(mnist)
    assert not holds_stacks(load("stacked-mnist:123,321"))
    assert set(choose_metrics(None, of_stacks=True)) - set(choose_metrics(None)) == set(
        STACK_METRICS
    )
    images = mnist.train.take(np.arange(1_000))
    with pytest.raises(UsageError, match="modes counts stacks of three digits"):
        evaluate_pictures(images, None, mnist, judge=judge_for(mnist), metrics=["modes"])


def test_fewer_samples_than_modes_are_refused(stacks: DataSet) -> None:
    with pytest.raises(UsageError, match=r"modes needs 1000 images or more .* got 999"):
        figures(stacks.train.take(np.arange(999)), stacks)
