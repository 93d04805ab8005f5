"""What is updated in which order."""

from dataclasses import dataclass, fields
from typing import Literal

from ganvas.errors import UsageError
from ganvas.settings import require

__all__ = ["ProcedureSettings"]

_READ_BY = {
    "discriminator_steps": ("alternating",),
    "generator_steps": ("alternating",),
    "generator_noise": ("alternating", "rounds"),
    "passes": ("alternating", "simultaneous", "rounds"),
    "fakes_from": ("alternating", "rounds", "balanced"),
    "frozen": ("alternating", "rounds"),
    "round_images": ("rounds",),
    "round_batches": ("rounds",),
    "discriminator_epochs": ("rounds",),
    "generator_epochs": ("rounds",),
    "fake_threshold": ("balanced",),
    "generator_threshold": ("balanced",),
    "real_threshold": ("balanced",),
}
"""Which procedures read a setting; the others refuse it rather than ignore it."""


@dataclass(frozen=True, kw_only=True, slots=True)
class ProcedureSettings:
    """What is updated in which order; see `ganvas.procedure` for the four orders.

    passes        D sees real and fake images in two passes of one update (`separate`), joined in
                  one batch (`joint`), or in two updates, on real then on fake (`apart`)
    fakes_from    D's fakes come from G in training mode or in evaluation mode
    fake_labels   the classes that G is asked for are drawn by the data's frequencies, or are
                  those of the real images of the same draw
    frozen        D holds still while G learns through it; if not, G's optimiser moves D's weights
                  as well, towards calling fakes real
    pretraining_steps, pretraining_fakes
                  first D alone learns that many steps, from real images against G's fakes or
                  against images of uniform noise; they count neither as steps nor as images
    round_images, round_batches, discriminator_epochs, generator_epochs
                  a round's buffer; D's batches in it are half real and half fake (`halves`), or
                  drawn from all of it mixed (`mixed`); how often each player goes through it
    fake_threshold, generator_threshold, real_threshold
                  `balanced` trains D on fakes, G, D on real images while their loss is above
    """

    name: Literal["alternating", "simultaneous", "rounds", "balanced"] = "alternating"
    discriminator_steps: int = 1
    generator_steps: int = 1
    generator_noise: Literal["fresh", "same"] = "fresh"
    passes: Literal["separate", "joint", "apart"] = "separate"
    fakes_from: Literal["training", "evaluation"] = "training"
    fake_labels: Literal["drawn", "real"] = "drawn"
    frozen: bool = True
    pretraining_steps: int = 0
    pretraining_fakes: Literal["generator", "noise"] = "generator"
    round_images: int = 256
    round_batches: Literal["halves", "mixed"] = "halves"
    discriminator_epochs: int = 1
    generator_epochs: int = 1
    fake_threshold: float = 0.6
    generator_threshold: float = 0.5
    real_threshold: float = 0.45

    def __post_init__(self) -> None:
        for name in (
            "discriminator_steps",
            "generator_steps",
            "round_images",
            "discriminator_epochs",
            "generator_epochs",
        ):
            require(getattr(self, name) >= 1, f"procedure.{name}", "1 or more", getattr(self, name))
        for name in (
            "pretraining_steps",
            "fake_threshold",
            "generator_threshold",
            "real_threshold",
        ):
            require(getattr(self, name) >= 0, f"procedure.{name}", "0 or more", getattr(self, name))
        defaults = {part.name: part.default for part in fields(self)}
        for name, owners in _READ_BY.items():
            default = defaults[name]
            if self.name not in owners and getattr(self, name) != default:
                raise UsageError(
                    f"procedure.{name} means nothing to the procedure '{self.name}', only to "
                    f"{' and '.join(owners)}; leave it at {default!r}"
                )
        require(
            self.pretraining_steps > 0 or self.pretraining_fakes == "generator",
            "procedure.pretraining_fakes",
            "left at generator unless there are procedure.pretraining_steps",
            self.pretraining_fakes,
        )
        if self.passes == "apart" and self.name != "alternating":
            raise UsageError(
                f"procedure.passes cannot be 'apart' in the procedure '{self.name}', whose updates "
                "of D take real and fake together; set it to joint or separate"
            )
        if self.round_batches == "mixed":
            require(
                self.passes == "joint" and self.fakes_from == "evaluation",
                "procedure.round_batches",
                "halves unless passes is joint and fakes_from is evaluation (a mixed batch may "
                "hold a single fake, which has no batch statistics)",
                self.round_batches,
            )

    @property
    def learns_apart(self) -> bool:
        """Whether D learns from real and from fake images in updates of their own."""
        return self.passes == "apart" or self.name == "balanced"
