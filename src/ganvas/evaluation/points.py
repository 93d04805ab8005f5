"""Points a generator made and the law they should follow -> figures, each beside the real one.

No judge is needed: the modes are known, and a point's distance to them is its quality.
"""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

import numpy as np

from ganvas.data.points import PointSet
from ganvas.errors import UsageError, did_you_mean
from ganvas.evaluation.table import POINT_METRICS
from ganvas.metrics.toy import ToyModes, toy_modes
from ganvas.model import Generator
from ganvas.settings import require

__all__ = ["POINT_SAMPLES", "evaluate_points", "look_at_points", "sample_points"]

POINT_SAMPLES = 2_500
"""Points that are measured where no other number is asked for: PacGAN's (arXiv 1712.04086)."""


def sample_points(
    generator: Generator, dataset: PointSet, *, samples: int, seed: int
) -> np.ndarray:
    """Return points float32 (samples, 2) of a generator of points.

    Raises UsageError for a generator of images.
    """
    if not generator.config.makes_points:
        raise UsageError(f"this model makes images, and {dataset.name} holds points")
    points, _ = generator.sample(samples, seed=seed)
    return points


def evaluate_points(
    points: np.ndarray,
    dataset: PointSet,
    *,
    seed: int = 0,
    metrics: Sequence[str] | None = None,
) -> dict[str, Any]:
    """Return the figures of points, floating (N, 2), as `ganvas eval --json` prints them.

    modes         how many of the law's modes have a point within three standard deviations
    high_quality  the share of points that lie so near a mode

    `real` are the same of the first N test points, or of all there are; the law's own share is
    0.9889, so no value above is better. `seed` is only noted. In the place of a judge stands the
    law, with the data's digest. See `ganvas.metrics.toy`.

    Raises UsageError for other figures, other shapes and fewer points than modes; DataError for
    points that are not finite.
    """
    require(len(points) >= 1, "the number of points", "1 or more", len(points))
    for name in metrics or ():
        if name not in POINT_METRICS:
            raise UsageError(f"no figure '{name}' of points{did_you_mean(name, POINT_METRICS)}")
    real = dataset.test.points[: len(points)]
    found, beside = _modes(points, dataset), _modes(real, dataset)
    figures = {
        "modes": (found.found, beside.found, {"of": found.modes}),
        "high_quality": (found.high_quality, beside.high_quality, {}),
    }
    return {
        "data": dataset.name,
        "split": dataset.test.split,
        "judge": {"name": "law", "digest": dataset.digest, "kind": "law"},
        "samples": len(points),
        "real_samples": len(real),
        "seed": seed,
        "metrics": {
            name: {
                "value": value,
                "real": real_value,
                "higher_is_better": POINT_METRICS[name].higher_is_better,
                **detail,
            }
            for name, (value, real_value, detail) in figures.items()
            if not metrics or name in metrics
        },
        "left_out": {},
    }


def look_at_points(
    generator: Generator, dataset: PointSet, *, samples: int, seed: int
) -> dict[str, Any]:
    """Return what a look on the way of a run finds: `found` of `modes`, `high_quality`, how."""
    points = sample_points(generator, dataset, samples=samples, seed=seed)
    return {**asdict(_modes(points, dataset)), "samples": samples, "seed": seed}


def _modes(points: np.ndarray, dataset: PointSet) -> ToyModes:
    return toy_modes(centres=dataset.centres, sigma=dataset.sigma, fake=points)
