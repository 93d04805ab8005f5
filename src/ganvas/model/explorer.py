"""A generator asked for pictures at places in its latent space; the same bytes in any process."""

import copy
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from functools import cached_property
from threading import Lock

import numpy as np
import torch
from torch import Tensor

from ganvas.arithmetic import multiply_adds
from ganvas.device import one_thread
from ganvas.errors import UsageError
from ganvas.explore import (
    LatentPoint,
    Leading,
    leading_directions,
    num_leading,
    num_places,
    point_to_clusters,
    point_to_noise,
)
from ganvas.model.between import among_classes
from ganvas.model.generator import Generator

__all__ = ["MAP_SIDE", "Explorer"]

MAP_SIDE = 5
"""Places in a row, and rows, of a map."""


class Explorer:
    """Pictures of one generator at points of its latent space.

    Computed by one thread, whatever the process has: sums in another order could round a pixel
    otherwise, and a picture that one process shows must be the one that another writes. Calls
    from several threads are answered one after the other. Raises UsageError for a model of points.
    """

    def __init__(self, generator: Generator) -> None:
        _ = generator.config.image  # there are no pictures without
        self.generator = generator
        self._making, self._finding = Lock(), Lock()

    @property
    def num_directions(self) -> int:
        """How many leading directions a point may name."""
        return num_leading(self.generator.config.latent)

    def picture(self, point: LatentPoint) -> tuple[np.ndarray, int | None]:
        """Return the image at a point, uint8 (1, C, H, W), and its class, None without classes.

        It is made alone, so it comes quickly. Where one corner has all the weight and there are no
        directions, it is sample 0 of its seed, which is made among others, but for rounding.

        Raises UsageError for directions and classes that the model does not have.
        """
        return self._make([point])

    def map(self, point: LatentPoint) -> np.ndarray:
        """Return images uint8 (25, C, H, W) of the whole square, row by row from the top left.

        They stand at 0, 1/4, ... 1 both ways; all else is as the point says.
        """
        places = [place / (MAP_SIDE - 1) for place in range(MAP_SIDE)]
        return self._make([replace(point, at=(x, y)) for y in places for x in places])[0]

    @property
    def leading(self) -> Leading:
        """The leading directions, computed when first asked for.

        It takes seconds; pictures that move along none of them do not wait for it.
        """
        with self._finding, one_thread():
            return self._leading

    @cached_property
    def _leading(self) -> Leading:
        config, network = self.generator.config, self.generator.network
        device = next(network.parameters()).device

        def signals(noise: Tensor, labels: Tensor | None) -> Tensor:
            # Not while a picture is made: it may have the network mix clusters meanwhile.
            with self._making:
                made: Tensor = network(
                    noise.to(device), None if labels is None else labels.to(device)
                )
            return made

        places = self._places()
        with torch.inference_mode():
            return leading_directions(signals, config.latent, config.frequencies, places)

    def _clusters_of(self, points: list[LatentPoint]) -> AbstractContextManager[None]:
        """Let the generator mix the corners' clusters at each point, where it has clusters."""
        config = self.generator.config
        if not config.cluster_frequencies:
            return nullcontext()
        found = [point_to_clusters(point, config.latent, config.frequencies) for point in points]
        clusters, shares = (torch.stack(part) for part in zip(*found, strict=True))
        return among_classes(self.generator.network, clusters, shares)

    def _places(self) -> int:
        """Return at how many places the generator is looked at, by what a picture costs."""
        config = self.generator.config
        with torch.device("meta"):
            noise = torch.zeros(1, config.latent.size)
            label = torch.zeros(1, dtype=torch.int64) if config.frequencies else None
        with self._making:
            replica = copy.deepcopy(self.generator.network).to("meta")
        return num_places(config.latent, multiply_adds(replica, noise, label))

    def _make(self, points: list[LatentPoint]) -> tuple[np.ndarray, int | None]:
        """Return the images of points, and the class of the first."""
        config = self.generator.config
        if not config.class_names and any(point.label is not None for point in points):
            raise UsageError("this model has no classes, so it takes no label")
        moved = any(point.directions for point in points)
        directions = self.leading.vectors if moved else None
        with self._making, one_thread():
            asked = [
                point_to_noise(point, config.latent, config.frequencies, directions)
                for point in points
            ]
            label = asked[0][1]
            labels = None if label is None else label.expand(len(points), *label.shape)
            with self._clusters_of(points):
                noise = torch.stack([noise for noise, _ in asked])
                images = self.generator.images_from(noise, labels)
        return images, int(label) if label is not None and config.class_names else None
