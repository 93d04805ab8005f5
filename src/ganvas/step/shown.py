"""What a recipe puts between the images and D: augmentation, instance noise."""

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor

from ganvas.augment import AdaptiveProbability, add_noise, augment, noise_deviation
from ganvas.recipe import AugmentSettings, InstanceNoiseSettings, Recipe
from ganvas.step.controller import Controller
from ganvas.step.judgement import Report
from ganvas.step.view import View

__all__ = ["AdaptiveAugmentation", "put_before"]


class AdaptiveAugmentation:
    """A show whose probability follows the reports: also a controller."""

    def __init__(self, settings: AugmentSettings) -> None:
        self._operations = settings.operations
        self._adaptive = AdaptiveProbability(
            start=0.0,
            target=settings.target,
            speed_images=settings.speed_images,
            most=settings.most,
        )

    def __call__(self, images: Tensor, generator: torch.Generator) -> Tensor:
        """Return the images augmented with the probability as it stands."""
        probability = self._adaptive.probability
        return augment(images, self._operations, probability=probability, generator=generator)

    def read(self, report: Report, *, images: int) -> None:
        """Take in `real_sign` of D's updates; G's have none."""
        self._adaptive.read(report.get("real_sign"), images=images)

    def figures(self) -> Report:
        """Return `augment_probability`."""
        return {"augment_probability": torch.tensor(self._adaptive.probability)}

    def state_dict(self) -> dict[str, Any]:
        """Return the probability's state."""
        return self._adaptive.state_dict()

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Restore what `state_dict` gave."""
        self._adaptive.load_state_dict(state)


def put_before(view: View, recipe: Recipe) -> dict[str, Controller]:
    """Give the view what the recipe says D is shown; return those parts that have a state."""
    controllers: dict[str, Controller] = {}
    if recipe.augment.adaptive:
        adaptive = AdaptiveAugmentation(recipe.augment)
        view.shows.append(adaptive)
        controllers["augment"] = adaptive
    elif recipe.augment.operations:
        operations, probability = recipe.augment.operations, recipe.augment.probability
        view.shows.append(
            lambda images, generator: augment(
                images, operations, probability=probability, generator=generator
            )
        )
    noise: InstanceNoiseSettings = recipe.instance_noise
    if noise.deviation:  # after augmentation: nothing is to brighten or to cut out the noise
        view.shows.append(
            lambda images, generator: add_noise(
                images, noise_deviation(noise.deviation, noise.until, view.progress), generator
            )
        )
    return controllers
