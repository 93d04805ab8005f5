"""The whole recipe, its rules across settings, and its way to JSON and back."""

from dataclasses import dataclass, field
from typing import Any, Literal, Self

from ganvas import settings
from ganvas.recipe.game import LossSettings, PenaltySettings, TargetSettings
from ganvas.recipe.learning import EmaSettings, Optimizers, ScheduleSettings
from ganvas.recipe.material import Budget, ClusterSettings, DataSettings, LatentSettings
from ganvas.recipe.networks import (
    POINT_ARCHITECTURES,
    DiscriminatorSettings,
    GeneratorSettings,
)
from ganvas.recipe.order import ProcedureSettings
from ganvas.recipe.shown import AugmentSettings, InstanceNoiseSettings
from ganvas.recipe.upkeep import (
    CheckpointSettings,
    DoctorSettings,
    EvaluationSettings,
    LogSettings,
    MachineSettings,
)
from ganvas.settings import require

__all__ = ["Recipe"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Recipe:
    """Everything about a run.

    `conditioning` says what G is asked for and D is told: the data's classes, clusters of its
    images, or nothing. `auto` is `class` where the data has more than one class, else as
    `unlabelled`, which is `clusters` where `clusters.count` names some, else `none`; both are
    `none` where D sees several images at once (`discriminator.pack`).
    """

    name: str = "custom"
    seed: int = 0
    batch_size: int = 64
    conditioning: Literal["auto", "class", "unlabelled", "clusters", "none"] = "auto"
    budget: Budget = field(default_factory=Budget)
    data: DataSettings = field(default_factory=DataSettings)
    clusters: ClusterSettings = field(default_factory=ClusterSettings)
    latent: LatentSettings = field(default_factory=LatentSettings)
    generator: GeneratorSettings = field(default_factory=GeneratorSettings)
    discriminator: DiscriminatorSettings = field(default_factory=DiscriminatorSettings)
    loss: LossSettings = field(default_factory=LossSettings)
    targets: TargetSettings = field(default_factory=TargetSettings)
    penalty: PenaltySettings = field(default_factory=PenaltySettings)
    augment: AugmentSettings = field(default_factory=AugmentSettings)
    instance_noise: InstanceNoiseSettings = field(default_factory=InstanceNoiseSettings)
    optimizer: Optimizers = field(default_factory=Optimizers)
    schedule: ScheduleSettings = field(default_factory=ScheduleSettings)
    ema: EmaSettings = field(default_factory=EmaSettings)
    procedure: ProcedureSettings = field(default_factory=ProcedureSettings)
    machine: MachineSettings = field(default_factory=MachineSettings)
    checkpoint: CheckpointSettings = field(default_factory=CheckpointSettings)
    log: LogSettings = field(default_factory=LogSettings)
    evaluation: EvaluationSettings = field(default_factory=EvaluationSettings)
    doctor: DoctorSettings = field(default_factory=DoctorSettings)

    def __post_init__(self) -> None:
        require(0 <= self.seed < 2**63, "seed", "from 0 to 2**63 - 1", self.seed)
        require(self.batch_size >= 2, "batch_size", "2 or more", self.batch_size)
        require(
            self.conditioning != "clusters" or self.clusters.count > 0,
            "clusters.count",
            "2 or more where conditioning is clusters",
            self.clusters.count,
        )
        self._check_rounds()
        self._check_pairs()
        self._check_sides()
        self._check_gap()
        self._check_auxiliary()
        self._check_packs()
        self._check_points()

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
        require(
            mixed or self.batch_size >= 4,
            "batch_size",
            "4 or more where procedure.round_batches is halves",
            self.batch_size,
        )
        for rows in (self.batch_size,) if mixed else (self.batch_size, self.batch_size // 2):
            require(
                self.procedure.round_images % rows != 1,
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
        require(
            not (mixed and self.penalty.gradient_penalty),
            "penalty.gradient_penalty",
            "0 where procedure.round_batches is mixed: it takes as many fakes as real images",
            self.penalty.gradient_penalty,
        )

    def _check_pairs(self) -> None:
        """The relativistic loss knows pairs of a real and a fake image, and no answer for one."""
        if self.loss.name != "relativistic":
            return
        remedy = "the relativistic loss compares real and fake in pairs"
        plain = "real 1, fake 0, flip 0"
        require(self.targets.are_plain, "targets", plain, self.targets.in_words, remedy)
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
        require(
            not (apart and self.augment.adaptive and self.loss.name == "wasserstein"),
            "augment.adaptive",
            "false where a Wasserstein D learns from real and fake apart: it has no boundary alone",
            self.augment.adaptive,
        )

    def _check_gap(self) -> None:
        """Only a loss with an ideal, of real and fake at once, says who is ahead."""
        if not self.schedule.gap_aware:
            return
        rule = "false where the loss has no ideal value (wasserstein)"
        require(self.loss.name != "wasserstein", "schedule.gap_aware", rule, True)
        apart = self.procedure.passes == "apart" or self.procedure.name == "balanced"
        rule = "false where D learns from real and fake apart (procedure.passes=apart or balanced)"
        require(not apart, "schedule.gap_aware", rule, True)

    def _check_auxiliary(self) -> None:
        """An auxiliary D learns classes by a loss of its own."""
        auxiliary = self.discriminator.classes == "auxiliary"
        require(
            not (auxiliary and self.conditioning == "none"),
            "discriminator.classes",
            "projection where there is no class to tell (conditioning is none)",
            self.discriminator.classes,
            "or set conditioning to class, and give data with classes",
        )
        require(
            not (auxiliary and self.clusters.channels == "apart"),
            "discriminator.classes",
            "projection where clusters.channels is apart: an auxiliary D tells one class",
            self.discriminator.classes,
        )
        require(
            not (auxiliary and self.loss.class_weight),
            "loss.class_weight",
            "0 where discriminator.classes is auxiliary: that D judges an image without its class",
            self.loss.class_weight,
        )
        for name in ("auxiliary_discriminator", "auxiliary_generator"):
            value = getattr(self.loss, name)
            rule = "left at 1 unless discriminator.classes is auxiliary"
            require(auxiliary or value == 1, f"loss.{name}", rule, value)

    def _check_packs(self) -> None:
        """A packed D gives several images one answer."""
        count = self.discriminator.pack
        if count == 1:
            return
        remedy = "or set discriminator.pack to 1"
        require(
            self.conditioning not in ("class", "clusters")
            and self.discriminator.classes == "projection",
            "conditioning",
            "none with packs, whose images have one answer but each a class of its own",
            self.conditioning,
            remedy,
        )
        rule = f"twice discriminator.pack ({count}), three times, or more (batch statistics)"
        fits = self.batch_size % count == 0 and self.batch_size > count
        require(fits, "batch_size", rule, self.batch_size, remedy)
        require(
            self.penalty.gradient_penalty == 0,
            "penalty.gradient_penalty",
            "0 with packs: it lies between one real and one fake image",
            self.penalty.gradient_penalty,
            remedy,
        )
        procedure = self.procedure
        if procedure.name == "rounds":
            half = self.batch_size // 2
            left = procedure.round_images % half
            require(
                procedure.round_batches == "halves"
                and half % count == left % count == 0
                and count not in (half, left),
                "procedure.name",
                "another than rounds, unless round_batches is halves and half of batch_size, and "
                "what is left of round_images after such batches, are several times "
                f"discriminator.pack ({count})",
                procedure.name,
                remedy,
            )

    def _check_points(self) -> None:
        """Both networks are for points or none is, and what is done to pictures is not."""
        points = self.kind == "points"
        require(
            (self.discriminator.architecture in POINT_ARCHITECTURES) == points,
            "discriminator.architecture",
            "one for points exactly where generator.architecture is",
            self.discriminator.architecture,
        )
        require(
            not (points and self.augment.operations),
            "augment.policy",
            "empty for points: it changes pictures",
            ",".join(self.augment.policy) or "flip",
        )

    @property
    def kind(self) -> Literal["images", "points"]:
        """What its generator makes."""
        return "points" if self.generator.architecture in POINT_ARCHITECTURES else "images"

    @property
    def rolls_back(self) -> bool:
        """Whether a run of it that diverges goes back to its last good checkpoint, and on."""
        return self.checkpoint.on_divergence == "roll_back" or self.doctor.remedy == "apply"

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
