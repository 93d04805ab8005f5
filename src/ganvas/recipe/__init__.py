"""A recipe: frozen dataclasses that say everything about a run, checked when they are made.

Data counts are in real images drawn; learning rates are per update; fractions are of the run's
total images. A run never reads a setting from anywhere else.
"""

from ganvas.recipe.game import LossSettings, PenaltySettings, TargetSettings
from ganvas.recipe.learning import EmaSettings, Optimizers, OptimizerSettings, ScheduleSettings
from ganvas.recipe.material import Budget, ClusterSettings, DataSettings, LatentSettings
from ganvas.recipe.networks import DiscriminatorSettings, GeneratorSettings, LayerOrder, NormKind
from ganvas.recipe.order import ProcedureSettings
from ganvas.recipe.recipe import Recipe
from ganvas.recipe.shown import AugmentSettings, InstanceNoiseSettings
from ganvas.recipe.upkeep import (
    CheckpointSettings,
    DoctorSettings,
    EvaluationSettings,
    LogSettings,
    MachineSettings,
)

__all__ = [
    "AugmentSettings",
    "Budget",
    "CheckpointSettings",
    "ClusterSettings",
    "DataSettings",
    "DiscriminatorSettings",
    "DoctorSettings",
    "EmaSettings",
    "EvaluationSettings",
    "GeneratorSettings",
    "InstanceNoiseSettings",
    "LatentSettings",
    "LayerOrder",
    "LogSettings",
    "LossSettings",
    "MachineSettings",
    "NormKind",
    "OptimizerSettings",
    "Optimizers",
    "PenaltySettings",
    "ProcedureSettings",
    "Recipe",
    "ScheduleSettings",
    "TargetSettings",
]
