"""A recipe: frozen dataclasses that say everything about a run, checked when they are made.

Data counts are in real images drawn; learning rates are per update; fractions are of the run's
total images. A run never reads a setting from anywhere else.
"""

from dataclasses import dataclass, field, fields
from typing import Any, Literal, Self

from ganvas import settings
from ganvas.errors import UsageError
from ganvas.learning import EmaSettings, Optimizers, OptimizerSettings, ScheduleSettings
from ganvas.settings import require
from ganvas.upkeep import (
    CheckpointSettings,
    EvaluationSettings,
    LogSettings,
    MachineSettings,
)

__all__ = [
    "Budget",
    "CheckpointSettings",
    "DataSettings",
    "DiscriminatorSettings",
    "EmaSettings",
    "EvaluationSettings",
    "GeneratorSettings",
    "LatentSettings",
    "LogSettings",
    "LossSettings",
    "MachineSettings",
    "OptimizerSettings",
    "Optimizers",
    "PenaltySettings",
    "ProcedureSettings",
    "Recipe",
    "ScheduleSettings",
]

MAX_WIDTH = 4096  # far above what a PC trains; keeps a stranger's config from asking for the moon


@dataclass(frozen=True, kw_only=True, slots=True)
class Budget:
    """How long to train. `minutes` is turned into images once, at the start of the run."""

    amount: float = 100_000
    unit: Literal["images", "epochs", "steps", "minutes"] = "images"

    def __post_init__(self) -> None:
        require(self.amount > 0, "budget.amount", "more than 0", self.amount)


@dataclass(frozen=True, kw_only=True, slots=True)
class DataSettings:
    """What is trained on. `held_out` training images are set aside, 0 trains on all."""

    name: str = "mnist"
    held_out: int = 5000
    order: Literal["shuffled", "sequential", "with_replacement"] = "shuffled"

    def __post_init__(self) -> None:
        require(self.held_out >= 0, "data.held_out", "0 or more images", self.held_out)


@dataclass(frozen=True, kw_only=True, slots=True)
class LatentSettings:
    """The generator's noise: `size` numbers from N(0, 1), N(0, 1) cut at 2, or U(-1, 1)."""

    size: int = 64
    distribution: Literal["normal", "truncated", "uniform"] = "normal"

    def __post_init__(self) -> None:
        require(1 <= self.size <= MAX_WIDTH, "latent.size", f"1 to {MAX_WIDTH}", self.size)


LayerOrder = Literal[
    "norm_activation_dropout",
    "activation_norm_dropout",
    "dropout_norm_activation",
    "activation_dropout_norm",
]
"""What follows a layer that is normalised, first to last; see `ganvas.nets.blocks.Finish`."""


@dataclass(frozen=True, kw_only=True, slots=True)
class GeneratorSettings:
    """The generator's network: which architecture, and how many channels it works in.

    `dropout` is the share that is dropped, where the architecture says; `order` is what comes
    first after each normalised layer. An architecture without one of them refuses its setting.
    """

    architecture: str = "swift"
    width: int = 64
    dropout: float = 0.0
    order: LayerOrder = "norm_activation_dropout"

    def __post_init__(self) -> None:
        require(1 <= self.width <= MAX_WIDTH, "generator.width", f"1 to {MAX_WIDTH}", self.width)
        require(0 <= self.dropout < 1, "generator.dropout", "at least 0, below 1", self.dropout)


@dataclass(frozen=True, kw_only=True, slots=True)
class DiscriminatorSettings:
    """The discriminator's network; `spectral_norm` divides each weight by its largest
    singular value (arXiv 1802.05957); `dropout` and `order` as in `GeneratorSettings`."""

    architecture: str = "swift"
    width: int = 32
    spectral_norm: bool = False
    dropout: float = 0.0
    order: LayerOrder = "norm_activation_dropout"

    def __post_init__(self) -> None:
        require(
            1 <= self.width <= MAX_WIDTH, "discriminator.width", f"1 to {MAX_WIDTH}", self.width
        )
        require(0 <= self.dropout < 1, "discriminator.dropout", "at least 0, below 1", self.dropout)


@dataclass(frozen=True, kw_only=True, slots=True)
class LossSettings:
    """The adversarial game; see `ganvas.losses` for each formula.

    `class_weight`: how much it counts for a conditional D to tell a real image's class from the
    wrong ones.
    """

    name: Literal["non_saturating", "hinge", "least_squares", "wasserstein", "relativistic"] = (
        "non_saturating"
    )
    class_weight: float = 0.0

    def __post_init__(self) -> None:
        require(self.class_weight >= 0, "loss.class_weight", "0 or more", self.class_weight)


@dataclass(frozen=True, kw_only=True, slots=True)
class PenaltySettings:
    """Gradient penalties of D: R1 on real, R2 on fake images (arXiv 1801.04406), and WGAN-GP's.

    With `every` > 1 a penalty is taken in every such D update and scaled up by `every`, so its
    mean strength stays the same (lazy regularisation, arXiv 1912.04958).
    """

    r1: float = 0.0
    r2: float = 0.0
    gradient_penalty: float = 0.0
    every: int = 1

    def __post_init__(self) -> None:
        for name in ("r1", "r2", "gradient_penalty"):
            require(getattr(self, name) >= 0, f"penalty.{name}", "0 or more", getattr(self, name))
        require(self.every >= 1, "penalty.every", "1 or more updates", self.every)


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
