"""What each update is given: real images by their draw, noise and labels by theirs."""

from dataclasses import replace

import numpy as np
import torch
from torch import Tensor

from ganvas.batch import Batch
from ganvas.conditions import class_frequencies
from ganvas.data.batches import BatchOrder
from ganvas.data.images import Images
from ganvas.data.points import AnySet, Points
from ganvas.data.store.mapped import Reading, release
from ganvas.latent import latents
from ganvas.nets.shape import ImageShape, PointShape, Shape
from ganvas.procedure import Rows, Update
from ganvas.recipe import Recipe

__all__ = ["Feed", "shape_of"]


def shape_of(dataset: AnySet) -> Shape:
    """Return the size of the data as networks are told it."""
    if dataset.kind == "points":
        return PointShape(dimensions=dataset.train.points.shape[1])
    return ImageShape(channels=dataset.channels, height=dataset.height, width=dataset.width)


class Feed:
    """Fetches the rows that an `Update` names; a pure function of (recipe seed, draw).

    Real images stay uint8 until the step, points are signals already; on a GPU they are pinned
    and sent without waiting.
    """

    def __init__(
        self, recipe: Recipe, images: Images | Points, *, num_classes: int, device: torch.device
    ) -> None:
        self._recipe = recipe
        self._device = device
        array = images.signal if isinstance(images, Points) else images.images
        self._images = torch.from_numpy(array)
        self._reading = Reading(array)
        release(array)  # what was looked at before the first update
        with_labels = bool(num_classes) and images.labels is not None
        self._labels = torch.from_numpy(images.labels) if with_labels else None
        self._frequencies = class_frequencies(images, num_classes)
        self._orders: dict[int, BatchOrder] = {}

    def fetch(self, update: Update) -> Batch:
        """Return the batch of `update`: its rows of the real and of the noise draw."""
        real = real_labels = None
        if update.real is not None:
            rows = self._real_rows(update.real)
            real = self._send(self._images.index_select(0, rows))
            self._reading.note(len(rows))
            real_labels = None if self._labels is None else self._send(self._labels[rows])
        noise, labels = self._noise(update.noise, update.classes)
        draw_noise = draw_labels = None
        if update.makes_draw:
            draw_noise, draw_labels = self._noise(
                replace(update.noise, pick=None), replace(update.classes, pick=None)
            )
        return Batch(
            real=real,
            real_labels=real_labels,
            noise=noise,
            labels=labels,
            draw_noise=draw_noise,
            draw_labels=draw_labels,
        )

    def _real_rows(self, rows: Rows) -> Tensor:
        order = self._orders.get(rows.size)
        if order is None:
            data = self._recipe.data
            order = BatchOrder(len(self._images), rows.size, data.order, self._recipe.seed)
            self._orders[rows.size] = order
        indices = order.indices(rows.draw)
        if rows.pick is not None:
            indices = indices[list(rows.pick)]
        return torch.from_numpy(np.ascontiguousarray(indices))

    def _noise(self, rows: Rows, classes: Rows) -> tuple[Tensor, Tensor | None]:
        recipe = self._recipe
        drawn = recipe.procedure.fake_labels == "drawn"
        noise, labels = latents(
            recipe.latent,
            self._frequencies if drawn else (),
            seed=recipe.seed,
            name="train",
            draw=rows.draw,
            count=rows.size,
        )
        if rows.pick is not None:
            pick = torch.tensor(rows.pick, dtype=torch.int64)  # which may be empty
            noise, labels = noise[pick], None if labels is None else labels[pick]
        if not drawn and self._labels is not None:
            # The classes of the real images seen beside them: exact frequencies in every epoch.
            labels = self._labels[self._real_rows(classes)]
        return self._send(noise), None if labels is None else self._send(labels)

    def _send(self, tensor: Tensor) -> Tensor:
        if self._device.type == "cuda":
            return tensor.pin_memory().to(self._device, non_blocking=True)
        return tensor.to(self._device)
