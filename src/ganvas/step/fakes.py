"""G's images for an update: made in the mode that it asks for, kept where they serve twice."""

import torch
from torch import Tensor, nn

from ganvas.batch import Batch
from ganvas.procedure import Rows, Update
from ganvas.rng import draw_rows, stream
from ganvas.step.view import View

__all__ = ["Fakes"]


class Fakes:
    """Makes the fakes of the updates.

    Two things are kept, neither of which a checkpoint holds: the graph of fakes that the next
    update of G goes on with (`is_whole` says that there is none), and all fakes of a round's draw,
    which come out the same when they are made again.
    """

    def __init__(self, generator: nn.Module, view: View, *, rows: int, seed: int) -> None:
        self._generator = generator
        self._view = view
        self._rows = rows  # in one pass of a whole draw
        self._seed = seed
        self._graph: tuple[Rows, Tensor] | None = None
        self._draw: tuple[int, Tensor] | None = None

    @property
    def is_whole(self) -> bool:
        """Whether no graph is kept for the next update."""
        return self._graph is None

    def forget(self) -> None:
        """Drop what is kept: the weights are no longer those it came from."""
        self._graph = self._draw = None

    def for_discriminator(self, update: Update, batch: Batch, position: int) -> Tensor:
        """Return fakes without a graph; `position` is the update's, for images of noise."""
        if update.fakes_from == "noise":
            return self._noise(batch, position)
        if update.keeps_fakes:
            with self._view.autocast():
                fake: Tensor = self._generator(batch.noise, batch.labels)
            self._graph = (update.noise, fake)
            return fake.detach()
        if batch.draw_noise is not None:
            return self._of_draw(update, batch.draw_noise, batch.draw_labels)
        return self._plain(batch.noise, batch.labels, evaluation=update.fakes_from == "evaluation")

    def for_generator(self, update: Update, batch: Batch) -> Tensor:
        """Return fakes with their graph: those kept by the update before, if they are the same."""
        kept, self._graph, self._draw = self._graph, None, None
        if kept is not None and kept[0] == update.noise:
            return kept[1]
        with self._view.autocast():
            fake: Tensor = self._generator(batch.noise, batch.labels)
        return fake

    def _of_draw(self, update: Update, noise: Tensor, labels: Tensor | None) -> Tensor:
        """Return the update's rows of the fakes of its whole draw."""
        if self._draw is None or self._draw[0] != update.noise.draw:
            parts = [
                self._plain(part, None if labels is None else labels[i : i + self._rows], True)
                for i in range(0, len(noise), self._rows)
                for part in (noise[i : i + self._rows],)
            ]
            self._draw = (update.noise.draw, torch.cat(parts))
        rows = torch.tensor(update.noise.pick, dtype=torch.int64)
        return self._draw[1][rows.to(noise.device, non_blocking=True)]

    @torch.no_grad()
    def _plain(self, noise: Tensor, labels: Tensor | None, evaluation: bool) -> Tensor:
        if evaluation:
            self._generator.eval()
        with self._view.autocast():
            fake: Tensor = self._generator(noise, labels)
        if evaluation:
            self._generator.train()
        return fake

    def _noise(self, batch: Batch, position: int) -> Tensor:
        assert batch.real is not None, "images of noise are made beside real ones"
        like = batch.real
        chance = stream(self._seed, "noise_images", position, device=like.device)
        self._view.place(chance, "real")
        images = draw_rows(
            lambda rows: torch.rand((rows, *like.shape[1:]), generator=chance, device=like.device),
            len(like),
            chance,
        )
        return images * 2 - 1
