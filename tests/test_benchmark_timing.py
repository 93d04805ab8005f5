"""Turns, by a clock that goes as the test says."""

from collections.abc import Iterator
from functools import partial

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.utils.flop_counter import FlopCounterMode

from ganvas.benchmark import timing
from ganvas.benchmark.timing import convolution_ceiling, interleave, seconds_of


class Clock:
    """In the place of `time`: it stands still but for what acts let pass."""

    def __init__(self) -> None:
        self.now = 1_000.0

    def perf_counter(self) -> float:
        return self.now


@pytest.fixture(scope="module")
def clock() -> Iterator[Clock]:
    with pytest.MonkeyPatch.context() as patch:
        clock = Clock()
        patch.setattr(timing, "time", clock)
        yield clock


@settings(deadline=None)
@given(
    seconds=st.lists(st.lists(st.integers(0, 99), min_size=1, max_size=5), max_size=4),
    repeats=st.integers(0, 6),
    warmups=st.integers(0, 3),
)
def test_candidates_take_turns_and_every_time_is_told(
    clock: Clock, seconds: list[list[int]], repeats: int, warmups: int
) -> None:
    called: list[int] = []

    def act(candidate: int) -> None:
        """The call number i of a candidate takes its seconds number i, from the first again."""
        takes = seconds[candidate]
        clock.now += takes[called.count(candidate) % len(takes)]
        called.append(candidate)

    candidates = {str(number): partial(act, number) for number in range(len(seconds))}
    found = interleave(candidates, repeats=repeats, warmups=warmups)
    assert called == list(range(len(seconds))) * (warmups + repeats)
    assert found == {
        str(number): [takes[i % len(takes)] for i in range(warmups, warmups + repeats)]
        for number, takes in enumerate(seconds)
    }


def test_one_warm_up_is_not_told_unless_others_are_asked_for(clock: Clock) -> None:
    takes = iter([50.0, 1.0, 2.0])

    def act() -> None:
        clock.now += next(takes)

    assert interleave({"only": act}, repeats=2) == {"only": [1.0, 2.0]}


def test_a_call_is_made_once_and_its_time_is_between_its_ends(clock: Clock) -> None:
    calls: list[float] = []

    def act() -> None:
        calls.append(clock.now)
        clock.now += 7

    before = clock.now
    assert seconds_of(act) == 7
    assert calls == [before]


@pytest.mark.parametrize("seconds", [(1.0,), (5.0, 0.5, 2.0)])
def test_the_ceiling_is_what_is_computed_over_the_median_of_seconds(
    clock: Clock, monkeypatch: pytest.MonkeyPatch, seconds: tuple[float, ...]
) -> None:
    ends = iter(seconds)
    turn = iter(range(100))

    def perf_counter() -> float:
        """Every second reading ends a call."""
        if next(turn) % 2:
            clock.now += next(ends)
        return clock.now

    monkeypatch.setattr(clock, "perf_counter", perf_counter)
    with FlopCounterMode(display=False) as counter:
        found = convolution_ceiling(torch.float32, repeats=len(seconds))
    calls = 1 + len(seconds)  # the warm-up
    each = counter.get_total_flops() / calls
    assert found == each / sorted(seconds)[len(seconds) // 2] / 1e9
    assert next(ends, None) is None
