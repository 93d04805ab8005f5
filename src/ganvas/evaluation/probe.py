"""A cheap look at quality during training, and how many samples a share of its time affords.

All counts follow from arithmetic, never from a clock: two runs of one seed probe the same
samples at the same images.
"""

from dataclasses import dataclass
from typing import Any

import torch

from ganvas.arithmetic import multiply_adds
from ganvas.conditions import num_conditions
from ganvas.data.images import DataSet
from ganvas.data.points import AnySet
from ganvas.feed import shape_of
from ganvas.judge import AnyJudge
from ganvas.metrics.frechet import features_to_statistics, frechet_distance
from ganvas.metrics.labels import label_accuracy
from ganvas.model import Generator
from ganvas.nets import make_discriminator, make_generator
from ganvas.real.reference import Reference
from ganvas.recipe import Recipe

__all__ = ["Costs", "Probe", "costs_of", "fitting_samples", "passes_of", "plan_probe"]

_PROBE_SHARE = 0.03  # of the training's arithmetic
_LEAST_PROBE = 500  # samples; below, a Fréchet distance is mostly chance: better less often
_FINAL_SHARE = 0.10
_LEAST_FINAL = 2_000
_ROUND_TO = 50
_ADVANTAGE = 1.5  # a multiply-add of inference takes less time than one of training: measured 1.8
_ROWS = 4  # networks that compare the images of a batch want several


@dataclass(frozen=True, kw_only=True, slots=True)
class Costs:
    """Multiply-adds: of training for each real image drawn, and of making and judging a sample."""

    training: float
    sample: float


def costs_of(recipe: Recipe, dataset: DataSet, judge: AnyJudge) -> Costs:
    """Return a lower bound of the training's cost, and a sample's.

    A drawn image costs at least one forward and backward pass of D for it and for a fake
    (3 + 3 forward passes' worth) and one of G (3).
    """
    made, seen = passes_of(recipe, dataset)
    return Costs(training=6 * seen + 3 * made, sample=made + judge.multiply_adds)


def passes_of(recipe: Recipe, dataset: AnySet) -> tuple[float, float]:
    """Return the multiply-adds of one image's forward pass through G, and through D."""
    shape = shape_of(dataset)
    num_classes = num_conditions(recipe, dataset)
    with torch.device("meta"):
        labels = torch.zeros(_ROWS, dtype=torch.int64) if num_classes else None
        noise = torch.zeros(_ROWS, recipe.latent.size)
        images = torch.zeros(_ROWS * recipe.discriminator.pack, *shape.sizes)
    generator = make_generator(
        recipe.generator,
        latent_size=recipe.latent.size,
        shape=shape,
        num_classes=num_classes,
        seed=None,
    )
    discriminator = make_discriminator(
        recipe.discriminator, shape=shape, num_classes=num_classes, seed=None
    )
    made = multiply_adds(generator, noise, labels)
    return made, multiply_adds(discriminator, images, labels)


def fitting_samples(costs: Costs, *, images: int, at_most: int) -> int:
    """Return how many samples the end of a run is measured on.

    As many as fit a tenth of the training on `images`, but at least 2,000, and
    never more than `at_most`.
    """
    fit = int(_FINAL_SHARE * images * costs.training / costs.sample * _ADVANTAGE)
    return min(at_most, max(_LEAST_FINAL, fit // _ROUND_TO * _ROUND_TO))


def plan_probe(costs: Costs, *, every_images: int, at_most: int) -> tuple[int, int]:
    """Return (images between probes, samples of each) that cost at most 3% of training.

    At most `at_most` samples every `every_images`; where fewer than 500 would fit, the probes
    come less often, by a whole factor.
    """
    fit = _PROBE_SHARE * every_images * costs.training / costs.sample * _ADVANTAGE
    least = min(_LEAST_PROBE, at_most)
    factor = 1 if fit >= least else -int(-least // fit)
    samples = min(at_most, int(fit * factor) // _ROUND_TO * _ROUND_TO)
    return factor * every_images, max(samples, least)


class Probe:
    """Scores a few samples against the held-out images, always the same number and seed."""

    def __init__(self, dataset: DataSet, judge: AnyJudge, *, samples: int, seed: int) -> None:
        self._reference = Reference(dataset, judge)
        self._samples, self._seed = samples, seed
        self._real = self._reference.statistics(dataset.held_out)
        trained = features_to_statistics(self._reference.view(dataset.train, samples).features)
        self._real_distance = frechet_distance(real=self._real, fake=trained)

    @staticmethod
    def can_be(dataset: DataSet, judge: AnyJudge) -> bool:
        """Return whether there are held-out images enough for a Fréchet distance."""
        return min(len(dataset.held_out), len(dataset.train)) > judge.num_features

    def __call__(self, generator: Generator) -> dict[str, Any]:
        """Return the figures: `fd` to the held-out images, beside it that of training images."""
        images, labels = generator.sample(self._samples, seed=self._seed)
        seen = self._reference.see(images, labels)
        statistics = features_to_statistics(seen.features)
        figures: dict[str, Any] = {
            "fd": frechet_distance(real=self._real, fake=statistics),
            "real_fd": self._real_distance,
            "samples": self._samples,
            "split": "held_out",
            "seed": self._seed,
            "judge": self._reference.judge.digest,
        }
        if labels is not None and seen.predicted is not None:
            figures["label_accuracy"] = label_accuracy(asked=labels, predicted=seen.predicted)
        return figures
