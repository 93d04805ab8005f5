"""Toy data in the plane: points of a ring or a grid of Gaussians, drawn once and for all.

Whether a generator finds all modes can be counted exactly here (PacGAN, arXiv 1712.04086; the laws
are in `ganvas.metrics.toy`).
"""

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from ganvas.data.images import DataSet, LabelArray
from ganvas.data.named.kinds import PointSource
from ganvas.data.named.sources import POINT_SOURCES
from ganvas.data.splits import DEFAULT_HELD_OUT, arrays_to_digest, check_held_out
from ganvas.errors import UsageError, did_you_mean
from ganvas.seeding import numpy_stream

__all__ = [
    "AnySet",
    "PointArray",
    "PointSet",
    "Points",
    "describe_points",
    "load_points",
]

PointArray = npt.NDArray[np.float32]


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Points:
    """One named split: `points` float32 (N, 2), `labels` int64 (N,), the mode each is drawn of.

    Divided by `scale` they are what networks take.
    """

    split: Literal["train", "held_out", "test"]
    points: PointArray
    labels: LabelArray
    scale: float = 1.0

    def __len__(self) -> int:
        return len(self.points)

    @property
    def signal(self) -> PointArray:
        """All points as networks take them, float32 (N, 2), about in [-1, 1]."""
        return self.points / np.float32(self.scale)

    def take(self, rows: npt.NDArray[np.int64]) -> PointArray:
        """Return the signal of some rows: float32 (n, 2)."""
        return self.points[rows] / np.float32(self.scale)


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class PointSet:
    """A set of points with its splits, the centres of its modes float64 (K, 2) and their `sigma`.

    `digest` is that of both splits before any are held out, as for images.
    """

    name: str
    kind: Literal["points"] = "points"
    train: Points
    held_out: Points
    test: Points
    centres: npt.NDArray[np.float64]
    sigma: float
    scale: float
    digest: str
    source: str = "computed"
    licence: str = "none: computed by a formula"
    preparation: None = None

    @property
    def reference(self) -> str:
        """What gives the same again."""
        return self.name

    @property
    def num_classes(self) -> int:
        """Number of modes."""
        return len(self.centres)

    @property
    def class_names(self) -> tuple[str, ...]:
        """The modes' numbers as words."""
        return tuple(map(str, range(len(self.centres))))


AnySet = DataSet | PointSet
"""What can be trained on. Both have splits with `labels`, `take` and a length, and a `kind`."""


def load_points(name: str, *, held_out: int = DEFAULT_HELD_OUT) -> PointSet:
    """Return the points called `name`: "ring" or "grid".

    Each is a centre, chosen uniformly, plus `sigma` times a standard normal draw, of one fixed
    stream for each split. They are in random order, so the first `held_out` are set aside.

    Raises UsageError for another name, or unless at least one point is left to train on.
    """
    if name not in POINT_SOURCES:
        near = did_you_mean(name, POINT_SOURCES)
        raise UsageError(f"'{name}' is no set of points{near}")
    source = POINT_SOURCES[name]
    centres, sigma = _law(source)
    count = check_held_out(held_out, source.num_train)
    points, labels = _draw(source, "train", source.num_train, centres, sigma)
    test_points, test_labels = _draw(source, "test", source.num_test, centres, sigma)
    return PointSet(
        name=name,
        train=Points(
            split="train", points=points[count:], labels=labels[count:], scale=source.scale
        ),
        held_out=Points(
            split="held_out", points=points[:count], labels=labels[:count], scale=source.scale
        ),
        test=Points(split="test", points=test_points, labels=test_labels, scale=source.scale),
        centres=centres,
        sigma=sigma,
        scale=source.scale,
        digest=arrays_to_digest(
            train_points=points,
            train_labels=labels,
            test_points=test_points,
            test_labels=test_labels,
        ),
    )


def _law(source: PointSource) -> tuple[npt.NDArray[np.float64], float]:
    from ganvas.metrics import toy  # not before points are asked for: metrics may load PyTorch

    if source.name == "ring":
        return toy.ring_centres(), toy.RING_SIGMA
    return toy.grid_centres(), toy.GRID_SIGMA


def _draw(
    source: PointSource, split: str, count: int, centres: npt.NDArray[np.float64], sigma: float
) -> tuple[PointArray, LabelArray]:
    stream = numpy_stream(0, f"data.points.{source.name}.{split}")
    labels = stream.integers(0, len(centres), count)
    points = centres[labels] + sigma * stream.standard_normal((count, 2))
    return points.astype(np.float32), labels


def describe_points(points: PointSet) -> dict[str, Any]:
    """Return what there is to say about `points`, ready for JSON, as `describe` does of images."""
    names = points.class_names
    return {
        "name": points.name,
        "kind": points.kind,
        "dimensions": 2,
        "num_classes": len(names),
        "class_names": list(names),
        "centres": points.centres.tolist(),
        "sigma": points.sigma,
        "scale": points.scale,
        "splits": {
            part.split: {
                "points": len(part),
                "classes": dict(
                    zip(names, np.bincount(part.labels, minlength=len(names)).tolist(), strict=True)
                ),
            }
            for part in (points.train, points.held_out, points.test)
        },
        "digest": points.digest,
    }
