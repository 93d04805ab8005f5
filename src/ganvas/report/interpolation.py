"""Walks through a model's latent space or its classes -> pictures, in motion or as a filmstrip."""

import math
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from ganvas.errors import UsageError
from ganvas.explore.walk import through_classes, through_latents
from ganvas.files import write_png
from ganvas.grid import images_to_grid, on_white, upscale
from ganvas.latent import CHUNK, draw_labels, latents
from ganvas.model import Generator
from ganvas.model.between import between_classes
from ganvas.model.generator import BATCH
from ganvas.model.labels import class_numbers
from ganvas.report.animation import Timing, write_animation
from ganvas.rng import stream
from ganvas.settings import require

__all__ = ["STRIP_SUFFIX", "Walk", "walk_images", "write_walk"]

STRIP_SUFFIX = ".png"
"""Of a file that shows a walk as a filmstrip; the others are animations."""

_MOST_COLUMNS = 32
_MOST_SEEDS = 100
_MOST_STEPS = 240
_MOST_NUMBERS = 1 << 28  # of all images together, which are in memory at once
_SIDE, _STRIP_SIDE = 600, 900  # pixels: about how wide a frame and a filmstrip are
_COLUMNS_WITHOUT_CLASSES, _COLUMNS_OF_CLASSES = 6, 10


@dataclass(frozen=True, kw_only=True, slots=True)
class Walk:
    """Where to go. `columns` walks run side by side, `steps` images from one way point to the next.

    Column c of a walk through `seeds` goes through sample number c of each seed, as `ganvas sample`
    counts them, and keeps its class: the labels in turn, or else the model's classes in turn. A
    walk over classes keeps its latent, sample number c of the one seed, and goes through the
    labels, or else all classes. `truncation` is that of `ganvas sample`. `columns` None: one for
    each label; without labels one for each class, at most 10; without classes 6.
    """

    seeds: tuple[int, ...]
    labels: tuple[int | str, ...] = ()
    over_classes: bool = False
    columns: int | None = None
    steps: int = 24
    truncation: float = 1.0

    def __post_init__(self) -> None:
        require(1 <= len(self.seeds) <= _MOST_SEEDS, "seeds", "1 to 100 of them", len(self.seeds))
        least, most = min(self.seeds), max(self.seeds)
        require(least >= 0, "a seed", "from 0 to 2**63 - 1", least)
        require(most < 2**63, "a seed", "from 0 to 2**63 - 1", most)
        if self.over_classes:
            require(len(self.seeds) == 1, "seeds of a walk over classes", "one", len(self.seeds))
            require(len(self.labels) != 1, "labels of a walk over classes", "two or more", 1)
        else:
            require(len(self.seeds) > 1, "seeds of a walk", "two or more", len(self.seeds))
        require(1 <= self.steps <= _MOST_STEPS, "steps", "1 to 240", self.steps)
        columns = self.columns or 1
        require(1 <= columns <= _MOST_COLUMNS, "columns", "1 to 32", self.columns)
        require(0 < self.truncation <= 1, "truncation", "above 0, at most 1", self.truncation)


def walk_images(generator: Generator, walk: Walk) -> np.ndarray:
    """Return the images of a walk, uint8 (places, columns, C, H, W).

    At each way point they are those of `ganvas sample`, to the last bit. Raises UsageError for
    labels that the model does not have, a walk over the classes of a model without, a model of
    points, and more images than fit into memory.
    """
    config = generator.config
    if config.makes_points:
        raise UsageError("this model makes points, not pictures; `ganvas sample` draws them")
    names = config.class_names
    if walk.over_classes and len(names) < 2:
        raise UsageError("this model has no classes to walk over; walk through --seeds")
    asked = class_numbers(list(walk.labels), len(walk.labels), names) if walk.labels else None
    known = list(range(len(names))) if asked is None else asked.tolist()
    columns = walk.columns or _columns(walk, len(known))
    way_points = len(known) if walk.over_classes else len(walk.seeds)
    places = 1 + (way_points - 1) * walk.steps
    numbers = places * columns * config.image.channels * config.image.height * config.image.width
    require(
        numbers <= _MOST_NUMBERS,
        "the images of the walk",
        f"at most {_MOST_NUMBERS:,} numbers",
        numbers,
        "take fewer --frames, --columns or way points",
    )
    # (way points, columns, size): sample number c of each seed.
    points = torch.stack([_first_samples(generator, seed, columns) for seed in walk.seeds])
    if walk.over_classes:
        noise = points.expand(places, -1, -1)
        start, end, share = (
            x[:, None].expand(-1, columns) for x in through_classes(known, walk.steps)
        )
        return _make(generator, noise * walk.truncation, start, (end, share))
    ways = [through_latents(config.latent, points[:, c], walk.steps) for c in range(columns)]
    noise = torch.stack(ways, 1) * walk.truncation
    if config.cluster_frequencies:  # each sample has its own, so the walk goes through them, too
        drawn = torch.stack([_first_clusters(generator, seed, columns) for seed in walk.seeds])
        through = [through_classes(drawn[:, c].tolist(), walk.steps) for c in range(columns)]
        start, end, share = (torch.stack(part, 1) for part in zip(*through, strict=True))
        return _make(generator, noise, start, (end, share))
    labels = torch.tensor([known[c % len(known)] for c in range(columns)]) if known else None
    return _make(generator, noise, None if labels is None else labels.expand(places, -1), None)


def write_walk(path: Path, images: np.ndarray, timing: Timing) -> None:
    """Write images of a walk, uint8 (places, columns, C, H, W), by the suffix of `path`.

    .png is a filmstrip, a row for each walk; the rest is what `write_animation` writes, with the
    walks side by side and the first and the last place held. Raises what that raises.
    """
    if path.suffix.lower() == STRIP_SUFFIX:
        rows = images.swapaxes(0, 1).reshape(-1, *images.shape[2:])
        strip = images_to_grid(rows, len(images))
        write_png(path, upscale(strip, max(1, round(_STRIP_SIDE / strip.shape[1]))))
        return
    frames = [on_white(images_to_grid(row, len(row))) for row in images]
    room = math.isqrt(_MOST_NUMBERS // (len(frames) * frames[0].size))  # many frames stay small
    factor = max(1, min(round(_SIDE / frames[0].shape[1]), room))
    write_animation(path, [upscale(frame, factor) for frame in frames], timing)


def _columns(walk: Walk, num_known: int) -> int:
    if walk.over_classes or not num_known:
        return _COLUMNS_WITHOUT_CLASSES
    return min(num_known, _MOST_COLUMNS if walk.labels else _COLUMNS_OF_CLASSES)


def _first_samples(generator: Generator, seed: int, count: int) -> Tensor:
    """Return the noise (count, size) of the first samples of a seed, those of `ganvas sample`."""
    noise, _ = latents(generator.config.latent, (), seed=seed, name="sample", draw=0, count=CHUNK)
    return noise[:count]


def _first_clusters(generator: Generator, seed: int, count: int) -> Tensor:
    """Return the clusters int64 (count,), or (count, P) of P parts, of a seed's first samples."""
    shares = generator.config.cluster_frequencies
    return draw_labels(shares, CHUNK, stream(seed, "sample.labels", 0))[:count]


def _make(
    generator: Generator,
    noise: Tensor,
    labels: Tensor | None,
    towards: tuple[Tensor, Tensor] | None,
) -> np.ndarray:
    """Return the images (places, columns, C, H, W) of noise (places, columns, size) and classes.

    Always as many at once as sampling makes, the last ones repeated: kernels of another size round
    otherwise.
    """
    shape = noise.shape[:2]
    flat = noise.reshape(-1, noise.shape[2])
    made = []
    for first in range(0, len(flat), BATCH):
        rows = torch.arange(first, first + BATCH).clamp(max=len(flat) - 1)
        blend: AbstractContextManager[None] = nullcontext()
        if towards is not None:
            others, shares = (part.flatten(0, 1)[rows] for part in towards)
            blend = between_classes(generator.network, others, shares)
        with blend:
            part = generator.images_from(
                flat[rows], None if labels is None else labels.flatten(0, 1)[rows]
            )
        made.append(part[: len(flat) - first])
    images = np.concatenate(made)
    return images.reshape(*shape, *images.shape[1:])
