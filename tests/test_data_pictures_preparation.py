"""How pictures are brought to one form: written and read back, and refused by its rules."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ganvas.data.pictures.preparation import AS_THEY_ARE, Preparation
from ganvas.errors import UsageError

sides = st.integers(8, 128)


@given(
    size=st.none() | sides | st.tuples(sides, sides),
    channels=st.sampled_from([None, 1, 3, 4]),
    fit=st.sampled_from(["crop", "pad", "stretch"]),
)
def test_what_is_written_is_read_back(size: Any, channels: int | None, fit: str) -> None:
    asked = Preparation.of(size, channels, fit)
    assert asked.changes == (size is not None or channels is not None)
    assert asked.size == ((size, size) if isinstance(size, int) else size)
    again = Preparation.from_json(asked.to_json())
    assert again == (asked if asked.changes else AS_THEY_ARE)


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"size": (7, 8)}, "size must be a height and a width of 8 to 128"),
        ({"size": (8, 129)}, "size must be"),
        ({"channels": 2}, "channels must be 1"),
        ({"fit": "corp"}, "unknown fit 'corp'; did you mean 'crop'"),
    ],
)
def test_other_values_are_refused(values: dict[str, Any], words: str) -> None:
    with pytest.raises(UsageError, match=words):
        Preparation(**values)


@pytest.mark.parametrize("values", [[], None, {"size": 3}, {"size": [8]}, {"size": ["x", 8]}])
def test_what_says_no_preparation_is_refused(values: Any) -> None:
    with pytest.raises(UsageError, match="no preparation of pictures"):
        Preparation.from_json(values)
