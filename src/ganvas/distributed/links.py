"""Sockets between the processes of one machine: they meet there, and share memory by them.

The sockets are of the kind that has no place in a file system, and the memory is a file without
a name: whatever kills a process, nothing is left behind. Linux has both; elsewhere there is none.
"""

import os
import select
import socket
import struct
import sys
import time
from collections.abc import Callable
from contextlib import ExitStack

from ganvas.errors import GanvasError

__all__ = ["SHARED_MEMORY", "Links", "connect"]

SHARED_MEMORY = "GANVAS_SHARED_MEMORY"
"""The environment's name for whether processes of one machine may share memory: 1, or 0."""

_SPIN_SECONDS = 1e-3
_RANK = struct.Struct("!I")
_CREDENTIALS = struct.Struct("3i")  # process, user, group, as Linux gives them


class Links:
    """The sockets of process `rank` to every other one, in the order of their ranks."""

    def __init__(self, *, rank: int, others: dict[int, socket.socket], seconds: float) -> None:
        self.rank, self.size = rank, len(others) + 1
        self._seconds = seconds
        self._others = [others[other] for other in sorted(others)]
        self._polls = []
        for other in self._others:
            other.setblocking(False)
            poll = select.poll()
            poll.register(other, select.POLLIN)
            self._polls.append(poll)

    def meet(self) -> None:
        """Return when every process has come here as often as this one.

        What a process wrote to shared memory before, the others read after: sending and receiving
        are calls of the kernel, which order all writes before them on every processor.

        Raises ConnectionError when another one has ended, TimeoutError when it does not come.
        """
        for other in self._others:
            other.send(b"\0")
        for other, poll in zip(self._others, self._polls, strict=True):
            if not _receive(other, poll, self._seconds):
                raise ConnectionError("it has closed its connection")

    def share(self, size: int) -> int:
        """Return a file of `size` bytes, all 0, without a name, that all processes have in common.

        Whoever gets its number closes it. Raises GanvasError where there is no room for it, and
        as `meet` does.
        """
        assert sys.platform == "linux"
        if self.rank:
            if not self._polls[0].poll(self._seconds * 1000):
                raise TimeoutError(f"no answer in {self._seconds:g} s")
            _, files, _, _ = socket.recv_fds(self._others[0], 1, 1)
            if not files:
                raise ConnectionError("it has closed its connection")
            return files[0]
        file = os.memfd_create("ganvas", os.MFD_CLOEXEC)
        try:
            _take_room(file, size)
            for other in self._others:
                socket.send_fds(other, [b"\0"], [file])
        except (OSError, GanvasError):
            os.close(file)
            raise
        return file

    def close(self) -> None:
        """End the links; whoever waits for this process learns it."""
        for other in self._others:
            other.close()


def _take_room(file: int, size: int) -> None:
    try:
        os.posix_fallocate(file, 0, size)  # later a lack of memory would kill, not raise
    except OSError as error:
        raise GanvasError(
            f"there is no room for {size / 2**20:.0f} MiB of memory that the processes of this "
            f"machine share ({error.strerror}); free some, or let them go by the network with "
            f"{SHARED_MEMORY}=0"
        ) from None


def _receive(other: socket.socket, poll: "select.poll", seconds: float) -> bytes:
    """Return the next byte, b"" after the last.

    Looks again and again for a moment, which is ten times as quick as to be woken, and lets others
    have the processor in between; then it sleeps.
    """
    end = time.perf_counter() + _SPIN_SECONDS
    while time.perf_counter() < end:
        try:
            return other.recv(1)
        except BlockingIOError:
            os.sched_yield()
    if not poll.poll(seconds * 1000):
        raise TimeoutError(f"no answer in {seconds:g} s")
    return other.recv(1)


def connect(
    name: str, *, rank: int, size: int, seconds: float, agree: Callable[[bool], bool]
) -> Links | None:
    """Link all processes of a group that run on this machine; None where that cannot be.

    `name` is the group's own, the same in each of them. `agree` returns whether all processes gave
    True; after each step they agree to go on, so that none waits for one that could not.
    """
    if sys.platform != "linux":
        return None
    others: dict[int, socket.socket] = {}
    with ExitStack() as opened:
        listener = opened.enter_context(socket.socket(socket.AF_UNIX))
        listener.settimeout(seconds)

        def listen() -> None:
            listener.bind(_address(name, rank))
            listener.listen(size)

        def call() -> None:
            for other in range(rank):
                link = others[other] = opened.enter_context(socket.socket(socket.AF_UNIX))
                link.connect(_address(name, other))
                _require_own(link)
                link.sendall(_RANK.pack(rank))

        def accept() -> None:
            while len(others) < size - 1:
                link = opened.enter_context(listener.accept()[0])
                link.settimeout(seconds)
                _require_own(link)
                other = _rank_of(link)
                if not rank < other < size or other in others:
                    raise ConnectionError("it is not one of the group")
                others[other] = link

        for step in (listen, call, accept):
            try:
                step()
            except OSError:
                done = False
            else:
                done = True
            if not agree(done):
                return None
        opened.pop_all()
        listener.close()
    return Links(rank=rank, others=others, seconds=seconds)


def _address(name: str, rank: int) -> bytes:
    return f"\0ganvas-{name}-{rank}".encode()  # the zero says: not a path


def _rank_of(link: socket.socket) -> int:
    said = link.recv(_RANK.size, socket.MSG_WAITALL)
    if len(said) < _RANK.size:
        raise ConnectionError("it has closed its connection")
    rank: int = _RANK.unpack(said)[0]
    return rank


def _require_own(link: socket.socket) -> None:
    """Raise PermissionError unless the process at the other end is of this one's user."""
    found = link.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _CREDENTIALS.size)
    if _CREDENTIALS.unpack(found)[1] != os.geteuid():
        raise PermissionError("another user's process answers")
