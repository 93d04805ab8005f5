"""Randomness by counter: every stream starts from (run seed, stream name, position).

No stream has a state that must be saved: any point of any stream is reached at once, and
drawing more numbers from one stream (a probe, a preview) never disturbs another.
"""

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

from ganvas.seeding import numpy_stream, stream_seed

__all__ = ["Part", "RowGenerator", "draw_rows", "numpy_stream", "stream", "stream_seed"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Part:
    """The rows `first` to `first + count` of `total` rows that several processes share."""

    first: int
    count: int
    total: int

    def packed(self, size: int) -> "Part":
        """Return the part of packs of `size` rows each; rows that fill no pack count for none."""
        return Part(first=self.first // size, count=self.count // size, total=self.total // size)


class RowGenerator(torch.Generator):
    """A generator that knows which rows of a batch this process has: `parts`, () for all of them.

    Several parts say that the rows of several batches were joined, one after the other.
    """

    parts: tuple[Part, ...] = ()


def stream(
    seed: int, name: str, position: int = 0, *, device: torch.device | str = "cpu"
) -> RowGenerator:
    """Return a fresh torch generator for stream `name` of run `seed` at `position`."""
    generator = RowGenerator(device=device)
    generator.manual_seed(stream_seed(seed, name, position))
    return generator


def draw_rows(draw: Callable[[int], Tensor], count: int, generator: torch.Generator) -> Tensor:
    """Return `draw(count)`, random numbers for the `count` rows of a batch, from `generator`.

    Where the generator says that other processes have further rows, numbers for all rows are drawn
    and those of this process kept: however many share a batch, each row gets the same numbers.
    """
    parts: tuple[Part, ...] = getattr(generator, "parts", ())
    if not parts:
        return draw(count)
    if sum(part.count for part in parts) != count:
        raise ValueError(f"{count} rows are none of the parts {parts}")
    sides = draw(sum(part.total for part in parts)).split([part.total for part in parts])
    kept = [
        side[part.first : part.first + part.count] for side, part in zip(sides, parts, strict=True)
    ]
    return kept[0] if len(kept) == 1 else torch.cat(kept)
