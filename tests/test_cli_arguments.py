"""What options may hold: what is read comes out, anything else is one line with the rule."""

import argparse
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ganvas.cli.arguments import device, number_above_zero, output_file, share, whole_number


@given(st.integers(1, 10**15))
def test_whole_numbers_are_read_however_they_are_written(number: int) -> None:
    read = whole_number(1)
    assert read(str(number)) == read(f"{number:_}") == number
    assert whole_number(1)("9e4") == 90_000


@pytest.mark.parametrize("text", ["0", "-3", "1.5", "nan", "inf", "1e999", "many", ""])
def test_what_is_no_whole_number_from_one_on_is_refused(text: str) -> None:
    with pytest.raises(argparse.ArgumentTypeError, match="must be a whole number of 1 or more"):
        whole_number(1)(text)


@given(st.integers(-50, 50), st.integers(-20, 20), st.integers(0, 20))
def test_a_range_takes_both_its_ends(number: int, low: int, more: int) -> None:
    read = whole_number(low, low + more)
    if low <= number <= low + more:
        assert read(str(number)) == number
    else:
        with pytest.raises(argparse.ArgumentTypeError, match=f"{low} to {low + more}"):
            read(str(number))


@given(st.floats(1e-300, 1e300))
def test_numbers_above_0_come_back_exactly(number: float) -> None:
    assert number_above_zero(repr(number)) == number


@pytest.mark.parametrize("text", ["0", "-1", "nan", "inf", "x"])
def test_what_is_no_number_above_0_is_refused(text: str) -> None:
    for read in (number_above_zero, share):
        with pytest.raises(argparse.ArgumentTypeError):
            read(text)


def test_a_share_is_at_most_1() -> None:
    assert share("1") == 1
    with pytest.raises(argparse.ArgumentTypeError, match="at most 1"):
        share("1.01")


@pytest.mark.parametrize("text", ["auto", "cpu", "mps", "cuda", "cuda:3"])
def test_devices_are_read_as_they_are(text: str) -> None:
    assert device(text) == text
    with pytest.raises(argparse.ArgumentTypeError, match="must be auto, cpu"):
        device(f"{text}!")


def test_a_file_ends_as_it_must_or_is_a_folder(tmp_path: Path) -> None:
    read = output_file(".png", ".npz")
    assert read("a/b.PNG") == Path("a/b.PNG")
    assert read("folder") == Path("folder")
    assert read("v1.2/") == Path("v1.2")
    (tmp_path / "x.y").mkdir()
    assert read(str(tmp_path / "x.y")) == tmp_path / "x.y"
    for text in ("a.jpg", ""):
        with pytest.raises(argparse.ArgumentTypeError, match="must"):
            read(text)
