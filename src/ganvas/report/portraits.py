"""What a run's model makes: pictures between latents, classes by latents, nearest real images."""

from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from ganvas.errors import GanvasError
from ganvas.grid import COLUMNS, MOST_ROWS, images_to_grid, upscale
from ganvas.report.likeness import likeness
from ganvas.report.record import RunRecord

__all__ = ["Portrait", "portraits"]

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

    alike = likeness(record.head)
    same = alike is not None and alike.is_one_picture
    folder = record.head.path / ("model" if record.head.has_model else "best")
    if not (folder / "config.json").is_file():
        return [], ["the run has left no model yet, so no new pictures can be made"]
    found, missing = [], []
    try:
        generator = load_generator(folder)
        if generator.config.makes_points:
            return [], []
        found.append(_between(generator, same=same))
        if generator.config.class_names:
            found.append(_classes_by_latents(generator))
        if nearest:
            found.append(_nearest(record.head.path, generator, same=same))
    except GanvasError as error:
        missing.append(str(error))
    return found, missing


def _between(generator: Any, *, same: bool) -> Portrait:
    """A row for each pair of latents, in one class; in one cluster where the model has those."""
    import torch

    from ganvas.explore import walk as walks
    from ganvas.latent import latents

    config = generator.config
    noise, drawn = latents(
        config.latent,
        config.cluster_frequencies,
        seed=config.seed,
        name="sample",
        draw=0,
        count=_ROWS + 1,
    )
    share = torch.linspace(0, 1, _STEPS)
    straight = config.latent.distribution == "uniform"  # whose cube an arc would leave
    walk = walks.straight if straight else walks.spherical
    rows = [
        walk(first.expand(_STEPS, -1), last.expand(_STEPS, -1), share)
        for first, last in pairwise(noise)
    ]
    count = len(config.class_names)
    labels = None if drawn is None else drawn[:_ROWS].repeat_interleave(_STEPS, 0)
    if count:
        labels = torch.arange(_ROWS).remainder(count).repeat_interleave(_STEPS)
    images = generator.images_from(torch.cat(rows), labels)
    way = "a straight line" if straight else "an arc"
    kind = "class" if count else "cluster" if labels is not None else ""
    each = f", each row in one {kind}" if kind else ""
    if config.cluster_parts > 1:
        each += " of each channel"
    what = (
        "Here they hardly change: this generator draws one picture, whatever it is given."
        if same
        else "Where the pictures change smoothly, the generator has learnt shapes and not single "
        "images."
    )
    return Portrait(
        name="interpolation",
        title="Between two pictures",
        words=f"A latent is the list of random numbers that G makes a picture from. From left to "
        f"right in {_STEPS} pictures on {way} from one latent to another{each}. {what}",
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
        words=f"A row for each of {rows} classes, a column for each of {COLUMNS} latents: what a "
        "column has in common (slant, weight, colour) comes from the latent, the rest from the "
        "class.",
        picture=_grid(images, COLUMNS),
    )


def _nearest(run: Path, generator: Any, *, same: bool) -> Portrait:
    from ganvas.data.images import DataSet
    from ganvas.judge import judge_for
    from ganvas.judge.card import user_folders
    from ganvas.metrics.memorisation import closest_pairs
    from ganvas.provenance import trained_on
    from ganvas.real.reference import Reference

    config = generator.config
    dataset = trained_on(run, config)
    assert isinstance(dataset, DataSet), "a model of points has no portraits"
    reference = Reference(dataset, judge_for(dataset, folders=user_folders()))
    images, _ = generator.sample(_ASKED, seed=config.seed)
    seen = reference.see(images, None)
    pairs = closest_pairs(train=reference.train_features, fake=seen.features, count=_PAIRS)
    rows = np.concatenate([images[pairs.fake], dataset.train.images[pairs.train]])
    return Portrait(
        name="nearest",
        title="The samples nearest to training images",
        words=f"Above, those {_PAIRS} of {_ASKED} samples that lie nearest to one of the "
        f"{len(dataset.train):,} training images, by the judge's features; below each, that image. "
        + (
            "They are all one picture, so they say nothing of copying."
            if same
            else "Twins would mean that images were copied."
        ),
        picture=_grid(rows, _PAIRS),
    )


def _grid(images: Bytes, columns: int) -> Bytes:
    grid = images_to_grid(images, columns)
    return upscale(grid, max(1, round(_SIDE / grid.shape[1])))
