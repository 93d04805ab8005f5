"""What each type of setting takes, typed or plain, and what it refuses."""

import json
import math
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ganvas.errors import UsageError
from ganvas.recipe import Recipe
from ganvas.settings import (
    with_settings,
)
from tests.settings_helpers import FINITE, WHOLE, Outer, quick


@quick
@given(whole=WHOLE, number=FINITE)
def test_numbers_typed_as_text_are_read_exactly(whole: int, number: float) -> None:
    changed = with_settings(Outer(), {"inner.whole": str(whole), "inner.number": repr(number)})
    assert changed.inner.whole == whole
    assert changed.inner.number == number


@quick
@given(seed=st.integers(0, 2**63 - 1))
def test_no_seed_is_rounded(seed: int) -> None:
    for given_as in (seed, str(seed), np.int64(seed)):
        recipe = with_settings(Recipe(), {"seed": given_as})
        assert recipe.seed == seed
        assert type(recipe.seed) is int
        assert Recipe.from_json(json.loads(json.dumps(recipe.to_json()))) == recipe


@pytest.mark.parametrize(
    ("text", "value"), [("1e5", 100_000), ("2.0", 2), ("+7", 7), ("-0", 0), ("25e-1", None)]
)
def test_a_whole_number_may_be_written_as_any_number(text: str, value: int | None) -> None:
    if value is None:
        with pytest.raises(UsageError, match=r"inner.whole must be a whole number, not '25e-1'"):
            with_settings(Outer(), {"inner.whole": text})
    else:
        found = with_settings(Outer(), {"inner.whole": text}).inner.whole
        assert (found, type(found)) == (value, int)


@pytest.mark.parametrize(
    "value",
    [
        *(True, None, 1.5, math.nan, math.inf, 1e300, [1], {"a": 1}, b"1", 1j, np.bool_(True)),
        *("", " ", "a", "1.5", "nan", "inf", "true", "1_0", "0x10", "１２", "1e", "--1"),
        "1" * 5_000,
    ],
    ids=lambda value: repr(value)[:12],
)
def test_what_is_no_whole_number_is_refused(value: Any) -> None:
    with pytest.raises(UsageError, match=r"inner.whole must be a whole number, not ") as caught:
        with_settings(Outer(), {"inner.whole": value})
    assert len(str(caught.value)) < 140


@pytest.mark.parametrize(
    "value",
    [
        *(True, None, math.nan, math.inf, -math.inf, np.float64("nan"), np.bool_(False), [0.5]),
        *("nan", "inf", "-Infinity", "1e999", "", "1_0", ".", "e5", "1e5.0"),
        10**400,
    ],
    ids=lambda value: repr(value)[:12],
)
def test_what_is_no_finite_number_is_refused(value: Any) -> None:
    with pytest.raises(UsageError, match=r"inner.number must be a finite number, not "):
        with_settings(Outer(), {"inner.number": value})


@pytest.mark.parametrize(
    ("value", "whole"),
    [(np.int32(3), 3), (np.uint8(255), 255), (np.float32(4), 4), (4.0, 4), (Fraction(6, 2), 3)],
)
def test_other_kinds_of_numbers_become_pythons_own(value: Any, whole: int) -> None:
    changed = with_settings(Outer(), {"inner.whole": value, "inner.number": value})
    assert (type(changed.inner.whole), changed.inner.whole) == (int, whole)
    assert (type(changed.inner.number), changed.inner.number) == (float, whole)


@pytest.mark.parametrize("value", [1, 0, 1.0, None, "yes", "on", "1", "", [], np.bool_(True)])
def test_only_true_and_false_are_a_flag(value: Any) -> None:
    with pytest.raises(UsageError, match="flag must be true or false, not "):
        with_settings(Outer(), {"flag": value})


@pytest.mark.parametrize(
    ("value", "flag"), [("true", True), ("False", False), ("TRUE", True), (True, True)]
)
def test_a_flag_can_be_typed(value: Any, flag: bool) -> None:
    assert with_settings(Outer(), {"flag": value}).flag is flag


@pytest.mark.parametrize("value", [1, None, True, b"a", ["a"]])
def test_only_text_is_text(value: Any) -> None:
    with pytest.raises(UsageError, match="text must be a text, not "):
        with_settings(Outer(), {"text": value})


def test_a_choice_is_one_of_its_names_and_a_near_one_is_suggested() -> None:
    assert with_settings(Outer(), {"choice": "two"}).choice == "two"
    with pytest.raises(UsageError, match="choice cannot be 'tow'; did you mean 'two'"):
        with_settings(Outer(), {"choice": "tow"})
    for value in (2, None, ["one"], "ONE", ""):
        with pytest.raises(UsageError, match=r"choice cannot be .*; (choose from|did you mean)"):
            with_settings(Outer(), {"choice": value})


@pytest.mark.parametrize(
    ("value", "found"), [("none", None), ("null", None), (None, None), ("4", 4), (4, 4)]
)
def test_a_setting_that_may_be_none_takes_none(value: Any, found: int | None) -> None:
    assert with_settings(Outer(maybe=1), {"maybe": value}).maybe == found


def test_lists_take_lists_and_comma_separated_text() -> None:
    changed = with_settings(Outer(), {"names": "a,b", "shares": ["0.5", 1]})
    assert changed.names == ("a", "b")
    assert changed.shares == (0.5, 1.0)
    for value in (1, {"a": 1}, None):
        with pytest.raises(UsageError, match="names must be a list, not"):
            with_settings(Outer(), {"names": value})
    with pytest.raises(UsageError, match="shares must be a finite number, not 'x'"):
        with_settings(Outer(), {"shares": "1,x"})
