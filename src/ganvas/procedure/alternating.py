"""Turns: D some steps, then G some steps."""

from dataclasses import dataclass

from ganvas.procedure.counted import Counted
from ganvas.procedure.turn import discriminator_turn, turn_length
from ganvas.procedure.update import Rows, Update

__all__ = ["Alternating"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Alternating(Counted):
    """D `discriminator_steps` times, each on a new real batch, then G `generator_steps` times.

    G draws fresh noise for each of its updates, or takes the noise of D's last step (`same`).
    """

    @property
    def images_per_iteration(self) -> int:
        """Real images that one iteration draws."""
        return self.settings.discriminator_steps * self.batch_size

    def _num_updates(self) -> int:
        turns = self.settings.discriminator_steps * turn_length(self.settings)
        return turns + self.settings.generator_steps

    def _update(self, iteration: int, update: int) -> Update:
        settings = self.settings
        steps, length = settings.discriminator_steps, turn_length(settings)
        same = settings.generator_noise == "same"
        # The step of this update: D's are numbered from 0, G's go on from there.
        step, part = update // length, update % length
        if update >= steps * length:
            step, part = steps + update - steps * length, 0
        draws = steps if same else steps + settings.generator_steps
        last = min(step, steps - 1)
        real = Rows(draw=iteration * steps + last, size=self.batch_size)
        noise = Rows(draw=iteration * draws + (last if same else step), size=self.batch_size)
        if step < steps:
            return discriminator_turn(
                settings,
                real=real,
                noise=noise,
                split=self.splits_states,
                images=self.batch_size,
                keeps_fakes=same and step == steps - 1,
            )[part]
        return Update(
            player="generator",
            optimizer=("generator",),
            real=real if self.pairs_real else None,
            noise=noise,
            classes=real,
            moves_discriminator=not settings.frozen,
        )
