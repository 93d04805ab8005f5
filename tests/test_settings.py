"""Settings: what goes in comes out, exactly; whatever is not exactly a setting is refused."""

import json
import math
from dataclasses import dataclass, replace
from typing import Any

import pytest
from hypothesis import given
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
from tests.settings_helpers import FINITE, WHOLE, Inner, Outer, quick


@dataclass(frozen=True, kw_only=True, slots=True)
class Needy:
    first: int
    second: Inner
    third: int = 3


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
        ("", "unknown setting ''; 'ganvas recipes NAME' shows a recipe with all"),
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
