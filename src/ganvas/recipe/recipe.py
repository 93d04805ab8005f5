"""The whole recipe, its rules across settings, and its way to JSON and back."""

from dataclasses import dataclass, field
from typing import Any, Literal, Self

from ganvas import settings
from ganvas.recipe.game import LossSettings, PenaltySettings
from ganvas.recipe.learning import EmaSettings, Optimizers, ScheduleSettings
from ganvas.recipe.material import Budget, DataSettings, LatentSettings
from ganvas.recipe.networks import DiscriminatorSettings, GeneratorSettings
from ganvas.recipe.order import ProcedureSettings
from ganvas.recipe.upkeep import (
    CheckpointSettings,
    EvaluationSettings,
    LogSettings,
    MachineSettings,
)
from ganvas.settings import require

__all__ = ["Recipe"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Recipe:
    """Everything about a run. `conditioning` is `class` where the data has labels, by `auto`."""

    name: str = "custom"
    seed: int = 0
    batch_size: int = 64
    conditioning: Literal["auto", "class", "none"] = "auto"
    budget: Budget = field(default_factory=Budget)
    data: DataSettings = field(default_factory=DataSettings)
    latent: LatentSettings = field(default_factory=LatentSettings)
    generator: GeneratorSettings = field(default_factory=GeneratorSettings)
    discriminator: DiscriminatorSettings = field(default_factory=DiscriminatorSettings)
    loss: LossSettings = field(default_factory=LossSettings)
    penalty: PenaltySettings = field(default_factory=PenaltySettings)
    optimizer: Optimizers = field(default_factory=Optimizers)
    schedule: ScheduleSettings = field(default_factory=ScheduleSettings)
    ema: EmaSettings = field(default_factory=EmaSettings)
    procedure: ProcedureSettings = field(default_factory=ProcedureSettings)
    machine: MachineSettings = field(default_factory=MachineSettings)
    checkpoint: CheckpointSettings = field(default_factory=CheckpointSettings)
    log: LogSettings = field(default_factory=LogSettings)
    evaluation: EvaluationSettings = field(default_factory=EvaluationSettings)

    def __post_init__(self) -> None:
        require(0 <= self.seed < 2**63, "seed", "from 0 to 2**63 - 1", self.seed)
        require(self.batch_size >= 2, "batch_size", "2 or more", self.batch_size)
        if self.procedure.name == "rounds":
            require(
                self.procedure.round_images >= self.batch_size,
                "procedure.round_images",
                f"at least batch_size ({self.batch_size})",
                self.procedure.round_images,
            )
            for rows in (self.batch_size, self.batch_size // 2):
                require(
                    rows >= 2 and self.procedure.round_images % rows != 1,
                    "procedure.round_images",
                    f"such that no batch of {rows} is left with one image (batch statistics)",
                    self.procedure.round_images,
                )

    def with_settings(self, changes: dict[str, Any]) -> Self:
        """Return a copy with dotted settings replaced; strings are read by each field's type."""
        return settings.with_settings(self, changes)

    def to_json(self) -> dict[str, Any]:
        """Return the recipe as plain JSON values; `from_json` gives the same recipe back."""
        return settings.to_json(self)

    @classmethod
    def from_json(cls, values: Any) -> Self:
        """Build a recipe from `to_json`'s values. Raises UsageError on anything unknown."""
        return settings.from_json(cls, values)
