"""Processes of one machine, played by threads: they meet, share memory, and learn who has gone."""

import errno
import os
import socket
import struct
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TypeVar
from uuid import uuid4

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from ganvas.distributed.links import Links, connect
from ganvas.distributed.memory import Memory
from ganvas.errors import GanvasError

T = TypeVar("T")

pytestmark = pytest.mark.skipif(
    not Path("/proc/self/fd").exists(), reason="only Linux links its processes"
)


def link(rank: int, size: int, name: str, agreed: "Agreement", seconds: float) -> Links | None:
    return connect(name, rank=rank, size=size, seconds=seconds, agree=agreed)


class Agreement:
    """Whether all threads say yes, as torch.distributed would find out."""

    def __init__(self, size: int) -> None:
        self._answers: list[bool] = []
        self._barrier = threading.Barrier(size, timeout=20)

    def __call__(self, done: bool) -> bool:
        self._answers.append(done)
        self._barrier.wait()
        answer = all(self._answers)
        if self._barrier.wait() == 0:
            self._answers.clear()
        self._barrier.wait()
        return answer


def play(
    size: int, act: Callable[[Links], T], *, seconds: float = 60.0, name: str | None = None
) -> list[T | None]:
    """Return what `act` gives in each of `size` threads; None where they could not be linked."""
    name, agreed = name or uuid4().hex, Agreement(size)

    def run(rank: int) -> T | None:
        links = link(rank, size, name, agreed, seconds)
        if links is None:
            return None
        try:
            return act(links)
        finally:
            links.close()

    with ThreadPoolExecutor(size) as threads:
        return list(threads.map(run, range(size)))


SIZES = st.integers(2, 4)


@settings(deadline=None, max_examples=15)
@given(
    size=SIZES,
    shapes=st.lists(
        st.lists(st.integers(0, 70), min_size=0, max_size=2).map(tuple), min_size=1, max_size=6
    ),
    dtype=st.sampled_from([torch.float32, torch.float64, torch.int64]),
)
def test_everyone_gathers_the_values_of_all_in_the_order_of_the_ranks(
    size: int, shapes: list[tuple[int, ...]], dtype: torch.dtype
) -> None:
    def values(rank: int, number: int) -> Tensor:
        shape = shapes[number]
        return (torch.arange(torch.Size(shape).numel()).view(shape) + 1000 * rank + number).to(
            dtype
        )

    def act(links: Links) -> list[Tensor]:
        memory = Memory(links)
        return [memory.gather(values(links.rank, number)) for number in range(len(shapes))]

    for found in play(size, act):
        assert found is not None
        for number, gathered in enumerate(found):  # none was written over by those after it
            expected = torch.stack([values(rank, number) for rank in range(size)])
            assert gathered.dtype is dtype
            assert torch.equal(gathered, expected)


@settings(deadline=None, max_examples=15)
@given(size=SIZES, lengths=st.lists(st.integers(1, 300), min_size=1, max_size=3))
def test_a_mean_is_that_of_the_sum_in_order_to_the_last_bit(size: int, lengths: list[int]) -> None:
    def values(rank: int, turn: int, length: int) -> Tensor:
        seed = 100 * rank + 10 * turn + length
        return torch.randn(length, generator=torch.Generator().manual_seed(seed))

    def act(links: Links) -> list[list[Tensor]]:
        memory = Memory(links)
        messages = [memory.open_message(length, torch.device("cpu")) for length in lengths]
        turns = []
        for turn in range(3):
            for message, length in zip(messages, lengths, strict=True):
                message.sent.copy_(values(links.rank, turn, length))
                memory.send(message)
            memory.receive()
            for message in messages:
                message.sent.fill_(torch.nan)  # the next one, as soon as may be
            turns.append([message.means.clone() for message in messages])
        return turns

    found = play(size, act)
    for turn in range(3):
        for number, length in enumerate(lengths):
            total = values(0, turn, length)
            for rank in range(1, size):
                total = total + values(rank, turn, length)
            for of_one in found:
                assert of_one is not None
                assert torch.equal(of_one[turn][number], total / size)


def test_nobody_leaves_a_meeting_before_all_have_come() -> None:
    size, meetings = 3, 200
    came = [0] * size

    def act(links: Links) -> bool:
        for meeting in range(1, meetings + 1):
            came[links.rank] = meeting
            links.meet()
            if min(came) < meeting:
                return False
        return True

    assert play(size, act) == [True] * size


def test_who_waits_learns_that_another_one_has_gone() -> None:
    def act(links: Links) -> str:
        links.meet()
        if links.rank == 1:
            return "gone"
        with pytest.raises(ConnectionError):
            links.meet()
        return "learnt it"

    assert play(2, act) == ["learnt it", "gone"]


@pytest.mark.parametrize("rank", [0, 1])
def test_who_waits_gives_up_when_its_patience_is_over(rank: int) -> None:
    over = threading.Event()

    def act(links: Links) -> str:
        if links.rank == rank:
            over.wait(60)
            return "silent"
        with pytest.raises(TimeoutError, match=r"no answer in 0\.05 s"):
            links.meet()
        over.set()
        return "gave up"

    assert set(play(2, act, seconds=0.05)) == {"silent", "gave up"}


def test_a_process_that_waits_for_memory_learns_that_the_first_has_gone() -> None:
    def act(links: Links) -> str:
        if links.rank == 0:
            return "gone"
        with pytest.raises(ConnectionError, match="closed"):
            links.share(4096)
        return "learnt it"

    assert play(2, act) == ["gone", "learnt it"]


def test_where_one_cannot_be_reached_none_is_linked() -> None:
    name = uuid4().hex
    with socket.socket(socket.AF_UNIX) as other:
        other.bind(f"\0ganvas-{name}-1".encode())  # where the second process would listen
        assert play(3, lambda links: links.rank, name=name) == [None] * 3


@pytest.mark.parametrize("said", [b"", b"\0\0", struct.pack("!I", 7), struct.pack("!I", 0)])
def test_who_calls_and_is_not_one_of_the_group_keeps_all_from_linking(said: bytes) -> None:
    name, size = uuid4().hex, 2
    agreed = Agreement(size)
    called: list[socket.socket] = []

    def run(rank: int) -> Links | None:
        def agree(done: bool) -> bool:
            if rank == 0 and not called:  # all listen, and no process has called yet
                called.append(socket.socket(socket.AF_UNIX))
                called[0].connect(f"\0ganvas-{name}-0".encode())
                called[0].sendall(said)
                called[0].close()
            return agreed(done)

        return connect(name, rank=rank, size=size, seconds=60, agree=agree)

    with ThreadPoolExecutor(size) as threads:
        assert list(threads.map(run, range(size))) == [None, None]


def test_a_lack_of_room_is_told_and_is_no_process_that_went(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def full(file: int, start: int, size: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "posix_fallocate", full)

    def act(links: Links) -> str:
        if links.rank:
            with pytest.raises(ConnectionError, match="closed"):
                links.share(1 << 21)
            return "learnt it"
        with pytest.raises(GanvasError, match=r"no room .* 2 MiB .*GANVAS_SHARED_MEMORY=0"):
            links.share(1 << 21)
        return "told it"

    assert play(2, act) == ["told it", "learnt it"]


def test_a_process_of_another_user_is_not_linked(monkeypatch: pytest.MonkeyPatch) -> None:
    own = os.geteuid()
    monkeypatch.setattr(os, "geteuid", lambda: own + 1)
    assert play(2, lambda links: links.rank) == [None, None]


def test_no_file_and_no_socket_outlives_the_group() -> None:
    def act(links: Links) -> None:
        memory = Memory(links)
        memory.gather(torch.zeros(5000))
        message = memory.open_message(1000, torch.device("cpu"))
        memory.send(message)
        memory.receive()

    before = set(Path("/proc/self/fd").iterdir())
    play(3, act)
    assert len(set(Path("/proc/self/fd").iterdir()) - before) == 0
