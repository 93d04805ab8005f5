"""What is updated in which order."""

from dataclasses import dataclass, fields
from typing import Literal

from ganvas.errors import UsageError
from ganvas.settings import require

__all__ = ["ProcedureSettings"]

_PROCEDURE_SETTINGS = {
    "discriminator_steps": ("alternating",),
    "generator_steps": ("alternating",),
    "generator_noise": ("alternating",),
    "fakes_from": ("alternating", "rounds"),
    "round_images": ("rounds",),
    "discriminator_epochs": ("rounds",),
    "generator_epochs": ("rounds",),
}
"""Which procedures read a setting; the others refuse it rather than ignore it."""


@dataclass(frozen=True, kw_only=True, slots=True)
class ProcedureSettings:
    """What is updated in which order; see `ganvas.procedure` for the three orders.

    `fake_labels`: the classes that G is asked for are drawn by the data's frequencies, or are
    those of the real images of the same draw. `discriminator_epochs`, `generator_epochs` and
    `round_images` belong to `rounds` alone.
    """

    name: Literal["alternating", "simultaneous", "rounds"] = "alternating"
    discriminator_steps: int = 1
    generator_steps: int = 1
    generator_noise: Literal["fresh", "same"] = "fresh"
    passes: Literal["separate", "joint"] = "separate"
    fakes_from: Literal["training", "evaluation"] = "training"
    fake_labels: Literal["drawn", "real"] = "drawn"
    round_images: int = 256
    discriminator_epochs: int = 1
    generator_epochs: int = 1

    def __post_init__(self) -> None:
        for name in (
            "discriminator_steps",
            "generator_steps",
            "round_images",
            "discriminator_epochs",
            "generator_epochs",
        ):
            require(getattr(self, name) >= 1, f"procedure.{name}", "1 or more", getattr(self, name))
        defaults = {part.name: part.default for part in fields(self)}
        for name, owners in _PROCEDURE_SETTINGS.items():
            default = defaults[name]
            if self.name not in owners and getattr(self, name) != default:
                raise UsageError(
                    f"procedure.{name} means nothing to the procedure '{self.name}', only to "
                    f"{' and '.join(owners)}; leave it at {default!r}"
                )
