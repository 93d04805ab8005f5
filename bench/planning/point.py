"""The points of the measurement: a recipe on images of some kind, one thing changed at a time.

Without PyTorch, as all that measures: it must stay small, for what the system tells of a child's
largest memory begins at its parent's.
"""

from dataclasses import asdict, dataclass, fields, replace
from typing import Any

from ganvas.recipes import get_recipe

__all__ = ["AXES", "DEFAULT", "EXAMPLE", "Point", "all_points", "needed_points"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Point:
    """A recipe, the images it trains on and how it is changed.

    size               pixels of a side; `channels` 1 or 3
    generator, discriminator   their widths in multiples of the recipe's own
    batch_size         None: the recipe's own
    images             random ones, of which a twelfth is held out
    cached             whether they are mapped from the cache (`ganvas data import`) or in memory
    labelled           whether they have ten classes; else swift makes clusters
    threads, precision as the settings of `machine`
    """

    recipe: str = "swift"
    size: int = 28
    channels: int = 1
    generator: float = 1.0
    discriminator: float = 1.0
    batch_size: int | None = None
    images: int = 2_000
    cached: bool = False
    labelled: bool = True
    threads: int = 1
    precision: str = "auto"

    @property
    def name(self) -> str:
        """The recipe and what differs from the default: "swift size=64 channels=3"."""
        changes = [
            f"{field.name}={getattr(self, field.name)}"
            for field in fields(self)[1:]
            if getattr(self, field.name) != field.default
        ]
        return " ".join([self.recipe, *changes])

    @property
    def batch(self) -> int:
        """How many images a batch has."""
        return self.batch_size or get_recipe(self.recipe).batch_size

    @property
    def data_bytes(self) -> int:
        """How many bytes its images take, held-out ones too."""
        return self.images * self.channels * self.size**2

    def to_json(self) -> dict[str, Any]:
        """Return the fields, for `Point(**...)`."""
        return asdict(self)


DEFAULT = Point()
"""What every time is a multiple of: swift on 28x28 grey images with ten classes, as it comes."""

EXAMPLE = Point(size=64, channels=3, generator=2.0, discriminator=2.0)
"""The worked example; no table may rest on it."""

_OTHER = Point(recipe="dcgan-tf")
_SIZES = (28, 32, 64, 128)

AXES: dict[str, tuple[Point, ...]] = {
    "size": tuple(replace(base, size=size) for base in (DEFAULT, _OTHER) for size in _SIZES),
    "colour": tuple(
        replace(base, size=size, channels=3)
        for base, sizes in ((DEFAULT, (28, 64, 128)), (_OTHER, (28,)))
        for size in sizes
    ),
    "width": (
        *(replace(DEFAULT, generator=w, discriminator=w) for w in (0.5, 1.0, 2.0, 4.0)),
        replace(DEFAULT, generator=2.0),
        replace(DEFAULT, discriminator=2.0),
        *(replace(_OTHER, generator=w, discriminator=w) for w in (0.5, 1.0, 2.0)),
    ),
    "batch": tuple(replace(DEFAULT, batch_size=size) for size in (16, None, 64, 128)),
    "data": (
        *(replace(DEFAULT, images=images) for images in (1_000, 60_000, 300_000)),
        *(replace(DEFAULT, images=images, cached=True) for images in (60_000, 300_000)),
        *(replace(DEFAULT, images=images, labelled=False) for images in (60_000, 300_000)),
    ),
    "machine": (
        replace(DEFAULT, precision="float32"),
        replace(DEFAULT, threads=2),
        replace(DEFAULT, size=64, threads=2),
    ),
}
"""The points of each table; the default is in several and measured once."""


def all_points() -> dict[str, Point]:
    """Return every point of a table once, by its name."""
    return {point.name: point for points in AXES.values() for point in points}


def needed_points() -> dict[str, Point]:
    """Return all that take turns: the points of the tables and the example."""
    return all_points() | {EXAMPLE.name: EXAMPLE}
