"""What a sweep varies: choices and ranges, read strictly."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ganvas.errors import UsageError
from ganvas.recipes import get_recipe
from ganvas.scale.space import combinations, num_combinations, parse_space, spoken

SWIFT = get_recipe("swift")
RATE = "optimizer.generator.learning_rate"


def test_choices_are_kept_in_their_order_and_once() -> None:
    (dimension,) = parse_space(["batch_size=64,32,64"], SWIFT)
    assert (dimension.kind, dimension.listed()) == ("choice", ("64", "32"))


def test_a_list_is_one_choice_where_bars_part_them() -> None:
    (dimension,) = parse_space(["augment.policy=colour|colour,translation"], SWIFT)
    assert dimension.listed() == ("colour", "colour,translation")


@given(low=st.integers(2, 50), width=st.integers(1, 50), step=st.integers(1, 9))
@settings(deadline=None, max_examples=40)
def test_whole_numbers_are_those_of_a_range(low: int, width: int, step: int) -> None:
    (dimension,) = parse_space([f"batch_size=int:{low}:{low + width}:{step}"], SWIFT)
    assert dimension.listed() == tuple(range(low, low + width + 1, step))
    assert int(dimension.high) == dimension.listed()[-1]


def test_combinations_are_the_product() -> None:
    space = parse_space(["batch_size=16,32", "loss.name=hinge,non_saturating"], SWIFT)
    found = combinations(space)
    assert len(found) == num_combinations(space) == 4
    assert len({spoken(row) for row in found}) == 4
    assert spoken(found[0]) == "batch_size=16, loss.name=hinge"
    assert num_combinations(parse_space([f"{RATE}=log:1e-4:1e-2"], SWIFT)) is None


@pytest.mark.parametrize(
    ("texts", "words"),
    [
        ([], "nothing to vary"),
        (["batch_size"], "--vary takes"),
        (["batch_size="], "--vary takes"),
        (["batch_size=16,,32"], "an empty value"),
        (["batch_size=16", "batch_size=32"], "twice"),
        (["batchsize=16"], "unknown setting 'batchsize'; did you mean 'batch_size'"),
        (["seed=0,1"], "--vary seed: --seed says it"),
        (["machine.threads=1,2"], "--vary machine.threads: --threads says it"),
        (["budget.amount=1000,2000"], "--vary budget.amount: every run has the same"),
        (["batch_size=zero"], "batch_size must be a whole number"),
        (["batch_size=int:0:8"], "batch_size"),
        (["batch_size=int:8:4"], "LOW < HIGH"),
        (["batch_size=int:1.5:4"], "whole numbers"),
        (["batch_size=int:1:4:0"], "a step is 1 or more"),
        ([f"{RATE}=log:0:1"], "0 < LOW < HIGH"),
        ([f"{RATE}=log:a:1"], "'a' is no number"),
        ([f"{RATE}=log:0.1:inf"], "'inf' is no number"),
        ([f"{RATE}=float:0.1:1:2"], "takes a step"),
    ],
)
def test_other_forms_are_refused(texts: list[str], words: str) -> None:
    with pytest.raises(UsageError, match=words):
        parse_space(texts, SWIFT)
