"""The fixed latents that pictures of a run show, again and again while it learns."""

import numpy as np
import torch

from ganvas.data.points import AnySet, PointSet
from ganvas.grid import COLUMNS, MOST_ROWS
from ganvas.latent import draw_labels, latents
from ganvas.model import Generator
from ganvas.recipe import Recipe
from ganvas.rng import stream
from ganvas.scatter import SHOWN_POINTS, points_to_picture

__all__ = ["Showcase"]


class Showcase:
    """What a run shows of its generator: a row for each class, or what fits a picture.

    `shares` are the classes' or clusters' frequencies, () where there are none.
    """

    def __init__(self, recipe: Recipe, dataset: AnySet, shares: tuple[float, ...]) -> None:
        self._recipe, self._dataset, self._shares = recipe, dataset, shares

    def picture(self, generator: Generator) -> tuple[np.ndarray, int, int]:
        """Return a picture's images uint8 (N, C, H, W), its numbers of rows and of columns.

        Of images a row for each class, or a square of them; of points one picture of them all.
        Raises NotFiniteError when the generator makes numbers that are not finite.
        """
        noise, _ = latents(
            self._recipe.latent, (), seed=self._recipe.seed, name="grid", draw=0, count=self._count
        )
        made = generator.images_from(noise, self.labels)
        if isinstance(self._dataset, PointSet):
            return points_to_picture(made, self._dataset.scale)[None, None], 1, 1
        return made, self._count // COLUMNS, COLUMNS

    @property
    def labels(self) -> torch.Tensor | None:
        """What `picture` asks for, int64 (N,): each class in turn, or drawn clusters.

        (N, P) where each of P channels has clusters of its own.
        """
        classes = len(self._shares)
        if self._recipe.conditioning == "clusters":
            return draw_labels(
                self._shares, self._count, stream(self._recipe.seed, "grid.labels", 0)
            )
        if not classes:
            return None
        if isinstance(self._dataset, PointSet):
            return torch.arange(self._count) % classes
        return torch.arange(self._count // COLUMNS).repeat_interleave(COLUMNS)

    @property
    def _count(self) -> int:
        if isinstance(self._dataset, PointSet):
            return SHOWN_POINTS
        classes = len(self._shares)
        has_rows = classes and self._recipe.conditioning == "class"
        return (min(classes, MOST_ROWS) if has_rows else COLUMNS) * COLUMNS
