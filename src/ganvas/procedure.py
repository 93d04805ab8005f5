"""The order of a recipe's updates: small pure state machines that yield one `Update` at a time.

A procedure knows no network, no data and no clock. It says which player learns next, from which
rows of which draw; the trainer fetches those rows and the step carries the update out.

A *draw* is a numbered block of an endless stream (of shuffled training images, or of noise with
its labels): asking for the same draw twice gives the same numbers. An *iteration* is the unit
that budgets are rounded up to: one turn of both players, or one whole round.
"""

from dataclasses import dataclass, replace
from typing import Literal, Protocol

from ganvas.recipe import ProcedureSettings, Recipe
from ganvas.seeding import numpy_stream

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


@dataclass(frozen=True, kw_only=True, slots=True)
class Rows:
    """Rows of draw number `draw`, which has `size` rows; all of them unless `pick` says which."""

    draw: int
    size: int
    pick: tuple[int, ...] | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Update:
    """One change of one player's weights (or of both at once, from one forward pass).

    optimizer       the name of the optimiser (or of both, G's first) that makes the change
    real            the real images D sees, None where no real image is needed
    noise           what G makes its fakes from
    classes         real images whose classes the fakes take, where labels are not drawn
    passes          D sees real and fake in two passes, or joined in one batch
    fakes_from      G in training mode (batch statistics) or in evaluation mode (moving ones)
    keeps_fakes     the next update is G's on the same noise: the fakes' graph can be kept
    images          real images that this update draws for the first time
    ends_iteration  the average of G and the schedule move on after this update
    """

    player: Literal["discriminator", "generator", "both"]
    optimizer: tuple[str, ...]
    real: Rows | None
    noise: Rows
    classes: Rows
    passes: Literal["separate", "joint"] = "separate"
    fakes_from: Literal["training", "evaluation"] = "training"
    keeps_fakes: bool = False
    images: int = 0
    ends_iteration: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Cursor:
    """Where a procedure stands: all it needs to go on, small enough for a checkpoint's JSON.

    `memory` is for procedures that decide by what happened (their last losses, their counts).
    """

    iteration: int = 0
    update: int = 0
    memory: tuple[float, ...] = ()


class Procedure(Protocol):
    """What the trainer asks: the next update, given where it stands and what happened last."""

    @property
    def images_per_iteration(self) -> int:
        """Real images that one iteration draws."""
        ...

    def start(self) -> Cursor:
        """Return the cursor of an untrained run."""
        ...

    def next(self, cursor: Cursor, report: dict[str, float] | None) -> tuple[Update, Cursor]:
        """Return the update at `cursor` and the cursor after it.

        `report` holds the last update's plain numbers where `reads_reports` asks for them.
        """
        ...

    @property
    def reads_reports(self) -> bool:
        """Whether `next` looks at the report (fetching it makes a GPU wait)."""
        ...


@dataclass(frozen=True, kw_only=True, slots=True)
class _Counted:
    """A procedure whose updates depend on nothing but (iteration, update)."""

    settings: ProcedureSettings
    batch_size: int
    pairs_real: bool = False
    seed: int = 0

    @property
    def reads_reports(self) -> bool:
        return False

    def start(self) -> Cursor:
        return Cursor()

    def next(self, cursor: Cursor, report: dict[str, float] | None) -> tuple[Update, Cursor]:
        update = self._update(cursor.iteration, cursor.update)
        if cursor.update + 1 < self._num_updates():
            return update, replace(cursor, update=cursor.update + 1)
        return replace(update, ends_iteration=True), Cursor(iteration=cursor.iteration + 1)

    def _num_updates(self) -> int:
        raise NotImplementedError

    def _update(self, iteration: int, update: int) -> Update:
        raise NotImplementedError


@dataclass(frozen=True, kw_only=True, slots=True)
class Alternating(_Counted):
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


@dataclass(frozen=True, kw_only=True, slots=True)
class Simultaneous(_Counted):
    """Both players from one forward pass: neither sees the other's update of this step."""

    @property
    def images_per_iteration(self) -> int:
        return self.batch_size

    def _num_updates(self) -> int:
        return 1

    def _update(self, iteration: int, update: int) -> Update:
        return Update(
            player="both",
            optimizer=("generator", "discriminator"),
            real=Rows(draw=iteration, size=self.batch_size),
            noise=Rows(draw=iteration, size=self.batch_size),
            classes=Rows(draw=iteration, size=self.batch_size),
            passes=self.settings.passes,
            images=self.batch_size,
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class Rounds(_Counted):
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


def make_procedure(recipe: Recipe, *, pairs_real: bool) -> Procedure:
    """Return the recipe's procedure; `pairs_real`: G's loss compares fakes with real images."""
    kinds: dict[str, type[Alternating | Simultaneous | Rounds]] = {
        "alternating": Alternating,
        "simultaneous": Simultaneous,
        "rounds": Rounds,
    }
    return kinds[recipe.procedure.name](
        settings=recipe.procedure,
        batch_size=recipe.batch_size,
        pairs_real=pairs_real,
        seed=recipe.seed,
    )
