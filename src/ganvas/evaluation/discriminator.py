"""D asked about training images, held-out images and fakes: how often, how many, what it says.

As with the probes of quality, all counts follow from arithmetic, never from a clock.
"""

import math
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from ganvas.batch import images_to_signal
from ganvas.clusters import Clusters
from ganvas.conditions import class_frequencies, conditioned, num_conditions
from ganvas.data.images import Images
from ganvas.data.points import AnySet, Points
from ganvas.evaluation.probe import passes_of
from ganvas.latent import latents
from ganvas.nets.global_norm import GlobalBatchNorm
from ganvas.recipe import ProcedureSettings, Recipe
from ganvas.seeding import numpy_stream
from ganvas.validation import discriminator_figures

__all__ = ["Asked", "Validation", "evaluating", "in_batches", "normalise_by_batch"]
__all__ += ["plan_validation"]

_SHARE = 0.01  # of the training's arithmetic
_LEAST = 100  # images of each kind; below, a share of them is mostly chance: better less often
_ROUND_TO = 10
_BATCH = 100


def plan_validation(
    recipe: Recipe, dataset: AnySet, *, every_images: int, at_most: int
) -> tuple[int, int]:
    """Return (images between validations, images of each kind) that cost at most 1% of training.

    Of each kind no more than there are held-out images; without those, than training images. At
    most `at_most` every `every_images`; where fewer than 100 would fit, less often, by a whole
    factor. Of the training the updates' own passes are counted, without penalties. A packed D gets
    whole packs, at least one; held-out images that fill none count as none.
    """
    made, seen = passes_of(recipe, dataset)
    through_d, through_g = _passes_an_image(recipe.procedure)
    training = through_d * seen + through_g * made
    pack = recipe.discriminator.pack
    unseen = len(dataset.held_out) if len(dataset.held_out) >= pack else 0
    kinds = 3 if unseen else 2
    fit = _SHARE * every_images * training / (kinds * seen + made)
    at_most = min(at_most, unseen or len(dataset.train), len(dataset.train))
    least = min(_LEAST, at_most)
    factor = 1 if fit >= least else math.ceil(least / fit)
    count = min(at_most, max(least, int(fit * factor) // _ROUND_TO * _ROUND_TO))
    return factor * every_images, max(count // pack, 1) * pack


def _passes_an_image(settings: ProcedureSettings) -> tuple[float, float]:
    """Return the passes through D and G, in forward passes' worth, for each real image drawn.

    An image and its fake are 3 + 3 in D's update (a backward pass is two forward ones), and G's
    update 3 of G and 2 of D, which learns nothing then. Both at once share D's passes.
    """
    turns = settings.generator_steps / settings.discriminator_steps
    d_epochs, g_epochs = settings.discriminator_epochs, settings.generator_epochs
    passes: dict[str, tuple[float, float]] = {
        "alternating": (6 + 2 * turns, 3 * turns),
        "rounds": (6 * d_epochs + 2 * g_epochs, 3 * g_epochs),
    }
    return passes.get(settings.name, (6, 3))


@dataclass(frozen=True, kw_only=True, slots=True)
class Asked:
    """What D was asked and said at one place: logits float (N,), `held_out` None without them.

    `fakes` are the signal that G made of `noise` and `classes`.
    """

    train: Tensor
    held_out: Tensor | None
    fake: Tensor
    fakes: Tensor
    noise: Tensor
    classes: Tensor | None


class Validation:
    """Asks D about `count` fresh images of each kind; each place of a run has its own.

    `clusters` are those that a run is conditioned on, or None. Of held-out images only where there
    are as many. `count` is a multiple of D's pack.

    Both networks are in evaluation mode while they are asked, in float32, and as they were
    afterwards: a run with validations has the same weights as one without. One thing is as in
    training: where D sees real and fake images in passes of their own, its batch norms take the
    statistics of the images at hand. Their moving averages mix both kinds, and fit neither.
    """

    def __init__(
        self, recipe: Recipe, dataset: AnySet, *, count: int, clusters: Clusters | None = None
    ) -> None:
        self._recipe, self._count = recipe, count
        self._train = conditioned(dataset.train, clusters)
        self._held_out = conditioned(dataset.held_out, clusters)
        pack = recipe.discriminator.pack
        assert count % pack == 0, (count, pack)
        self._batch = _BATCH // pack * pack
        self._by_batch = recipe.procedure.passes != "joint" and count >= 2 * pack
        self._asked: tuple[int, Asked] | None = None
        classes = num_conditions(recipe, dataset)
        self._conditional = classes > 0
        self._frequencies = class_frequencies(self._train, classes)

    def __call__(
        self, place: int, *, generator: nn.Module, discriminator: nn.Module
    ) -> dict[str, Any]:
        """Return the figures of `ganvas.validation`, and `count`, at `place` images.

        `generator` is the one that D plays against, not its average.
        """
        self._asked = None  # a run that was rolled back comes by its places again
        asked = self.ask(place, generator=generator, discriminator=discriminator)
        figures = discriminator_figures(
            self._recipe.loss.name, train=asked.train, held_out=asked.held_out, fake=asked.fake
        )
        return {**figures, "count": self._count}

    def ask(self, place: int, *, generator: nn.Module, discriminator: nn.Module) -> Asked:
        """Return what D says at `place`; right after a call there it costs nothing more."""
        if self._asked is not None and self._asked[0] == place:
            return self._asked[1]
        held_out = self._held_out
        with evaluating(generator, discriminator), torch.no_grad():
            if self._by_batch:
                normalise_by_batch(discriminator)
            noise, classes = self._latents(place)
            fakes = in_batches(generator, noise, classes, self._batch)
            asked = Asked(
                train=self._logits_of(place, self._train, discriminator),
                held_out=(
                    self._logits_of(place, held_out, discriminator)
                    if len(held_out) >= self._count
                    else None
                ),
                fake=in_batches(discriminator, fakes, classes, self._batch),
                fakes=fakes,
                noise=noise,
                classes=classes,
            )
        self._asked = place, asked
        return asked

    def _latents(self, place: int) -> tuple[Tensor, Tensor | None]:
        return latents(
            self._recipe.latent,
            self._frequencies,
            seed=self._recipe.seed,
            name="validation",
            draw=place,
            count=self._count,
        )

    def _logits_of(self, place: int, part: Images | Points, discriminator: nn.Module) -> Tensor:
        chance = numpy_stream(self._recipe.seed, f"validation.{part.split}", place)
        # In random order: a packed D sees neighbours at once, and files are often sorted by class.
        rows = chance.choice(len(part), self._count, replace=False)
        labels = None
        if self._conditional and part.labels is not None:
            labels = torch.from_numpy(part.labels[rows])
        signal = images_to_signal(torch.from_numpy(part.take(rows)))
        return in_batches(discriminator, signal, labels, self._batch)


def in_batches(network: nn.Module, inputs: Tensor, labels: Tensor | None, size: int) -> Tensor:
    """Return the network's output for all rows, `size` or more at once, float32 on the CPU.

    What is left over goes with the last rows: a batch of one has no statistics.
    """
    device = next(network.parameters()).device
    parts = []
    num_parts = max(1, len(inputs) // size)
    for number in range(num_parts):
        last = number == num_parts - 1
        rows = slice(number * size, None if last else (number + 1) * size)
        asked = None if labels is None else labels[rows].to(device)
        parts.append(network(inputs[rows].to(device), asked).float().cpu())
    return torch.cat(parts)


def normalise_by_batch(network: nn.Module) -> None:
    """Let batch norms take the statistics of each batch, and leave their moving averages alone."""
    for part in network.modules():
        if isinstance(part, nn.BatchNorm1d | nn.BatchNorm2d):
            part.training, part.track_running_stats = True, False
        elif isinstance(part, GlobalBatchNorm):
            part.by_batch = True


@contextmanager
def evaluating(*networks: nn.Module) -> Iterator[None]:
    """Put the networks into evaluation mode, and every part of them back as it was."""
    parts = [part for network in networks for part in network.modules()]
    modes = [(part, part.training, getattr(part, "track_running_stats", None)) for part in parts]
    for network in networks:
        network.eval()
    try:
        yield
    finally:
        for part, training, tracks in modes:
            part.training = training
            if tracks is not None:
                part.track_running_stats = tracks
            if isinstance(part, GlobalBatchNorm):
                part.by_batch = False
