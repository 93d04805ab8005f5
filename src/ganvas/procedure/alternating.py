"""Turns: D some steps, then G some steps."""

from dataclasses import dataclass

from ganvas.procedure.counted import Counted
from ganvas.procedure.update import Rows, Update

__all__ = ["Alternating"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Alternating(Counted):
    """D `discriminator_steps` times, each on a new real batch, then G `generator_steps` times.

    G draws fresh noise for each of its updates, or takes the noise of D's last one (`same`).
    """

    @property
    def images_per_iteration(self) -> int:
        return self.settings.discriminator_steps * self.batch_size

    def _num_updates(self) -> int:
        return self.settings.discriminator_steps + self.settings.generator_steps

    def _update(self, iteration: int, update: int) -> Update:
        steps = self.settings.discriminator_steps
        same = self.settings.generator_noise == "same"
        draws = steps if same else self._num_updates()
        real_draw = iteration * steps + min(update, steps - 1)
        noise_draw = iteration * draws + (min(update, steps - 1) if same else update)
        noise = Rows(draw=noise_draw, size=self.batch_size)
        real = Rows(draw=real_draw, size=self.batch_size)
        if update < steps:
            return Update(
                player="discriminator",
                optimizer=("discriminator",),
                real=real,
                noise=noise,
                classes=real,
                passes=self.settings.passes,
                fakes_from=self.settings.fakes_from,
                keeps_fakes=(
                    same and update == steps - 1 and self.settings.fakes_from == "training"
                ),
                images=self.batch_size,
            )
        return Update(
            player="generator",
            optimizer=("generator",),
            real=real if self.pairs_real else None,
            noise=noise,
            classes=real,
        )
