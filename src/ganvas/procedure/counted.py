"""The common part of procedures whose updates follow from two counters alone."""

from dataclasses import dataclass, replace

from ganvas.procedure.update import Cursor, Update
from ganvas.recipe import ProcedureSettings

__all__ = ["Counted"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Counted:
    """A procedure whose updates depend on nothing but (iteration, update).

    `pairs_real`: G's loss compares fakes with real images. `splits_states`: D's updates on real and
    on fake images have optimisers of their own.
    """

    settings: ProcedureSettings
    batch_size: int
    pairs_real: bool = False
    splits_states: bool = False
    seed: int = 0

    @property
    def reads_reports(self) -> bool:
        """Whether `next` looks at the report."""
        return False

    @property
    def images_per_iteration(self) -> int:
        """Real images that one iteration draws."""
        raise NotImplementedError

    def start(self) -> Cursor:
        """Return the cursor of an untrained run."""
        return Cursor()

    def next(self, cursor: Cursor, report: dict[str, float] | None) -> tuple[Update, Cursor]:
        """Return the update at `cursor` and the cursor after it, as `Procedure` says."""
        update = self._update(cursor.iteration, cursor.update)
        if cursor.update + 1 < self._num_updates():
            return update, replace(cursor, update=cursor.update + 1)
        return replace(update, ends_iteration=True), Cursor(iteration=cursor.iteration + 1)

    def _num_updates(self) -> int:
        raise NotImplementedError

    def _update(self, iteration: int, update: int) -> Update:
        raise NotImplementedError
