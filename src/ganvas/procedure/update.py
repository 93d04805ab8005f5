"""What a procedure is, and what it yields: one update of one player, told in plain values."""

from dataclasses import dataclass
from typing import Literal, Protocol

__all__ = ["Cursor", "Procedure", "Rows", "Update"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Rows:
    """Rows of draw number `draw`, which has `size` rows; all of them unless `pick` says which."""

    draw: int
    size: int
    pick: tuple[int, ...] | None = None

    def __len__(self) -> int:
        return self.size if self.pick is None else len(self.pick)


@dataclass(frozen=True, kw_only=True, slots=True)
class Update:
    """One change of one player's weights (or of both at once, from one forward pass; or of none).

    optimizer       the name of the optimiser (or of both, G's first) that makes the change
    real            the real images D sees, None where no real image is needed
    noise           what G makes its fakes from (not read where D learns from real images alone)
    classes         real images whose classes the fakes take, where labels are not drawn
    passes          D sees real and fake in two passes, or joined in one batch
    learns_from     D learns from both kinds of images in one loss, or from one kind alone
    fakes_from      G in training mode (batch statistics) or in evaluation mode (moving ones), or
                    no G at all: images of uniform noise
    moves_discriminator
                    G's optimiser moves D's weights, too
    re_evaluates    after the change all three losses are computed again on the same rows, for a
                    procedure that decides by them
    makes_draw      the fakes of the noise's whole draw are made at once, for this update and the
                    next ones: G does not change before the draw is used up
    keeps_fakes     the next update is G's on the same noise: the fakes' graph can be kept
    pretrains       it comes before the run proper, whose schedule has not begun
    images          real images that this update draws for the first time, as budgets count them
    ends_iteration  the average of G and the schedule move on after this update
    """

    player: Literal["discriminator", "generator", "both", "nobody"]
    optimizer: tuple[str, ...]
    real: Rows | None
    noise: Rows
    classes: Rows
    passes: Literal["separate", "joint"] = "separate"
    learns_from: Literal["both", "real", "fake"] = "both"
    fakes_from: Literal["training", "evaluation", "noise"] = "training"
    moves_discriminator: bool = False
    re_evaluates: bool = False
    makes_draw: bool = False
    keeps_fakes: bool = False
    pretrains: bool = False
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
