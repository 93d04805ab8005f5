"""The ways that numbers go between processes: `Network` here, `Memory` in a room of its own."""

from dataclasses import dataclass
from typing import Protocol

import torch
import torch.distributed as dist
from torch import Tensor

__all__ = ["Channel", "Message", "Network"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Message:
    """Numbers that every process has, float32 (n,): written to `sent`, their mean read in `means`.

    Both may be the same memory. `means` is only read, and before anything else is sent or received.
    """

    sent: Tensor
    means: Tensor


class Channel(Protocol):
    """What all processes do together, in the same order; each call waits for the others.

    Raises RuntimeError or OSError when another one has gone or does not answer in time.
    """

    def gather(self, values: Tensor) -> Tensor:
        """Return the values (...) of every process, (processes, ...), in the order of the ranks."""
        ...

    def open_message(self, length: int, device: torch.device) -> Message:
        """Return room for a message that is sent again and again."""
        ...

    def send(self, message: Message) -> None:
        """Let `message.sent` go; it is neither written nor read until it was received."""
        ...

    def receive(self) -> None:
        """Wait for all that was sent, and put the means over the processes in their places."""
        ...


class Network:
    """torch.distributed: gloo or NCCL, within a machine and beyond it."""

    def __init__(self) -> None:
        self._sent: list[tuple[Message, dist.Work]] = []

    def gather(self, values: Tensor) -> Tensor:
        """Return what `Channel.gather` says."""
        own = values.contiguous()
        room = own.new_empty((dist.get_world_size(), *own.shape))
        dist.all_gather(list(room.unbind(0)), own)
        return room

    def open_message(self, length: int, device: torch.device) -> Message:
        """Return room where the sum comes to lie in place of what was sent."""
        room = torch.empty(length, device=device)
        return Message(sent=room, means=room)

    def send(self, message: Message) -> None:
        """Send it off; what is computed meanwhile does not wait."""
        self._sent.append((message, dist.all_reduce(message.sent, async_op=True)))

    def receive(self) -> None:
        """Wait for the sums, and divide them."""
        sent, self._sent = self._sent, []
        for message, work in sent:
            work.wait()
            message.means.div_(dist.get_world_size())
