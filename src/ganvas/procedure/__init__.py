"""The order of a recipe's updates: small pure state machines that yield one `Update` at a time.

A procedure knows no network, no data and no clock. It says which player learns next, from which
rows of which draw; the trainer fetches those rows and the step carries the update out.

A *draw* is a numbered block of an endless stream (of shuffled training images, or of noise with
its labels): asking for the same draw twice gives the same numbers. An *iteration* is the unit
that budgets are rounded up to: one turn of both players, or one whole round.
"""

from ganvas.procedure.alternating import Alternating
from ganvas.procedure.balanced import Balanced
from ganvas.procedure.pretraining import Pretraining
from ganvas.procedure.rounds import Rounds
from ganvas.procedure.share import Share, share_of
from ganvas.procedure.simultaneous import Simultaneous
from ganvas.procedure.update import Cursor, Procedure, Rows, Update
from ganvas.recipe import Recipe

__all__ = [
    "Alternating",
    "Balanced",
    "Cursor",
    "Pretraining",
    "Procedure",
    "Rounds",
    "Rows",
    "Share",
    "Simultaneous",
    "Update",
    "make_procedure",
    "share_of",
]

_COUNTED: dict[str, type[Alternating | Simultaneous | Rounds]] = {
    "alternating": Alternating,
    "simultaneous": Simultaneous,
    "rounds": Rounds,
}


def make_procedure(recipe: Recipe, *, pairs_real: bool) -> Procedure:
    """Return the recipe's procedure; `pairs_real`: G's loss compares fakes with real images."""
    settings, batch_size = recipe.procedure, recipe.batch_size
    splits = recipe.optimizer.discriminator_states == "two"
    procedure: Procedure
    if settings.name == "balanced":
        procedure = Balanced(settings=settings, batch_size=batch_size, splits_states=splits)
    else:
        procedure = _COUNTED[settings.name](
            settings=settings,
            batch_size=batch_size,
            pairs_real=pairs_real,
            splits_states=splits,
            seed=recipe.seed,
        )
    if not settings.pretraining_steps:
        return procedure
    return Pretraining(
        settings=settings, batch_size=batch_size, then=procedure, splits_states=splits
    )
