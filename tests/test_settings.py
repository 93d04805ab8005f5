"""Settings: what goes in comes out, exactly; whatever is not exactly a setting is refused."""

import json
import math
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import Any, Literal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings as run_with
from hypothesis import strategies as st

from ganvas.errors import UsageError
from ganvas.recipe import Recipe
from ganvas.settings import (
    flatten,
    from_json,
    parse_assignments,
    require,
    to_json,
    with_settings,
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Inner:
    whole: int = 1
    number: float = 0.5
    low: int = 0
    high: int = 10

    def __post_init__(self) -> None:
        require(self.low <= self.high, "inner.low", f"at most high ({self.high})", self.low)


@dataclass(frozen=True, kw_only=True, slots=True)
class Outer:
    text: str = "a"
    flag: bool = False
    choice: Literal["one", "two"] = "one"
    maybe: int | None = None
    names: tuple[str, ...] = ()
    shares: tuple[float, ...] = ()
    inner: Inner = field(default_factory=Inner)


@dataclass(frozen=True, kw_only=True, slots=True)
class Needy:
    first: int
    second: Inner
    third: int = 3


quick = run_with(max_examples=40, deadline=None)
WHOLE = st.integers(-(2**70), 2**70)
FINITE = st.floats(allow_nan=False, allow_infinity=False)
ANY_TEXT = st.text(st.characters(exclude_categories=["Cs"]))
INNER = st.builds(Inner, whole=WHOLE, number=FINITE)
OUTER = st.builds(
    Outer,
    text=ANY_TEXT,
    flag=st.booleans(),
    choice=st.sampled_from(["one", "two"]),
    maybe=st.none() | WHOLE,
    names=st.lists(ANY_TEXT, max_size=3).map(tuple),
    shares=st.lists(FINITE, max_size=3).map(tuple),
    inner=INNER,
)


@quick
@given(value=OUTER)
def test_settings_survive_json_exactly(value: Outer) -> None:
    plain = to_json(value)
    found = from_json(Outer, json.loads(json.dumps(plain)))
    assert repr(found) == repr(value)  # repr tells 1 from 1.0 and True, and -0.0 from 0.0
    assert to_json(found) == plain


@quick
@given(value=OUTER)
def test_no_change_is_no_change(value: Outer) -> None:
    assert with_settings(value, {}) == value


@quick
@given(old=OUTER, new=OUTER)
def test_all_leaves_of_another_make_that_other(old: Outer, new: Outer) -> None:
    assert with_settings(old, dict(flatten(new))) == new


@quick
@given(value=OUTER, data=st.data())
def test_one_change_changes_one_leaf(value: Outer, data: st.DataObject) -> None:
    name, new = data.draw(st.sampled_from(list(flatten(data.draw(OUTER)))))
    changed = with_settings(value, {name: new})
    assert dict(flatten(changed)) == dict(flatten(value)) | {name: new}


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


def test_changes_that_belong_together_may_come_in_either_order() -> None:
    both = {"inner.low": 20, "inner.high": 30}
    for changes in (both, dict(reversed(both.items()))):
        inner = with_settings(Outer(), changes).inner
        assert (inner.low, inner.high) == (20, 30)
    with pytest.raises(UsageError, match=r"inner.low must be at most high \(10\), not 20"):
        with_settings(Outer(), {"inner.low": 20})


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("inner.numbr", "unknown setting 'inner.numbr'; did you mean 'inner.number'?"),
        ("flg", "unknown setting 'flg'; did you mean 'flag'?"),
        ("inner", "unknown setting 'inner'; did you mean 'inner.low'?"),
        ("text.length", "unknown setting 'text.length'; "),
        ("inner.number.x", "unknown setting 'inner.number.x'; did you mean 'inner.number'?"),
        ("", "unknown setting ''; choose from choice, flag, inner.high"),
    ],
)
def test_an_unknown_name_is_refused_with_the_nearest_one(name: str, message: str) -> None:
    with pytest.raises(UsageError) as caught:
        with_settings(Outer(), {name: "1"})
    assert str(caught.value).startswith(message)


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"inner": {"wholes": 1}}, "unknown setting 'top.inner.wholes'; did you mean"),
        ({"inner": {"whole": True}}, "top.inner.whole must be a whole number, not True"),
        ({"inner": None}, "top.inner must be an object of settings, not None"),
        ({"inner": "none"}, "top.inner must be an object of settings, not 'none'"),
        ([], r"top must be an object of settings, not \[\]"),
        ({"x" * 10**6: 1}, "unknown setting 'top.xxx"),
        ({"choice": "x" * 10**6}, "top.choice cannot be 'xxx"),
        ({"names": {"x" * 10**6: 1}}, "top.names must be a list, not {'xxx"),
    ],
    ids=range(8),
)
def test_errors_name_the_place_by_its_dots_and_stay_short(values: Any, message: str) -> None:
    with pytest.raises(UsageError, match=message) as caught:
        from_json(Outer, values, "top")
    assert len(str(caught.value)) < 200


def test_a_missing_part_is_named() -> None:
    assert from_json(Needy, {"first": 1, "second": {}}) == Needy(first=1, second=Inner())
    with pytest.raises(UsageError, match="model is incomplete: it lacks 'second'"):
        from_json(Needy, {"first": 1}, "model")


def test_a_number_that_json_cannot_carry_is_named() -> None:
    with pytest.raises(UsageError, match=r"inner.number must be a finite number, not inf"):
        to_json(Outer(inner=Inner(number=math.inf)))


def test_leaves_come_in_the_order_of_declaration() -> None:
    assert [name for name, _ in flatten(Outer())] == (
        "text flag choice maybe names shares inner.whole inner.number inner.low inner.high".split()
    )


def test_the_settings_that_scripts_name_exist() -> None:
    names = dict(flatten(Recipe()))
    agreed = (
        "optimizer.generator.learning_rate optimizer.discriminator.learning_rate "
        "checkpoint.every_images ema.half_life_images loss.name batch_size data.held_out data.order"
    )
    assert set(agreed.split()) <= names.keys()


def test_the_original_is_never_changed() -> None:
    original = Outer(names=("a",))
    copy = replace(original)
    with_settings(original, {"inner.whole": 5, "names": "b,c"})
    assert original == copy


NAME = st.text("abc._", min_size=1)
VALUE = st.text(st.characters(exclude_categories=["Cs"]))


def test_a_list_is_emptied_by_an_empty_text() -> None:
    assert with_settings(Outer(names=("a", "b")), {"names": ""}).names == ()


@quick
@given(pairs=st.lists(st.tuples(NAME, VALUE), max_size=4))
def test_assignments_split_at_the_first_sign(pairs: list[tuple[str, str]]) -> None:
    typed = [f" {name} = {value}" for name, value in pairs]
    assert parse_assignments(typed) == {name: value.strip() for name, value in pairs}


@pytest.mark.parametrize("text", ["", "name", "=value", "  =value", "name:value"])
def test_what_is_no_assignment_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match=f"--set takes name.of.setting=value, not '{text}'"):
        parse_assignments([text])


def test_require_says_name_rule_value_and_remedy() -> None:
    require(True, "a", "b", 1)
    with pytest.raises(UsageError, match=r"^seed must be 0 or more, not -1; leave it out$"):
        require(False, "seed", "0 or more", -1, "leave it out")
    with pytest.raises(UsageError, match="seed must be small, not such a long int"):
        require(False, "seed", "small", 10**5_000)
