"""Numbers that go between the processes of one machine through memory that they share."""

import mmap
import os
from dataclasses import dataclass

import torch
from torch import Tensor

from ganvas.distributed.channel import Message
from ganvas.distributed.links import Links

__all__ = ["Memory"]

_LINE = 64  # bytes of a line of the processor's caches: two processes never write to one
_LEAST_BYTES = 4096


@dataclass(frozen=True, kw_only=True, slots=True)
class _SharedMessage(Message):
    """`places` (processes, n) are what each process has written, of which `sent` is this one's.

    `means` are those that all read.
    """

    places: Tensor


class Memory:
    """A `Channel` of processes that see the same memory; all its values lie on the CPU.

    A mean is taken in the order of the ranks, each number's by one process for all: every process
    has the same bits, and so has every run.
    """

    def __init__(self, links: Links) -> None:
        self._links = links
        self._places: Tensor | None = None
        self._turn = 0
        self._sent: list[_SharedMessage] = []

    def gather(self, values: Tensor) -> Tensor:
        """Return the values (...) of every process, (processes, ...), in the order of the ranks.

        Two places are used in turns. Who writes to one has been at the meeting that followed its
        last use, and everybody came there after reading what was in it.
        """
        size = values.numel() * values.element_size()
        if self._places is None or size > self._places.shape[-1]:
            rows = self._share(2 * self._links.size, max(_LEAST_BYTES, size))
            self._places = rows.view(2, self._links.size, -1)
        self._turn = 1 - self._turn
        places = self._places[self._turn, :, :size].view(values.dtype)
        places[self._links.rank].copy_(values.reshape(-1))
        self._links.meet()
        return places.clone().view(self._links.size, *values.shape)

    def open_message(self, length: int, device: torch.device) -> Message:
        """Return room for a message: a place for each process, and one for the means."""
        assert device.type == "cpu"
        rows = self._share(self._links.size + 1, 4 * length)[:, : 4 * length].view(torch.float32)
        places, means = rows[:-1], rows[-1]
        return _SharedMessage(sent=places[self._links.rank], means=means, places=places)

    def send(self, message: Message) -> None:
        """Note that the message is written: the others read it when all receive."""
        assert isinstance(message, _SharedMessage)
        self._sent.append(message)

    def receive(self) -> None:
        """Take the mean of a part of each message for all processes, while they take the others.

        At the first meeting everything is written, and nobody reads earlier means any more; at the
        second the means are taken, and nobody reads what was written any more.
        """
        sent, self._sent = self._sent, []
        self._links.meet()
        for message in sent:
            part = self._part(len(message.means))
            mean, (first, *others) = message.means[part], message.places[:, part]
            torch.add(first, others[0], out=mean)
            for other in others[1:]:
                mean.add_(other)
            mean.div_(self._links.size)
        self._links.meet()

    def _part(self, length: int) -> slice:
        """Return which numbers this process takes the mean of: whole lines."""
        each = _LINE // 4
        lines = -(-length // each)
        rank, size = self._links.rank, self._links.size
        first, end = lines * rank // size, lines * (rank + 1) // size
        return slice(first * each, min(end * each, length))

    def _share(self, rows: int, size: int) -> Tensor:
        """Return shared memory, uint8 (rows, size or some more); all processes make it together."""
        width = -(-size // _LINE) * _LINE
        file = self._links.share(rows * width)
        try:
            room = mmap.mmap(file, rows * width)
        finally:
            os.close(file)
        return torch.frombuffer(room, dtype=torch.uint8).view(rows, width)
