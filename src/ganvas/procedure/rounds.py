"""Long turns on a drawn buffer."""

from dataclasses import dataclass

from ganvas.procedure.counted import Counted
from ganvas.procedure.update import Rows, Update
from ganvas.seeding import numpy_stream

__all__ = ["Rounds"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Rounds(Counted):
    """Long turns on a drawn buffer of `round_images` real images and as much noise.

    D goes `discriminator_epochs` times over the buffer in mixed batches, half real and half fake,
    then G `generator_epochs` times over the buffer's noise. Each epoch has an order of its own.
    """

    @property
    def images_per_iteration(self) -> int:
        return self.settings.round_images

    @property
    def _half(self) -> int:
        return self.batch_size // 2

    def _d_batches(self) -> int:
        return -(-self.settings.round_images // self._half)

    def _g_batches(self) -> int:
        return -(-self.settings.round_images // self.batch_size)

    def _num_updates(self) -> int:
        d_updates = self.settings.discriminator_epochs * self._d_batches()
        return d_updates + self.settings.generator_epochs * self._g_batches()

    def _update(self, iteration: int, update: int) -> Update:
        d_updates = self.settings.discriminator_epochs * self._d_batches()
        if update < d_updates:
            epoch, batch = divmod(update, self._d_batches())
            epoch += iteration * self.settings.discriminator_epochs
            real = self._rows("real", iteration, epoch, batch, self._half)
            return Update(
                player="discriminator",
                optimizer=("discriminator",),
                real=real,
                classes=real,
                noise=self._rows("fake", iteration, epoch, batch, self._half),
                passes=self.settings.passes,
                fakes_from=self.settings.fakes_from,
                images=self.settings.round_images if update == 0 else 0,
            )
        epoch, batch = divmod(update - d_updates, self._g_batches())
        epoch += iteration * self.settings.generator_epochs
        noise = self._rows("generator", iteration, epoch, batch, self.batch_size)
        return Update(
            player="generator",
            optimizer=("generator",),
            real=noise if self.pairs_real else None,
            noise=noise,
            classes=noise,
        )

    def _rows(self, name: str, iteration: int, epoch: int, batch: int, count: int) -> Rows:
        size = self.settings.round_images
        order = numpy_stream(self.seed, f"round.{name}", epoch).permutation(size)
        pick = tuple(int(row) for row in order[batch * count : (batch + 1) * count])
        return Rows(draw=iteration, size=size, pick=pick)
