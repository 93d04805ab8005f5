"""What the processes of a group do together, by torch.distributed."""

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any, TypeVar

import torch
import torch.distributed as dist
from torch import Tensor, nn

from ganvas.distributed import collectives
from ganvas.distributed.channel import Channel, Network
from ganvas.distributed.job import Job
from ganvas.distributed.mean import Means
from ganvas.distributed.reasons import reason_of
from ganvas.errors import AbandonedError, GanvasError, LostError
from ganvas.group import Group
from ganvas.nesting import join, split

__all__ = ["Processes"]

T = TypeVar("T")


class Processes(Group):
    """The group of a job's processes; torch.distributed has been initialised.

    Every method but `leads` is called by all of them, in the same order. Each raises LostError when
    another process has gone or does not answer in time.
    """

    def __init__(self, job: Job, memory: Channel | None = None) -> None:
        """`memory`: a way within this machine, where all processes run on it."""
        self.rank, self.size = job.rank, job.size
        self.local_rank, self.local_size = job.local_rank, job.local_size
        self.job, self.restarts = job.name, job.restarts
        self._network: Channel = Network()
        self._memory = memory or self._network
        self._means = Means(self._channel_of)
        self._dismissed = False

    @property
    def shares_memory(self) -> bool:
        """Whether what lies on the CPU goes through memory, not through the network."""
        return self._memory is not self._network

    def _channel_of(self, device: torch.device) -> Channel:
        return self._memory if device.type == "cpu" else self._network

    def begin_mean(self, weights: Sequence[nn.Parameter]) -> None:
        with self._reaching():
            self._means.send(weights)

    def mean(
        self, weights: Sequence[nn.Parameter], report: dict[str, Tensor], weight: float
    ) -> dict[str, Tensor]:
        moved = [w for w in weights if w.grad is not None]
        device = moved[0].device if moved else torch.device("cpu")
        figures = [figure.float().to(device, non_blocking=True) for figure in report.values()]
        numbers = torch.stack(figures) * weight if figures else torch.empty(0, device=device)
        with self._reaching():
            means = self._means.send(weights, numbers)
            self._means.receive()
        kept = means[: len(report)].clone()
        return dict(zip(report, kept.unbind(), strict=True))

    def gather(self, values: Tensor) -> Tensor:
        return collectives.gather(values, self._exchange, self.rank)

    def _exchange(self, values: Tensor) -> Tensor:
        with self._reaching():
            return self._channel_of(values.device).gather(values)

    def largest(self, numbers: Sequence[int]) -> list[int]:
        of_all: list[list[int]] = self._exchange(torch.tensor(numbers, dtype=torch.int64)).tolist()
        return [max(of_each) for of_each in zip(*of_all, strict=True)]

    def require_same(self, number: int, what: str) -> None:
        most, least = self.largest([number, -number])
        if most != -least:
            raise GanvasError(
                f"{what} is not the same in all {self.size} processes: their machines must "
                "compute alike (the same processor, the same PyTorch)"
            )

    @contextmanager
    def together(self) -> Iterator[None]:
        failed: Exception | None = None
        try:
            yield
        except LostError:
            raise
        except Exception as error:
            failed = error
        code = 0 if failed is None else getattr(failed, "exit_code", 1)
        first, exit_code = self.largest([0 if failed is None else self.size - self.rank, code])
        if not first:
            return
        if failed is not None and first == self.size - self.rank:
            raise failed
        raise AbandonedError(exit_code)

    def first(self, act: Callable[[], dict[str, Any]]) -> dict[str, Any]:
        word: dict[str, Any] = {}
        with self.together():
            if self.leads:
                word = act()
        if not self.leads:
            return self.hear()
        self.tell(word)
        return word

    def in_order(self, act: Callable[[], T]) -> T:
        found: list[T] = []
        for turn in (self.local_rank == 0, self.local_rank != 0):
            with self.together():
                if turn:
                    found.append(act())
        return found[0]

    def tell(self, word: dict[str, Any]) -> None:
        content = torch.frombuffer(bytearray(json.dumps(word).encode()), dtype=torch.uint8)
        with self._reaching():
            dist.broadcast(torch.tensor([len(content)]), 0)
            dist.broadcast(content, 0)

    def hear(self) -> dict[str, Any]:
        length = torch.zeros(1, dtype=torch.int64)
        with self._reaching():
            dist.broadcast(length, 0)
            content = torch.empty(int(length), dtype=torch.uint8)
            dist.broadcast(content, 0)
        word: dict[str, Any] = json.loads(content.numpy().tobytes())
        return word

    def tell_state(self, state: dict[str, Any]) -> None:
        tree, tensors = split(state)
        kept = {name: tensor.detach().cpu().contiguous() for name, tensor in tensors.items()}
        shapes = [
            [name, str(tensor.dtype).removeprefix("torch."), list(tensor.shape)]
            for name, tensor in kept.items()
        ]
        self.tell({"tree": tree, "tensors": shapes})
        content = torch.cat([tensor.reshape(-1).view(torch.uint8) for tensor in kept.values()])
        with self._reaching():
            dist.broadcast(content, 0)

    def hear_state(self) -> dict[str, Any]:
        word = self.hear()
        rooms = {
            name: torch.empty(shape, dtype=getattr(torch, dtype))
            for name, dtype, shape in word["tensors"]
        }
        sizes = [room.numel() * room.element_size() for room in rooms.values()]
        content = torch.empty(sum(sizes), dtype=torch.uint8)
        with self._reaching():
            dist.broadcast(content, 0)
        for room, part in zip(rooms.values(), content.split(sizes), strict=True):
            room.reshape(-1).view(torch.uint8).copy_(part)
        state: dict[str, Any] = join(word["tree"], rooms)
        return state

    def dismiss(self, exit_code: int) -> None:
        if self.is_heard and not self._dismissed:
            self._dismissed = True
            with suppress(LostError):  # they find out by themselves
                self.tell({"do": "end", "exit_code": exit_code})

    @contextmanager
    def _reaching(self) -> Iterator[None]:
        """Say in words what torch.distributed raises when a process cannot be reached."""
        try:
            yield
        except (RuntimeError, OSError) as error:
            raise LostError(
                f"process {self.rank} of {self.size} cannot reach another one, which has ended or "
                f"does not answer ({reason_of(error)}); the run goes on from its last checkpoint "
                "with `ganvas resume`, or by itself under torchrun --max-restarts; where the other "
                "only takes long, to read data say, give a larger GANVAS_PATIENCE_SECONDS"
            ) from None
