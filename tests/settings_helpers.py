"""Dataclasses of settings, and values for them."""

from dataclasses import dataclass, field
from typing import Literal

from hypothesis import settings as run_with
from hypothesis import strategies as st

from ganvas.settings import (
    require,
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


quick = run_with(max_examples=40, deadline=None)


WHOLE = st.integers(-(2**70), 2**70)


FINITE = st.floats(allow_nan=False, allow_infinity=False)
