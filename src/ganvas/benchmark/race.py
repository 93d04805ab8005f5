"""What is raced, and what came of it: the race, looks at quality, and courses."""

from dataclasses import dataclass

from ganvas.benchmark.racers import Contender
from ganvas.errors import UsageError

__all__ = ["TARGETS", "Point", "Race", "Track", "next_place"]

TARGETS = (20.0, 10.0, 5.0, 3.0)
"""Multiples of the real test images' own Fréchet distance."""

_FIRST_PLACE = 2_000  # images
_RATIO = 1.15  # between places: a time to quality is known to so much


@dataclass(frozen=True, kw_only=True, slots=True)
class Race:
    """What is raced. Results of other races do not compare.

    minutes   of training at most, for each contender in each repeat
    samples   that each look is measured on
    few       samples of a glance that comes first, where there are at least twice as many: a
              course that it finds too far from every target that is left is not looked at further
    threads   processor threads, None for all cores
    """

    data: str
    contenders: tuple[Contender, ...]
    targets: tuple[float, ...] = TARGETS
    minutes: float = 30.0
    samples: int = 10_000
    few: int = 1_000
    threads: int | None = None

    def __post_init__(self) -> None:
        if not self.targets or min(self.targets) <= 0 or not self.minutes > 0:
            raise UsageError("a race needs targets above 0 and minutes above 0")


@dataclass(frozen=True, kw_only=True, slots=True)
class Point:
    """One look: after so many images and seconds of training, the distance, real's, and ratio.

    `samples` are those that `fd` is of, no more than there are real images to set beside them:
    where a glance sufficed, `fd` of a few, which is a little
    too large, is held against `real` of the race's samples; `real` is of `real_samples`, as many or
    all unseen ones there are. `ceiling` is what a favourable
    convolution reached just before, in GFLOP/s, at the precision that the contender trains with.
    """

    images: int
    seconds: float
    fd: float
    real: float
    samples: int
    real_samples: int
    ceiling: float

    @property
    def times_real(self) -> float:
        """The distance in multiples of real test images' own."""
        return self.fd / self.real


@dataclass(frozen=True, kw_only=True, slots=True)
class Track:
    """One contender's course in one repeat; `end` is why it ended, "" while it has not.

    reached   the lowest of the targets; cap   its minutes are over; schedule   its images are;
    diverged  something was no longer finite
    """

    contender: Contender
    seed: int
    points: tuple[Point, ...]
    end: str

    def reach(self, target: float) -> Point | None:
        """Return the first look at which the distance is at most `target` times real's."""
        return next((point for point in self.points if point.times_real <= target), None)


def next_place(images: int) -> int:
    """Return the first place of the grid beyond `images`: 2,000 times a power of 1.15."""
    place = float(_FIRST_PLACE)
    while round(place) <= images:
        place *= _RATIO
    return round(place)
