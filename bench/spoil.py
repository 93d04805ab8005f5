"""Ways to spoil a training on purpose, for the sabotage suite: data, networks, mishaps.

Each takes a plain description from bench/sabotage.json. They reach into a run from outside, as a
mistake would; nothing of ganvas knows of them.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from functools import partial
from typing import Any
from unittest.mock import patch

import numpy as np
import torch
from torch import Tensor, nn

from ganvas import assembly, data
from ganvas.data.images import DataSet
from ganvas.data.request import names_points, to_data
from ganvas.nets import make_discriminator, make_generator
from ganvas.training import Training

__all__ = ["spoiled_data", "spoiling"]

_HELD_OUT = 5_000


def spoiled_data(described: Mapping[str, Any]) -> Any:
    """Return the data set of a case: `name`, and how it is changed, if it is."""
    name = described.get("name", "mnist")
    if names_points(name):
        return to_data(name)
    dataset = data.load(name, held_out=_HELD_OUT)
    change = described.get("change")
    if change is None:
        return dataset
    return {"few": _few, "one_class": _one_class, "shuffle_labels": _shuffle}[change](
        dataset, described
    )


def _few(dataset: DataSet, described: Mapping[str, Any]) -> DataSet:
    count, held_out = described["count"], 200
    return _of(dataset, np.arange(count + held_out), held_out=held_out)


def _one_class(dataset: DataSet, described: Mapping[str, Any]) -> DataSet:
    labels = dataset.train.labels
    assert labels is not None
    first = np.flatnonzero(labels == 0)
    others = np.flatnonzero(labels != 0)
    share = described["share"]
    kept = others[: round(len(first) * (1 - share) / share)]
    return _of(dataset, np.concatenate([first, kept]), held_out=1_000)


def _shuffle(dataset: DataSet, described: Mapping[str, Any]) -> DataSet:
    rows = np.arange(20_000)
    shuffled = np.random.default_rng(0).permutation(len(rows))
    return _of(dataset, rows, held_out=1_000, label_rows=rows[shuffled])


def _of(
    dataset: DataSet, rows: np.ndarray, *, held_out: int, label_rows: np.ndarray | None = None
) -> DataSet:
    """Return some training images as a data set of the same name, whose judge still knows it."""
    labels = dataset.train.labels
    assert labels is not None
    images = dataset.train.take(np.sort(rows)).transpose(0, 2, 3, 1)
    return data.from_arrays(
        images,
        labels[np.sort(rows) if label_rows is None else label_rows],
        held_out=held_out,
        class_names=dataset.class_names,
        name=dataset.name,
    )


def spoiling(described: Mapping[str, Any] | None) -> AbstractContextManager[Any]:
    """Let what is described happen to every training that is made inside."""
    if described is None:
        return nullcontext()
    if described["what"] == "no_norms":
        return _without_norms()
    return (_making if described["what"] in _NETWORKS else _advancing)(described)


class _Spoiled(nn.Module):
    """A generator with something done to its input or output."""

    def __init__(self, network: nn.Module, described: Mapping[str, Any]) -> None:
        super().__init__()
        self.network = network
        self._described = described

    def forward(self, noise: Tensor, labels: Tensor | None = None) -> Tensor:
        described = self._described
        if described["what"] == "deaf_to_noise":
            noise = noise * 0.01
        if described["what"] == "drop_class" and labels is not None:
            wanted = described["label"]
            labels = torch.where(
                labels == wanted, torch.full_like(labels, (wanted + 1) % 10), labels
            )
        images: Tensor = self.network(noise, labels)
        if described["what"] == "sigmoid_output":
            images = (images + 1) / 2
        if described["what"] == "scaled_output":
            images = (images * described["by"]).clamp(-1, 1)
        if described["what"] == "noisy_output":
            # A fixed checkerboard rather than chance, which belongs to nobody here.
            height, width = images.shape[-2:]
            board = (torch.arange(height)[:, None] + torch.arange(width)) % 2 * 2 - 1
            images = (images + board.to(images) * described["deviation"]).clamp(-1, 1)
        return images


_NETWORKS = frozenset("deaf_to_noise drop_class sigmoid_output scaled_output noisy_output".split())


@contextmanager
def _without_norms() -> Iterator[None]:
    """Let both networks be made without their batch norms."""
    with (
        patch.object(assembly, "make_generator", partial(_strip, make_generator)),
        patch.object(assembly, "make_discriminator", partial(_strip, make_discriminator)),
    ):
        yield


def _strip(make: Callable[..., nn.Module], *arguments: Any, **options: Any) -> nn.Module:
    network = make(*arguments, **options)
    for name, part in list(network.named_modules()):
        if isinstance(part, nn.BatchNorm1d | nn.BatchNorm2d):
            holder, _, own = name.rpartition(".")
            setattr(network.get_submodule(holder), own, nn.Identity())
    return network


def _making(described: Mapping[str, Any]) -> AbstractContextManager[Any]:
    def make(*arguments: Any, **options: Any) -> nn.Module:
        return _Spoiled(make_generator(*arguments, **options), described)

    return patch.object(assembly, "make_generator", make)


def _advancing(described: Mapping[str, Any]) -> AbstractContextManager[Any]:
    plain = Training.advance

    def advance(training: Training) -> None:
        plain(training)
        if training.images >= described["after"] * training.total_images:
            _befall(training, described)

    return patch.object(Training, "advance", advance)


@torch.no_grad()
def _befall(training: Training, described: Mapping[str, Any]) -> None:
    """Do to a network what is described, once or from now on."""
    step = training.step
    network = getattr(step, described["network"])
    weights = list(network.parameters())
    done = getattr(training, "befallen", False)
    training.befallen = True  # type: ignore[attr-defined]
    if described["what"] == "freeze":
        for name, optimizer in step.optimizers.items():
            for group in optimizer.param_groups if name.startswith(described["network"]) else ():
                group["base_lr"] = group["lr"] = 0.0
    elif described["what"] == "nan" and not done:
        weights[0][(0,) * weights[0].ndim] = float("nan")
    elif described["what"] == "shake" and not done:
        for weight in weights:
            weight.mul_(-1)
