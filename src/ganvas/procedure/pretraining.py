"""D alone at first: a number of its turns before another procedure begins."""

from dataclasses import dataclass, replace

from ganvas.procedure.turn import discriminator_turn, turn_length
from ganvas.procedure.update import Cursor, Procedure, Rows, Update
from ganvas.recipe import ProcedureSettings

__all__ = ["Pretraining"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Pretraining:
    """`pretraining_steps` turns of D, then `then`, which goes on with the draws that follow.

    They belong to iteration 0 and draw no images of the budget, so that no warm-up counts them
    either: they learn at the full rate. D learns from real images against the fakes of G as it is,
    or against images of uniform noise.
    """

    settings: ProcedureSettings
    batch_size: int
    then: Procedure
    splits_states: bool = False

    @property
    def images_per_iteration(self) -> int:
        """Real images that one iteration draws."""
        return self.then.images_per_iteration

    @property
    def reads_reports(self) -> bool:
        """Whether `next` looks at the report."""
        return self.then.reads_reports

    def start(self) -> Cursor:
        """Return the cursor of an untrained run."""
        return self.then.start()

    def next(self, cursor: Cursor, report: dict[str, float] | None) -> tuple[Update, Cursor]:
        """Return the update at `cursor` and the cursor after it, as `Procedure` says."""
        length = turn_length(self.settings)
        before = self.settings.pretraining_steps * length if cursor.iteration == 0 else 0
        if cursor.update < before:
            step, part = divmod(cursor.update, length)
            return self._turn(step)[part], replace(cursor, update=cursor.update + 1)
        if cursor.update == before and before:
            report = None  # of D's last turn here: the procedure starts from its own beginning
        update, after = self.then.next(replace(cursor, update=cursor.update - before), report)
        if after.iteration == cursor.iteration:
            after = replace(after, update=after.update + before)
        return self._moved(update), after

    def _turn(self, step: int) -> tuple[Update, ...]:
        rows = Rows(draw=step, size=self.batch_size)
        turn = discriminator_turn(
            self.settings, real=rows, noise=rows, split=self.splits_states, images=0
        )
        if self.settings.pretraining_fakes == "noise":
            turn = tuple(replace(update, fakes_from="noise") for update in turn)
        return tuple(replace(update, pretrains=True) for update in turn)

    def _moved(self, update: Update) -> Update:
        """Return `update` with its draws after those of the pre-training."""

        def later(rows: Rows) -> Rows:
            if rows.size != self.batch_size:  # a round's buffer is another stream of draws
                return rows
            return replace(rows, draw=rows.draw + self.settings.pretraining_steps)

        return replace(
            update,
            real=None if update.real is None else later(update.real),
            noise=later(update.noise),
            classes=later(update.classes),
        )
