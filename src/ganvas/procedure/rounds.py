"""Long turns on a drawn buffer."""

from dataclasses import dataclass, replace

from ganvas.procedure.counted import Counted
from ganvas.procedure.turn import discriminator_turn
from ganvas.procedure.update import Rows, Update
from ganvas.seeding import numpy_stream

__all__ = ["Rounds"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Rounds(Counted):
    """Long turns on a drawn buffer of `round_images` real images and as many fakes.

    D goes `discriminator_epochs` times over the buffer, in batches of half real and half fake
    images, or in batches drawn from all of it (`mixed`): those hold as many of each as chance has
    it. Then G goes `generator_epochs` times over as much noise: fresh, or that of D's fakes. Each
    epoch has an order of its own.
    """

    @property
    def images_per_iteration(self) -> int:
        """Real images that one iteration draws."""
        return self.settings.round_images

    def _d_batches(self) -> int:
        return -(-2 * self.settings.round_images // self._d_rows())

    def _g_batches(self) -> int:
        return -(-self.settings.round_images // self.batch_size)

    def _d_rows(self) -> int:
        """Images in a batch of D."""
        return self.batch_size if self._is_mixed else 2 * (self.batch_size // 2)

    @property
    def _is_mixed(self) -> bool:
        return self.settings.round_batches == "mixed"

    def _num_updates(self) -> int:
        d_updates = self.settings.discriminator_epochs * self._d_batches()
        return d_updates + self.settings.generator_epochs * self._g_batches()

    def _update(self, iteration: int, update: int) -> Update:
        settings = self.settings
        d_updates = settings.discriminator_epochs * self._d_batches()
        fresh = settings.generator_noise == "fresh"
        draw = 2 * iteration if fresh else iteration
        if update < d_updates:
            epoch, batch = divmod(update, self._d_batches())
            epoch += iteration * settings.discriminator_epochs
            real, fake = self._picks(epoch, batch)
            (turn,) = discriminator_turn(
                settings,
                real=self._rows(iteration, real),
                noise=self._rows(draw, fake),
                classes=self._rows(iteration, fake) if self._is_mixed else None,
                split=False,
                images=settings.round_images if update == 0 else 0,
            )
            return replace(turn, makes_draw=self._is_mixed)
        epoch, batch = divmod(update - d_updates, self._g_batches())
        epoch += iteration * settings.generator_epochs
        pick = self._part("generator", epoch, settings.round_images, batch, self.batch_size)
        real_rows = self._rows(iteration, pick)
        return Update(
            player="generator",
            optimizer=("generator",),
            real=real_rows if self.pairs_real else None,
            noise=self._rows(draw + 1 if fresh else draw, pick),
            classes=real_rows,
            moves_discriminator=not settings.frozen,
        )

    def _picks(self, epoch: int, batch: int) -> tuple[tuple[int, ...], tuple[int, ...]]:
        """Return the real and the fake rows of D's batch."""
        size = self.settings.round_images
        if not self._is_mixed:
            half = self.batch_size // 2
            return (
                self._part("real", epoch, size, batch, half),
                self._part("fake", epoch, size, batch, half),
            )
        rows = self._part("both", epoch, 2 * size, batch, self.batch_size)
        return tuple(r for r in rows if r < size), tuple(r - size for r in rows if r >= size)

    def _part(self, name: str, epoch: int, size: int, batch: int, count: int) -> tuple[int, ...]:
        order = numpy_stream(self.seed, f"round.{name}", epoch).permutation(size)
        return tuple(int(row) for row in order[batch * count : (batch + 1) * count])

    def _rows(self, draw: int, pick: tuple[int, ...]) -> Rows:
        return Rows(draw=draw, size=self.settings.round_images, pick=pick)
