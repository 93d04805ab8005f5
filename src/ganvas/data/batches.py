"""Which images make up which batch: a pure function of (seed, position), with no state to save."""

from dataclasses import dataclass, field
from typing import Literal, get_args

import numpy as np
import numpy.typing as npt

from ganvas.errors import UsageError, did_you_mean
from ganvas.seeding import numpy_stream

__all__ = ["BatchOrder", "Order"]

Order = Literal["shuffled", "sequential", "with_replacement"]
_CACHED_EPOCHS = 2  # a batch touches at most two, so walking forward never draws one twice


@dataclass(frozen=True)
class BatchOrder:
    """The endless stream of batches over `num_images` rows, reached at any point at once.

    `shuffled`: one permutation of all rows after another, each drawn from (seed, epoch).
    `sequential`: 0, 1, 2, ... and around. In both, batches run over the boundary of an epoch,
    so no image is dropped. `with_replacement`: independent uniform rows, drawn from
    (seed, batch).

    Raises UsageError unless 1 <= batch_size <= num_images, for an unknown order, and for a
    seed that is not a whole number of at least 0.
    """

    num_images: int
    batch_size: int
    order: Order
    seed: int
    _epochs: dict[int, npt.NDArray[np.int64]] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )

    def __post_init__(self) -> None:
        if self.order not in get_args(Order):
            near = did_you_mean(str(self.order), get_args(Order))
            raise UsageError(f"data.order: unknown order '{self.order}'{near}")
        if self.batch_size < 1:
            raise UsageError(f"batch_size must be at least 1, got {self.batch_size}; raise it")
        if self.num_images < self.batch_size:
            raise UsageError(
                f"batch_size {self.batch_size} is more than the {self.num_images} training "
                f"images; set batch_size to {max(self.num_images, 1)} or less, hold out fewer "
                "(data.held_out), or give more images"
            )
        if self.seed < 0:
            raise UsageError(f"seed must be at least 0, got {self.seed}")

    def indices(self, batch: int) -> npt.NDArray[np.int64]:
        """Return the rows of the batch at position `batch` (from 0): int64 (batch_size,)."""
        assert batch >= 0, batch
        if self.order == "with_replacement":
            stream = numpy_stream(self.seed, "data.with_replacement", batch)
            return stream.integers(0, self.num_images, self.batch_size, dtype=np.int64)
        first = batch * self.batch_size
        epoch, offset = divmod(first, self.num_images)
        rows = self._epoch(epoch)[offset : offset + self.batch_size]
        missing = self.batch_size - len(rows)
        if missing:
            return np.concatenate([rows, self._epoch(epoch + 1)[:missing]])
        return rows.copy()

    def _epoch(self, epoch: int) -> npt.NDArray[np.int64]:
        """Return the order of all rows in `epoch`: int64 (num_images,)."""
        key = epoch if self.order == "shuffled" else 0
        rows = self._epochs.get(key)
        if rows is None:
            if self.order == "shuffled":
                stream = numpy_stream(self.seed, "data.shuffled", epoch)
                rows = stream.permutation(self.num_images).astype(np.int64, copy=False)
            else:
                rows = np.arange(self.num_images, dtype=np.int64)
            while len(self._epochs) >= _CACHED_EPOCHS:
                self._epochs.pop(next(iter(self._epochs)), None)
            self._epochs[key] = rows
        return rows
