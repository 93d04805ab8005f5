"""EZGAN's controller: whoever is behind learns, the others wait."""

from dataclasses import dataclass, replace

from ganvas.procedure.turn import discriminator_turn
from ganvas.procedure.update import Cursor, Rows, Update
from ganvas.recipe import ProcedureSettings

__all__ = ["Balanced"]

_START = (1.0, 1.0, 0.0)  # D's loss on real images and on fakes, G's loss: D goes first
_SLOTS = 3


@dataclass(frozen=True, kw_only=True, slots=True)
class Balanced:
    """In each iteration, on one real batch and fresh noise for each update:

    1. D learns from fakes  while its loss on fakes is above `fake_threshold`;
    2. G learns             while its loss is above `generator_threshold`;
    3. D learns from reals  while its loss on real images is above `real_threshold`.

    Each decision is by the newest losses, which are computed again after every update; the
    cursor remembers them. An iteration counts even when nobody learns.
    """

    settings: ProcedureSettings
    batch_size: int
    splits_states: bool = False

    @property
    def images_per_iteration(self) -> int:
        """Real images that one iteration draws."""
        return self.batch_size

    @property
    def reads_reports(self) -> bool:
        """Whether `next` looks at the report."""
        return True

    def start(self) -> Cursor:
        """Return the cursor of an untrained run."""
        return Cursor(memory=_START)

    def next(self, cursor: Cursor, report: dict[str, float] | None) -> tuple[Update, Cursor]:
        """Return the update at `cursor` and the cursor after it, as `Procedure` says."""
        on_real, on_fake, of_generator = cursor.memory
        if report and "d_real_loss" in report:
            on_real, on_fake = report["d_real_loss"], report["d_fake_loss"]
            of_generator = report["g_loss"]
        memory = (on_real, on_fake, of_generator)
        behind = (
            on_fake > self.settings.fake_threshold,
            of_generator > self.settings.generator_threshold,
            on_real > self.settings.real_threshold,
        )
        number = cursor.iteration
        for slot in range(cursor.update, _SLOTS):
            if behind[slot] and slot < _SLOTS - 1:
                return (
                    self._update(number, slot),
                    Cursor(iteration=number, update=slot + 1, memory=memory),
                )
        last = self._update(number, _SLOTS - 1)
        if not behind[_SLOTS - 1]:
            last = replace(last, player="nobody", optimizer=(), re_evaluates=False)
        return (
            replace(last, images=self.batch_size, ends_iteration=True),
            Cursor(iteration=number + 1, memory=memory),
        )

    def _update(self, iteration: int, slot: int) -> Update:
        on_real, on_fake = discriminator_turn(
            self.settings,
            real=Rows(draw=iteration, size=self.batch_size),
            noise=Rows(draw=iteration * _SLOTS + slot, size=self.batch_size),
            split=self.splits_states,
            images=0,
        )
        generator = replace(
            on_real,
            player="generator",
            optimizer=("generator",),
            learns_from="both",
            fakes_from="training",
        )
        return replace((on_fake, generator, on_real)[slot], re_evaluates=True)
