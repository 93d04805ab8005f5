"""D's turn on a batch of real images and one of fakes: one update, or one on each."""

from dataclasses import replace

from ganvas.procedure.update import Rows, Update
from ganvas.recipe import ProcedureSettings

__all__ = ["discriminator_turn", "turn_length"]


def turn_length(settings: ProcedureSettings) -> int:
    """Return how many updates a turn of D is."""
    return 2 if settings.learns_apart else 1


def discriminator_turn(
    settings: ProcedureSettings,
    *,
    real: Rows,
    noise: Rows,
    split: bool,
    images: int,
    classes: Rows | None = None,
    keeps_fakes: bool = False,
) -> tuple[Update, ...]:
    """Return D's updates on these rows: apart, first on the real images, then on the fakes.

    `split`: each side has an optimiser of its own. `classes`: the real images whose classes the
    fakes take, where those are not `real`. `keeps_fakes`: the next update after the turn
    is G's on the same noise.
    """
    keeps = keeps_fakes and settings.fakes_from == "training"
    whole = Update(
        player="discriminator",
        optimizer=("discriminator",),
        real=real,
        noise=noise,
        classes=classes or real,
        passes="joint" if settings.passes == "joint" else "separate",
        fakes_from=settings.fakes_from,
        keeps_fakes=keeps,
        images=images,
    )
    if not settings.learns_apart:
        return (whole,)
    on_real = replace(
        whole,
        learns_from="real",
        keeps_fakes=False,
        optimizer=("discriminator_real" if split else "discriminator",),
    )
    on_fake = replace(
        whole,
        learns_from="fake",
        images=0,
        optimizer=("discriminator_fake" if split else "discriminator",),
    )
    return (on_real, on_fake)
