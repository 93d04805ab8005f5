"""Errors: exit codes as the command line promises them, one printable line, the nearest name."""

import pickle

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ganvas.errors import (
    DataError,
    DivergedError,
    GanvasError,
    UsageError,
    did_you_mean,
    in_a_line,
)

KINDS = (GanvasError, DataError, UsageError, DivergedError)
NAMES = st.sets(st.text("abcdefgh-_", min_size=1, max_size=12), min_size=1, max_size=6)


@pytest.mark.parametrize(
    ("kind", "code"), [(GanvasError, 1), (DataError, 1), (UsageError, 2), (DivergedError, 3)]
)
def test_exit_codes_are_those_of_the_contract(kind: type[GanvasError], code: int) -> None:
    assert kind("x").exit_code == code


def test_a_wrong_request_is_a_value_error_and_every_kind_is_ours() -> None:
    assert issubclass(UsageError, ValueError)
    assert all(issubclass(kind, GanvasError) for kind in KINDS)
    assert not issubclass(DataError, ValueError)


@pytest.mark.parametrize("kind", KINDS)
@settings(deadline=None)
@given(message=st.text(st.characters(exclude_categories=[]), max_size=40))
def test_every_message_is_one_line_that_any_terminal_can_print(
    kind: type[GanvasError], message: str
) -> None:
    shown = str(kind(message))
    assert shown.isprintable()
    assert len(shown.splitlines()) <= 1
    shown.encode()  # a lone surrogate, from a path's odd bytes, would refuse
    if message.isprintable():
        assert shown == message


def test_control_characters_are_shown_not_sent() -> None:
    assert str(DataError("a\nb\x1b[31m\udcff")) == r"a\nb\x1b[31m\udcff"


def test_errors_survive_the_way_between_processes() -> None:
    sent = pickle.loads(pickle.dumps(UsageError("no such thing")))
    assert type(sent) is UsageError
    assert str(sent) == "no such thing"


@settings(deadline=None)
@given(names=NAMES, data=st.data())
def test_a_name_is_nearest_to_itself(names: set[str], data: st.DataObject) -> None:
    name = data.draw(st.sampled_from(sorted(names)))
    assert did_you_mean(name, names) == f"; did you mean '{name}'?"


@settings(deadline=None)
@given(names=NAMES)
def test_without_a_near_name_all_are_listed_in_order(names: set[str]) -> None:
    assert did_you_mean("ZZZZ", names) == f"; choose from {', '.join(sorted(names))}"


@settings(deadline=None)
@given(names=st.lists(st.text("abc", min_size=1, max_size=3), max_size=5), wrong=st.text("abcx"))
def test_the_order_and_repetition_of_choices_do_not_matter(names: list[str], wrong: str) -> None:
    assert did_you_mean(wrong, names) == did_you_mean(wrong, names[::-1] * 2)


@pytest.mark.parametrize("wrong", ["mnits", "mnis", "MNIST".lower() + "t", "fashon-mnist"])
def test_a_slip_of_the_finger_is_understood(wrong: str) -> None:
    expected = "fashion-mnist" if wrong.startswith("f") else "mnist"
    assert did_you_mean(wrong, ["mnist", "fashion-mnist"]) == f"; did you mean '{expected}'?"


def test_nothing_is_said_when_there_is_nothing_to_choose_from() -> None:
    assert did_you_mean("mnist", []) == ""


@settings(deadline=None)
@given(words=st.text(max_size=40))
def test_what_others_say_is_told_in_one_line_and_never_nothing(words: str) -> None:
    told = in_a_line(RuntimeError(words))
    assert told.split() == (words.split() or ["RuntimeError"])
    assert told == " ".join(told.split())
