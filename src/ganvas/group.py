"""What the processes of a run do together; here for a run of one process, which does it alone.

`ganvas.distributed` has the same for several. Whoever trains is handed a group and need not know
how many it counts: the first process (rank 0) leads, writes and tells; the others follow its words.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from torch import Tensor, nn

__all__ = ["Group"]

T = TypeVar("T")


class Group:
    """A group of one process.

    `rank` of `size` processes, of which `local_size` run on this machine, this one as number
    `local_rank`. The weights of all of them are always the same, to the last bit. `job` names what
    started them all, "" where nobody did, and `restarts` counts its attempts before this one.
    """

    rank = 0
    size = 1
    local_rank = 0
    local_size = 1
    job = ""
    restarts = 0
    is_heard = True
    """Whether the processes that follow wait for a word, not for an update of all."""

    @property
    def leads(self) -> bool:
        """Whether this is the process that writes the run directory and speaks to people."""
        return self.rank == 0

    # What updates share: their gradients, the figures they report, statistics of their batch.

    def begin_mean(self, weights: "Sequence[nn.Parameter]") -> None:
        """Begin to average the gradients of `weights` over the processes; do not wait for it."""

    def mean(
        self, weights: "Sequence[nn.Parameter]", report: "dict[str, Tensor]", weight: float
    ) -> "dict[str, Tensor]":
        """Average the gradients of `weights`, end what was begun, and return the report's means.

        Of the report each process' figures count by its `weight`. Its losses must have done so
        before their gradients were taken: through a batch norm each reaches all processes.
        """
        return report

    def gather(self, values: "Tensor") -> "Tensor":
        """Return the values (...) of all processes (size, ...), which can be differentiated twice.

        What comes back to a process is the sum of what all of them send back.
        """
        return values[None]

    # What processes agree on.

    def largest(self, numbers: Sequence[int]) -> list[int]:
        """Return the largest that any process gave of each number."""
        return list(numbers)

    def require_same(self, number: int, what: str) -> None:
        """Raise GanvasError unless `number`, below 2^63, is the same in all processes."""

    @contextmanager
    def together(self) -> Iterator[None]:
        """Let none go on where one fails: it raises its error, the others AbandonedError."""
        yield

    def first(self, act: Callable[[], dict[str, Any]]) -> dict[str, Any]:
        """Return what `act` gives in the first process, which alone calls it: values for JSON."""
        return act()

    def in_order(self, act: Callable[[], T]) -> T:
        """Return what `act` gives; on each machine one process calls it before the others do.

        So a file that is made where it is missing is made by one. Raises as `together` does.
        """
        return act()

    # What the first process says to those that follow it.

    def tell(self, word: dict[str, Any]) -> None:
        """Say a word, values for JSON, to all who `hear`."""

    def tell_state(self, state: dict[str, Any]) -> None:
        """Give all who `hear_state` a nested state, as `ganvas.nesting` knows them."""

    def hear(self) -> dict[str, Any]:
        """Return the word that the first process tells."""
        raise NotImplementedError("a process alone leads")

    def hear_state(self) -> dict[str, Any]:
        """Return the state that the first process tells, its tensors on the CPU."""
        raise NotImplementedError("a process alone leads")

    def dismiss(self, exit_code: int) -> None:
        """Let those that follow end with `exit_code`, if they hear and were not told before."""
