"""The whole recipe, its rules across settings, and its way to JSON and back."""

from dataclasses import dataclass, field
from typing import Any, Literal, Self

from ganvas import settings
from ganvas.recipe.game import LossSettings, PenaltySettings, TargetSettings
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
    targets: TargetSettings = field(default_factory=TargetSettings)
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
        self._check_rounds()
        self._check_pairs()
        self._check_sides()

    def _check_rounds(self) -> None:
        if self.procedure.name != "rounds":
            return
        require(
            self.procedure.round_images >= self.batch_size,
            "procedure.round_images",
            f"at least batch_size ({self.batch_size})",
            self.procedure.round_images,
        )
        mixed = self.procedure.round_batches == "mixed"
        for rows in (self.batch_size,) if mixed else (self.batch_size, self.batch_size // 2):
            require(
                rows >= 2 and self.procedure.round_images % rows != 1,
                "procedure.round_images",
                f"such that no batch of {rows} is left with one image (batch statistics)",
                self.procedure.round_images,
            )
        require(
            not mixed or self.loss.mean_over == "batch",
            "loss.mean_over",
            "batch where procedure.round_batches is mixed",
            self.loss.mean_over,
        )

    def _check_pairs(self) -> None:
        """The relativistic loss knows pairs of a real and a fake image, and no answer for one."""
        if self.loss.name != "relativistic":
            return
        remedy = "the relativistic loss compares real and fake in pairs"
        require(self.targets.are_plain, "targets", "real 1, fake 0, flip 0", self.targets, remedy)
        require(
            self.loss.mean_over == "sides", "loss.mean_over", "sides", self.loss.mean_over, remedy
        )
        procedure = self.procedure
        require(
            procedure.passes != "apart", "procedure.passes", "joint or separate", "apart", remedy
        )
        require(procedure.name != "balanced", "procedure.name", "another", "balanced", remedy)
        require(
            procedure.round_batches == "halves",
            "procedure.round_batches",
            "halves",
            procedure.round_batches,
            remedy,
        )

    def _check_sides(self) -> None:
        apart = self.procedure.learns_apart
        require(
            apart or self.optimizer.discriminator_states == "one",
            "optimizer.discriminator_states",
            "one unless D learns from real and fake apart (procedure.passes=apart or balanced)",
            self.optimizer.discriminator_states,
        )
        require(
            not (apart and self.penalty.gradient_penalty),
            "penalty.gradient_penalty",
            "0 where D learns from real and fake apart: it lies between the two",
            self.penalty.gradient_penalty,
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
