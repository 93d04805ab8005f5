"""Counts in words."""

from hypothesis import given
from hypothesis import strategies as st

from ganvas.words import counted


@given(number=st.integers(min_value=0, max_value=10**15))
def test_one_is_singular_and_all_else_is_not(number: int) -> None:
    digits, word = counted(number, "image").split()
    assert int(digits.replace(",", "")) == number
    assert (word == "image") == (number == 1)


def test_odd_plurals_are_given() -> None:
    assert [counted(n, "class", "classes") for n in (0, 1, 2_500)] == [
        "0 classes",
        "1 class",
        "2,500 classes",
    ]
