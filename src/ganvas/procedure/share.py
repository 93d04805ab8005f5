"""What each of several processes does of an update: its rows, and how much they weigh."""

from dataclasses import dataclass, replace

from ganvas.procedure.update import Rows, Update
from ganvas.rng import Part

__all__ = ["Share", "share_of"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Share:
    """Which rows of the whole update's real and fake images are this process'.

    `weight` is what its loss, a mean over its own rows, counts in the mean over processes: 1 where
    all have as many rows. With it that mean is the loss of the whole batch.
    """

    real: Part | None
    fake: Part
    weight: float = 1.0

    @property
    def is_whole(self) -> bool:
        """Whether it is the whole update, which then every process makes."""
        return self.fake.count == self.fake.total


def share_of(update: Update, *, rank: int, size: int, pack: int = 1) -> tuple[Update, Share]:
    """Return what process `rank` of `size` does of `update`; packs of `pack` rows stay whole.

    The rows are cut into consecutive runs whose lengths differ by one pack at most. Where there are
    fewer packs than processes, each of them does the whole update: the mean is the same.
    """
    real, fake = update.real, update.noise
    num_real, num_fake = 0 if real is None else len(real), len(fake)
    needed = [num_fake] if real is None else [num_real, num_fake]
    if min(needed) // pack < size:
        whole = None if real is None else Part(first=0, count=num_real, total=num_real)
        return update, Share(real=whole, fake=Part(first=0, count=num_fake, total=num_fake))
    of_real = None if real is None else _part(num_real, rank, size, pack)
    of_fake = _part(num_fake, rank, size, pack)
    counted = [of_fake] if update.player == "generator" or of_real is None else [of_real, of_fake]
    packs = [part.packed(pack) for part in counted]
    weight = size * sum(part.count for part in packs) / sum(part.total for part in packs)
    mine = replace(
        update,
        real=None if real is None or of_real is None else _cut(real, of_real),
        noise=_cut(fake, of_fake),
        classes=_cut(update.classes, of_fake),
    )
    return mine, Share(real=of_real, fake=of_fake, weight=weight)


def _part(rows: int, rank: int, size: int, pack: int) -> Part:
    packs = rows // pack
    first = packs * rank // size * pack
    # What fills no pack goes with the last, which leaves it out as it is left out of a whole batch.
    end = packs * (rank + 1) // size * pack if rank + 1 < size else rows
    return Part(first=first, count=end - first, total=rows)


def _cut(rows: Rows, part: Part) -> Rows:
    picked = range(rows.size) if rows.pick is None else rows.pick
    return replace(rows, pick=tuple(picked[part.first : part.first + part.count]))
