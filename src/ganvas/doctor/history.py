"""What a run said so far, in the order in which it said it, and what is known from its start."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ganvas.recipe import Recipe

__all__ = ["Facts", "History", "kind_of"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Facts:
    """What is known before the first update: the recipe and the data's counts.

    `class_counts`: training images of each class by its name; {} without classes or unknown.
    `published`: the recipe of that name without any setting changed; None where there is none.
    """

    recipe: Recipe
    total_images: int
    num_train: int | None = None
    class_counts: Mapping[str, int] | None = None
    published: Recipe | None = None

    @property
    def grace(self) -> int:
        """Images before which samples are not judged: young ones look like nothing.

        While noise on what D sees has not faded by half, G cannot know more than the coarse.
        """
        updates = 300 * self.recipe.batch_size if self.recipe.procedure.name != "rounds" else 0
        noise = self.recipe.instance_noise
        fading = int(noise.until / 2 * self.total_images) if noise.deviation else 0
        young = max(min(20_000, self.total_images // 6), min(updates, self.total_images // 3))
        return max(young, fading)


def kind_of(line: Mapping[str, Any]) -> str:
    """Return which kind of line of metrics.jsonl this is.

    data (at the start), log, validation, probe (the doctor's signals), quality, modes (of points).
    """
    for key in ("data", "validation", "modes"):
        if key in line:
            return key
    if "probe" in line:
        return "quality" if "fd" in line["probe"] else "probe"
    return "log"


class History:
    """Lines by kind, as they came."""

    def __init__(self) -> None:
        self.images = 0
        self._lines: dict[str, list[tuple[int, Mapping[str, Any]]]] = {}

    def add(self, line: Mapping[str, Any]) -> str:
        """Take in a line of metrics.jsonl and return its kind."""
        kind = kind_of(line)
        key = {"log": None, "quality": "probe"}.get(kind, kind)
        figures = line if key is None else line[key]
        self.images = int(line["images"])
        self._lines.setdefault(kind, []).append((self.images, figures))
        return kind

    def count(self, kind: str) -> int:
        """Return how many lines of a kind there are."""
        return len(self._lines.get(kind, ()))

    def spacing(self, kind: str) -> int:
        """Return how many images lie between the newest two lines of a kind; 0 for fewer."""
        lines = self._lines.get(kind, [])
        return lines[-1][0] - lines[-2][0] if len(lines) > 1 else 0

    def last(self, kind: str, name: str) -> Any:
        """Return a figure of the newest line of a kind; None where it is not there."""
        lines = self._lines.get(kind)
        return lines[-1][1].get(name) if lines else None

    def values(self, kind: str, name: str, most: int | None = None) -> list[float]:
        """Return the numbers called `name` in the newest `most` lines of a kind, oldest first."""
        lines = self._lines.get(kind, [])
        found = [figures.get(name) for _, figures in (lines if most is None else lines[-most:])]
        return [float(value) for value in found if isinstance(value, int | float)]

    def lists(self, kind: str, name: str, most: int, *, since: int = 0) -> list[Sequence[Any]]:
        """Return the lists called `name` in the newest `most` lines of a kind, oldest first.

        Lines of fewer images than `since` are left out.
        """
        lines = self._lines.get(kind, [])[-most:]
        found = [figures.get(name) for images, figures in lines if images >= since]
        return [value for value in found if isinstance(value, list)]

    def mean(self, kind: str, name: str, most: int) -> float | None:
        """Return the mean of the newest `most`; None where fewer are known."""
        values = self.values(kind, name, most)
        return sum(values) / most if len(values) == most else None
