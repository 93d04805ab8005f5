"""The order of a recipe's updates: small pure state machines that yield one `Update` at a time.

A procedure knows no network, no data and no clock. It says which player learns next, from which
rows of which draw; the trainer fetches those rows and the step carries the update out.

A *draw* is a numbered block of an endless stream (of shuffled training images, or of noise with
its labels): asking for the same draw twice gives the same numbers. An *iteration* is the unit
that budgets are rounded up to: one turn of both players, or one whole round.
"""

from ganvas.procedure.alternating import Alternating
from ganvas.procedure.counted import Counted
from ganvas.procedure.rounds import Rounds
from ganvas.procedure.simultaneous import Simultaneous
from ganvas.procedure.update import Cursor, Procedure, Rows, Update
from ganvas.recipe import Recipe

__all__ = [
    "Alternating",
    "Cursor",
    "Procedure",
    "Rounds",
    "Rows",
    "Simultaneous",
    "Update",
    "make_procedure",
]

_KINDS: dict[str, type[Counted]] = {
    "alternating": Alternating,
    "simultaneous": Simultaneous,
    "rounds": Rounds,
}


def make_procedure(recipe: Recipe, *, pairs_real: bool) -> Procedure:
    """Return the recipe's procedure; `pairs_real`: G's loss compares fakes with real images."""
    return _KINDS[recipe.procedure.name](
        settings=recipe.procedure,
        batch_size=recipe.batch_size,
        pairs_real=pairs_real,
        seed=recipe.seed,
    )
