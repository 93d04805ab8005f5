"""Means between log lines."""

import math

import torch

from ganvas.tally import Tally


def test_each_figure_is_averaged_over_the_updates_that_named_it() -> None:
    tally = Tally()
    tally.add({"a": torch.tensor(1.0), "b": torch.tensor(5.0)})
    tally.add({"a": torch.tensor(2.0)})
    assert tally.take() == {"a": 1.5, "b": 5.0}


def test_taking_starts_again() -> None:
    tally = Tally()
    tally.add({"a": torch.tensor(1.0)})
    tally.take()
    assert tally.take() == {}
    tally.add({"a": torch.tensor(3.0)})
    assert tally.take() == {"a": 3.0}


def test_one_broken_number_breaks_the_mean() -> None:
    tally = Tally()
    for value in (1.0, math.nan, 2.0):
        tally.add({"a": torch.tensor(value)})
    assert math.isnan(tally.take()["a"])
