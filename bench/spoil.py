"""Ways to spoil a training on purpose, for the sabotage suite: its networks, feed and course.

Each takes a plain description from the cases' files. They reach into a run from outside, as a
mistake would; nothing of ganvas knows of them. What has `after` begins at that fraction of the run.
"""

import math
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import replace
from functools import partial
from typing import Any
from unittest.mock import patch

import numpy as np
import torch
from torch import Tensor, nn

from ganvas import assembly
from ganvas.batch import Batch
from ganvas.nets import make_discriminator, make_generator
from ganvas.procedure import Update
from ganvas.training import Training

__all__ = ["spoiling"]

_Described = Mapping[str, Any]


def spoiling(described: _Described | None) -> AbstractContextManager[Any]:
    """Let what is described happen to every training that is made inside."""
    if described is None:
        return nullcontext()
    if described["what"] == "no_norms":
        return _without_norms()
    return (_making if described["what"] in _OF_NETWORKS else _advancing)(described)


class _Spoiled(nn.Module):
    """A generator with something done to its input or output, once it has `begun`."""

    def __init__(self, network: nn.Module, described: _Described) -> None:
        super().__init__()
        self.network = network
        self.begun = "after" not in described
        self._described = described

    def forward(self, noise: Tensor, labels: Tensor | None = None) -> Tensor:
        what = self._described["what"] if self.begun else None
        if what in _OF_INPUT:
            noise, labels = _OF_INPUT[what](noise, labels, self._described)
        images: Tensor = self.network(noise, labels)
        return _OF_OUTPUT[what](images, self._described) if what in _OF_OUTPUT else images


def _deaf_to_noise(
    noise: Tensor, labels: Tensor | None, described: _Described
) -> tuple[Tensor, Tensor | None]:
    """Let next to nothing of the noise through; where a `label` is named, for that class alone."""
    if "label" not in described:
        return noise * 0.01, labels
    assert labels is not None
    return torch.where((labels == described["label"])[:, None], noise * 0.01, noise), labels


def _deaf_to_labels(
    noise: Tensor, labels: Tensor | None, described: _Described
) -> tuple[Tensor, Tensor | None]:
    return noise, None if labels is None else torch.zeros_like(labels)


def _drop_class(
    noise: Tensor, labels: Tensor | None, described: _Described
) -> tuple[Tensor, Tensor | None]:
    """Draw the class after `label` in its place."""
    if labels is None:
        return noise, labels
    wanted = described["label"]
    return noise, torch.where(labels == wanted, torch.full_like(labels, (wanted + 1) % 10), labels)


def _noisy_output(images: Tensor, described: _Described) -> Tensor:
    """Add a fixed checkerboard rather than chance, which belongs to nobody here."""
    height, width = images.shape[-2:]
    board = (torch.arange(height)[:, None] + torch.arange(width)) % 2 * 2 - 1
    deviation: float = described["deviation"]
    return (images + board.to(images) * deviation).clamp(-1, 1)


def _patched_output(images: Tensor, described: _Described) -> Tensor:
    """Leave a square of `side` pixels white in the first corner."""
    corner = torch.zeros(images.shape[-2:], dtype=torch.bool, device=images.device)
    corner[: described["side"], : described["side"]] = True
    return images.masked_fill(corner, 1.0)


def _pass_back(images: Tensor, described: _Described) -> Tensor:
    """Multiply the gradient that comes back `by`: -1 is a wrong sign, 0 a graph that was cut."""
    by: float = described["by"]
    return images.detach() + by * (images - images.detach())


_OF_INPUT: dict[Any, Callable[..., tuple[Tensor, Tensor | None]]] = {
    "deaf_to_noise": _deaf_to_noise,
    "deaf_to_labels": _deaf_to_labels,
    "drop_class": _drop_class,
}
_OF_OUTPUT: dict[Any, Callable[[Tensor, _Described], Tensor]] = {
    "sigmoid_output": lambda images, described: (images + 1) / 2,
    "scaled_output": lambda images, described: (images * described["by"]).clamp(-1, 1),
    "noisy_output": _noisy_output,
    "patched_output": _patched_output,
    "scaled_gradient": _pass_back,
}
_OF_NETWORKS = _OF_INPUT.keys() | _OF_OUTPUT.keys()


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


@contextmanager
def _making(described: _Described) -> Iterator[None]:
    def make(*arguments: Any, **options: Any) -> nn.Module:
        return _Spoiled(make_generator(*arguments, **options), described)

    later = _advancing(described) if "after" in described else nullcontext()
    with patch.object(assembly, "make_generator", make), later:
        yield


def _advancing(described: _Described) -> AbstractContextManager[Any]:
    """Let it happen after the first update past `after`, and again `every` so many images."""
    plain = Training.advance
    mishap = _MISHAPS.get(described["what"], _begin)

    def advance(training: Training) -> None:
        plain(training)
        times = getattr(training, "mishaps", 0)
        due = described["after"] * training.total_images
        if times:
            due += times * described.get("every", math.inf)
        if training.images >= due:
            training.mishaps = times + 1  # type: ignore[attr-defined]
            mishap(training, described)

    return patch.object(Training, "advance", advance)


def _begin(training: Training, described: _Described) -> None:
    """Let a generator that was sound so far be spoiled, and its average with it."""
    for network in (training.step.generator, training.step.average.average):
        assert isinstance(network, _Spoiled)
        network.begun = True


def _change_rate(training: Training, described: _Described) -> None:
    """Multiply the learning rate of `network`, or of both, `by`; by 0 if nothing is said."""
    for name, optimizer in training.step.optimizers.items():
        if name.startswith(described.get("network", "")):
            for group in optimizer.param_groups:
                for rate in ("base_lr", "lr"):
                    group[rate] *= described.get("by", 0.0)


@torch.no_grad()
def _scale_weights(training: Training, described: _Described) -> None:
    """Multiply the weights of `network` `by`, by -1 if nothing is said; or only its `last` ones."""
    weights = list(getattr(training.step, described["network"]).parameters())
    for weight in weights[-described.get("last", 0) :]:
        weight.mul_(described.get("by", -1.0))


@torch.no_grad()
def _shift_biases(training: Training, described: _Described) -> None:
    """Add `by` to every bias of `network`: a ReLU behind a very negative one is dead."""
    for name, weight in getattr(training.step, described["network"]).named_parameters():
        if name.endswith("bias"):
            weight.add_(described["by"])


@torch.no_grad()
def _break_weight(training: Training, described: _Described) -> None:
    weight = next(getattr(training.step, described["network"]).parameters())
    weight[(0,) * weight.ndim] = math.nan


def _break_moment(training: Training, described: _Described) -> None:
    """Plant a NaN in what the optimiser of `network` keeps of its first weight."""
    optimizer = training.step.optimizers[described["network"]]
    moment = optimizer.state[optimizer.param_groups[0]["params"][0]]["exp_avg_sq"]
    moment[(0,) * moment.ndim] = math.nan


def _break_batch(training: Training, described: _Described) -> None:
    """Plant a NaN in the noise of the next batch."""
    feed = training.feed
    plain = feed.fetch

    def fetch(update: Update) -> Batch:
        feed.fetch = plain  # type: ignore[method-assign]
        batch = plain(update)
        batch.noise[0, 0] = math.nan
        return batch

    feed.fetch = fetch  # type: ignore[method-assign]


def _repeat_batch(training: Training, described: _Described) -> None:
    """Show the first batch of real images again and again, as a reader that is made anew does."""
    feed = training.feed
    plain = feed._real_rows
    feed._real_rows = lambda rows: plain(replace(rows, draw=0))  # type: ignore[method-assign]


def _show_some(training: Training, described: _Described) -> None:
    """Show real images of the classes `labels` alone, as a faulty sampler does."""
    feed, labels = training.feed, training.dataset.train.labels
    assert labels is not None
    plain = feed._real_rows
    shown = torch.from_numpy(np.flatnonzero(np.isin(labels, described["labels"])))
    feed._real_rows = lambda rows: shown[plain(rows) % len(shown)]  # type: ignore[method-assign]


def _begin_anew(training: Training, described: _Described) -> None:
    training.restart(described["network"], training.images)


_MISHAPS: dict[str, Callable[[Training, _Described], None]] = {
    "freeze": _change_rate,
    "change_rate": _change_rate,
    "shake": _scale_weights,
    "scale_weights": _scale_weights,
    "shift_biases": _shift_biases,
    "nan": _break_weight,
    "nan_moment": _break_moment,
    "nan_batch": _break_batch,
    "repeat_batch": _repeat_batch,
    "show_some": _show_some,
    "restart": _begin_anew,
}
