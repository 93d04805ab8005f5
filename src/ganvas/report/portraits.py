"""What a run's model makes: pictures between latents, classes by latents, nearest real images."""

import math
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from ganvas.errors import GanvasError
from ganvas.grid import COLUMNS, MOST_ROWS, images_to_grid, upscale
from ganvas.report.record import RunRecord

__all__ = ["Portrait", "portraits", "spherical"]

_STEPS = 9  # pictures from one latent to the next, both ends counted
_ROWS = 5
_PAIRS = 10
_ASKED = 500  # samples among which the nearest to training images are sought
_SIDE = 900  # pixels

Bytes = npt.NDArray[np.uint8]


@dataclass(frozen=True, kw_only=True, eq=False)
class Portrait:
    """A picture uint8 (H, W, C) with its name for files, its title and a line on what it shows."""

    name: str
    title: str
    words: str
    picture: Bytes


def portraits(record: RunRecord, *, nearest: bool) -> tuple[list[Portrait], list[str]]:
    """Return the pictures that the run's model can make, and why others are missing.

    The model is the last one, `model/`, else that in `best/`. With `nearest`, its samples are set
    above the training images nearest to them, for which the data must be found again.
    """
    from ganvas.model import load_generator

    folder = record.head.path / ("model" if record.head.has_model else "best")
    if not (folder / "config.json").is_file():
        return [], ["the run has left no model yet, so no new pictures can be made"]
    found, missing = [], []
    try:
        generator = load_generator(folder)
        if generator.config.makes_points:
            return [], []
        found.append(_between(generator))
        if generator.config.class_names:
            found.append(_classes_by_latents(generator))
        if nearest:
            found.append(_nearest(record.head.path, generator))
    except GanvasError as error:
        missing.append(str(error))
    return found, missing


def spherical(first: Any, last: Any, steps: int) -> Any:
    """Return `steps` latents (steps, size) on the arc from `first` to `last`, both (size,).

    sin((1 - t) w) / sin w * first + sin(t w) / sin w * last, w the angle between them: the lengths
    on the way stay those of latents, which on a straight line they do not. For latents in one or
    in opposite directions, the straight line.
    """
    import torch

    t = torch.linspace(0, 1, steps, dtype=torch.float64)[:, None]
    a, b = first.double(), last.double()
    length = float(a.norm() * b.norm())
    cosine = float(a @ b) / length if length else 1.0
    angle = math.acos(min(1.0, max(-1.0, cosine)))
    if math.sin(angle) < 1e-6:
        return ((1 - t) * a + t * b).float()
    weights = torch.sin((1 - t) * angle), torch.sin(t * angle)
    return ((weights[0] * a + weights[1] * b) / math.sin(angle)).float()


def _between(generator: Any) -> Portrait:
    """A row for each pair of latents; of a conditional model a class for each row."""
    import torch

    from ganvas.latent import latents

    config = generator.config
    noise, _ = latents(config.latent, (), seed=config.seed, name="sample", draw=0, count=_ROWS + 1)
    straight = config.latent.distribution == "uniform"  # whose cube an arc would leave
    t = torch.linspace(0, 1, _STEPS)[:, None]
    rows = [
        (1 - t) * first + t * last if straight else spherical(first, last, _STEPS)
        for first, last in pairwise(noise)
    ]
    count = len(config.class_names)
    labels = None
    if count:
        labels = torch.arange(_ROWS).remainder(count).repeat_interleave(_STEPS)
    images = generator.images_from(torch.cat(rows), labels)
    way = "a straight line" if straight else "an arc"
    each = ", each row in one class" if count else ""
    return Portrait(
        name="interpolation",
        title="Between two pictures",
        words=f"From left to right on {way} from one random latent to the next{each}. Where the "
        "pictures change smoothly, the generator has learnt shapes and not single images.",
        picture=_grid(images, _STEPS),
    )


def _classes_by_latents(generator: Any) -> Portrait:
    import torch

    from ganvas.latent import latents

    config = generator.config
    rows = min(len(config.class_names), MOST_ROWS)
    noise, _ = latents(config.latent, (), seed=config.seed, name="sample", draw=0, count=COLUMNS)
    images = generator.images_from(
        noise.repeat(rows, 1), torch.arange(rows).repeat_interleave(COLUMNS)
    )
    return Portrait(
        name="classes-by-latents",
        title="Each class, by the same latents",
        words="A row for each class, a column for each latent: what a column has in common (slant, "
        "weight, colour) comes from the latent, the rest from the class.",
        picture=_grid(images, COLUMNS),
    )


def _nearest(run: Path, generator: Any) -> Portrait:
    from ganvas.data.images import DataSet
    from ganvas.data.request import reload
    from ganvas.judge import judge_for
    from ganvas.judge.card import user_folders
    from ganvas.metrics.memorisation import closest_pairs
    from ganvas.real.reference import Reference
    from ganvas.runlog import RunDirectory

    config = generator.config
    noted = RunDirectory(run).read_environment()
    dataset = reload(noted, config.data, held_out=config.held_out)
    if not isinstance(dataset, DataSet) or dataset.digest != config.data_digest:
        raise GanvasError(
            f"{dataset.name} is no longer what the run was trained on: no nearest training images"
        )
    reference = Reference(dataset, judge_for(dataset, folders=user_folders()))
    images, _ = generator.sample(_ASKED, seed=config.seed)
    seen = reference.see(images, None)
    pairs = closest_pairs(train=reference.train_features, fake=seen.features, count=_PAIRS)
    rows = np.concatenate([images[pairs.fake], dataset.train.images[pairs.train]])
    return Portrait(
        name="nearest",
        title="The samples nearest to training images",
        words=f"Above, the {_PAIRS} of {_ASKED} samples that lie nearest to a training image in "
        f"the judge's eyes; below each, that image. Twins would mean that images were copied.",
        picture=_grid(rows, _PAIRS),
    )


def _grid(images: Bytes, columns: int) -> Bytes:
    grid = images_to_grid(images, columns)
    return upscale(grid, max(1, round(_SIDE / grid.shape[1])))
