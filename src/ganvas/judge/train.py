"""Trains a judge: a classifier of a labelled data set, exactly repeatable for (seed, threads)."""

import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from ganvas.data.images import DataSet, ImageArray, Images, LabelArray
from ganvas.errors import DataError, GanvasError, UsageError
from ganvas.judge.architecture import Architecture
from ganvas.judge.distort import distort
from ganvas.judge.network import JudgeNetwork, initialise
from ganvas.judge.store import save_judge
from ganvas.rng import stream
from ganvas.settings import require

__all__ = [
    "EpochReport",
    "Progress",
    "count_correct",
    "make_judge",
    "predict_classes",
    "train_judge",
]

_EPOCHS = 10
_BATCH_SIZE = 128
_PEAK_LEARNING_RATE = 4e-3
_WEIGHT_DECAY = 0.02
_WARM_UP = 0.2  # share of the updates over which the learning rate rises


@dataclass(frozen=True, kw_only=True, slots=True)
class EpochReport:
    """What one pass over the training images did; `held_out_correct` counts right classes."""

    epoch: int
    epochs: int
    loss: float
    held_out_correct: int
    held_out_count: int


Progress = Callable[[EpochReport], None]


def train_judge(
    *,
    train: Images,
    held_out: Images,
    num_classes: int | None = None,
    seed: int = 0,
    epochs: int = _EPOCHS,
    distortion: float = 1.0,
    mirror: bool = False,
    threads: int = 2,
    progress: Progress | None = None,
) -> tuple[JudgeNetwork, list[EpochReport]]:
    """Train a judge on `train` and return it in evaluation mode with a report per epoch.

    AdamW under a one-cycle learning rate (cosine up, cosine down to 0) and cross-entropy on
    randomly turned, stretched, slanted and shifted pictures, `distortion` (0..1) of the full
    extent; mirrored only when asked, as mirrored digits are other signs. `held_out` (may be
    empty) is only counted for the reports: nothing is chosen by it. The result is a function of
    the arguments alone, `threads` included.

    Raises UsageError for unlabelled or unfit data, DataError for labels outside 0..K-1.
    """
    labels = _labels_of(train, "training")
    if len(labels) < 2:
        raise UsageError(f"judge training needs 2 images or more, got {len(labels)}")
    require(0 <= distortion <= 1, "distortion", "from 0 to 1", distortion)
    require(epochs >= 1, "epochs", "1 or more", epochs)
    if num_classes is None:
        num_classes = int(labels.max()) + 1
    if labels.min() < 0 or labels.max() >= num_classes:
        raise DataError(
            f"judge training: labels must be 0..{num_classes - 1}, "
            f"found {labels.min()}..{labels.max()}"
        )
    _, channels, height, width = train.images.shape
    architecture = Architecture(
        channels=channels, height=height, width=width, num_classes=num_classes
    )
    with _threads(threads):
        network = initialise(architecture, stream(seed, "judge.initialise"))
        _set_pixel_statistics(network, train.images)
        history = []
        change = partial(distort, strength=distortion, mirror=mirror)
        for report in _epochs(network, train.images, labels, held_out, seed, epochs, change):
            history.append(report)
            if progress is not None:
                progress(report)
    return network.eval(), history


def make_judge(
    dataset: DataSet,
    *,
    seed: int = 0,
    threads: int = 2,
    out: Path,
    command: str,
    epochs: int = _EPOCHS,
    distortion: float = 1.0,
    mirror: bool = False,
    progress: Progress | None = None,
) -> Path:
    """Train a judge on the training split of `dataset`, write it to the folder `out`, return `out`.

    Its accuracy is counted on the test split, else on the held-out one where there is any.
    `command` is what the user typed, for the card. `out` is written whole or not at all.

    Raises UsageError for unlabelled data, GanvasError when `out` cannot be written.
    """
    try:  # before the minutes of training, not after
        out.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise GanvasError(f"cannot make the folder {out.parent}: {error.strerror}") from None
    network, _ = train_judge(
        train=dataset.train,
        held_out=dataset.held_out,
        num_classes=dataset.num_classes,
        seed=seed,
        epochs=epochs,
        distortion=distortion,
        mirror=mirror,
        threads=threads,
        progress=progress,
    )
    return save_judge(
        out,
        network,
        name=dataset.name,
        class_names=dataset.class_names,
        data=_said_of(dataset),
        training={
            "seed": seed,
            "threads": threads,
            "epochs": epochs,
            "distortion": distortion,
            "mirror": mirror,
        },
        accuracy=_accuracy(network, dataset),
        command=command,
    )


def _said_of(dataset: DataSet) -> dict[str, Any]:
    """Return what the card says of the data that a judge was trained on."""
    return {
        "name": dataset.name,
        "digest": dataset.digest,
        "split": dataset.train.split,
        "images": len(dataset.train),
        "licence": dataset.licence,
    }


def _accuracy(network: JudgeNetwork, dataset: DataSet) -> dict[str, Any] | None:
    """Return what was classed rightly of the test or held-out images; None without any."""
    measured = dataset.test if dataset.test is not None else dataset.held_out
    if not len(measured):
        return None
    return {
        "split": measured.split,
        "correct": count_correct(network, measured),
        "count": len(measured),
    }


def count_correct(network: JudgeNetwork, split: Images) -> int:
    """Return how many of the split's images the network, in evaluation mode, classes rightly."""
    labels = _labels_of(split, "evaluation")
    return int((predict_classes(network, split.images) == labels).sum())


def predict_classes(network: JudgeNetwork, images: ImageArray, batch_size: int = 500) -> LabelArray:
    """Return the most likely class of images uint8 (N, C, H, W), int64 (N,)."""
    network.eval()
    found = np.empty(len(images), np.int64)
    with torch.inference_mode():
        for start in range(0, len(images), batch_size):
            rows = slice(start, start + batch_size)
            found[rows] = network(_to_pixels(images[rows])).argmax(1).numpy()
    return found


def _epochs(
    network: JudgeNetwork,
    images: ImageArray,
    labels: LabelArray,
    held_out: Images,
    seed: int,
    epochs: int,
    change: Callable[[Tensor, torch.Generator], Tensor],
) -> Iterator[EpochReport]:
    batch_size = min(_BATCH_SIZE, len(images))
    updates = len(images) // batch_size  # a rest is left out: each epoch another one
    decayed = [p for p in network.parameters() if p.dim() > 1]
    others = [p for p in network.parameters() if p.dim() <= 1]
    groups: list[dict[str, Any]] = [
        {"params": decayed, "weight_decay": _WEIGHT_DECAY},
        {"params": others, "weight_decay": 0.0},
    ]
    optimizer = torch.optim.AdamW(groups, fused=True)
    targets = torch.from_numpy(np.ascontiguousarray(labels, dtype=np.int64))
    for epoch in range(epochs):
        network.train()
        order = torch.randperm(len(images), generator=stream(seed, "judge.order", epoch)).numpy()
        total = torch.zeros((), dtype=torch.float64)
        for update in range(updates):
            position = epoch * updates + update
            rows = order[update * batch_size : (update + 1) * batch_size]
            pixels = change(_to_pixels(images[rows]), stream(seed, "judge.distort", position))
            loss = functional.cross_entropy(network(pixels), targets[rows])
            optimizer.zero_grad()
            loss.backward()
            for group in optimizer.param_groups:
                group["lr"] = _learning_rate((position + 1) / (epochs * updates))
            optimizer.step()
            total += loss.detach().double()
        yield EpochReport(
            epoch=epoch + 1,
            epochs=epochs,
            loss=float(total) / updates,
            held_out_correct=count_correct(network, held_out),
            held_out_count=len(held_out.images),
        )


def _learning_rate(done: float) -> float:
    if done < _WARM_UP:
        share = 0.5 - 0.5 * math.cos(math.pi * done / _WARM_UP)
        return _PEAK_LEARNING_RATE * (0.04 + 0.96 * share)
    return _PEAK_LEARNING_RATE * (
        0.5 + 0.5 * math.cos(math.pi * (done - _WARM_UP) / (1.0 - _WARM_UP))
    )


def _to_pixels(images: ImageArray) -> Tensor:
    pixels = torch.from_numpy(images.astype(np.float32))  # a copy: `images` may be read-only
    return pixels.contiguous(memory_format=torch.channels_last)


def _set_pixel_statistics(network: JudgeNetwork, images: ImageArray) -> None:
    # From counts of the 256 values: exact, and needs no float copy of the images.
    values = np.arange(256, dtype=np.float64)
    for channel in range(images.shape[1]):
        counts = np.bincount(images[:, channel].ravel(), minlength=256)
        mean = float(counts @ values) / float(counts.sum())
        variance = float(counts @ (values - mean) ** 2) / float(counts.sum())
        network.pixel_mean[channel] = mean
        network.pixel_std[channel] = max(variance**0.5, 1.0)


def _labels_of(split: Images, what: str) -> LabelArray:
    if split.images.dtype != np.uint8 or split.images.ndim != 4:
        raise UsageError(
            f"judge {what} images must be uint8 of shape (N, C, H, W), "
            f"got {split.images.dtype} {split.images.shape}"
        )
    if split.labels is None or split.labels.shape != (len(split.images),):
        raise UsageError(f"judge {what} needs one label per image; choose a labelled data set")
    return split.labels


@contextmanager
def _threads(threads: int) -> Iterator[None]:
    if threads < 1:
        raise UsageError(f"threads must be 1 or more, got {threads}")
    before = torch.get_num_threads()
    torch.set_num_threads(threads)
    try:
        yield
    finally:
        torch.set_num_threads(before)
