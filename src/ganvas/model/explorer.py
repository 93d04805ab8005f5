"""A generator asked for pictures at places in its latent space; the same bytes in any process."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import cached_property
from threading import Lock

import numpy as np
import torch
from torch import Tensor

from ganvas.errors import UsageError
from ganvas.explore import LatentPoint, Leading, leading_directions, num_leading, point_to_noise
from ganvas.model.generator import BATCH, Generator

__all__ = ["MAP_SIDE", "Explorer"]

MAP_SIDE = 5
"""Places in a row, and rows, of a map: together what the generator makes at once."""
assert MAP_SIDE**2 == BATCH


class Explorer:
    """Pictures of one generator at points of its latent space.

    Computed by one thread, whatever the process has: sums in another order could round a pixel
    otherwise, and a picture that one process shows must be the one that another writes. Calls
    from several threads wait for each other. Raises UsageError for a model of points.
    """

    def __init__(self, generator: Generator) -> None:
        _ = generator.config.image  # there are no pictures without
        self.generator = generator
        self._lock = Lock()

    @property
    def num_directions(self) -> int:
        """How many leading directions a point may name."""
        return num_leading(self.generator.config.latent)

    def picture(self, point: LatentPoint) -> tuple[np.ndarray, int | None]:
        """Return the image at a point, uint8 (1, C, H, W), and its class, None without classes.

        Where one corner has all the weight and there are no directions, that is sample 0 of its
        seed. Raises UsageError for directions and classes that the model does not have.
        """
        images, label = self._make([point])
        return images[:1], label

    def map(self, point: LatentPoint) -> np.ndarray:
        """Return images uint8 (25, C, H, W) of the whole square, row by row from the top left.

        They stand at 0, 1/4, ... 1 both ways; all else is as the point says.
        """
        places = [place / (MAP_SIDE - 1) for place in range(MAP_SIDE)]
        return self._make([replace(point, at=(x, y)) for y in places for x in places])[0]

    @property
    def leading(self) -> Leading:
        """The leading directions: computed when first asked for, in about a second."""
        with self._lock, _one_thread():
            return self._leading

    @cached_property
    def _leading(self) -> Leading:
        config, network = self.generator.config, self.generator.network
        device = next(network.parameters()).device

        def signals(noise: Tensor, labels: Tensor | None) -> Tensor:
            made: Tensor = network(noise.to(device), None if labels is None else labels.to(device))
            return made

        with torch.inference_mode():
            return leading_directions(signals, config.latent, config.frequencies)

    def _make(self, points: list[LatentPoint]) -> tuple[np.ndarray, int | None]:
        """Return the images of points, the last repeated up to 25; and the class of the first."""
        config = self.generator.config
        if not config.class_names and any(point.label is not None for point in points):
            raise UsageError("this model has no classes, so it takes no label")
        with self._lock, _one_thread():
            moved = any(point.directions for point in points)
            directions = self._leading.vectors if moved else None
            asked = [
                point_to_noise(point, config.latent, config.frequencies, directions)
                for point in points
            ]
            asked += [asked[-1]] * (BATCH - len(asked))
            label = asked[0][1]
            labels = None if label is None else label.expand(BATCH)
            images = self.generator.images_from(torch.stack([noise for noise, _ in asked]), labels)
        return images, int(label) if label is not None and config.class_names else None


@contextmanager
def _one_thread() -> Iterator[None]:
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)
