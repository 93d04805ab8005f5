"""Trained models: on disk, checked and without pickle; in use, G makes and D scores images."""

from ganvas.model.config import ModelConfig
from ganvas.model.discriminator import Discriminator, Scores
from ganvas.model.explorer import MAP_SIDE, Explorer
from ganvas.model.files import (
    is_model,
    load_discriminator,
    load_generator,
    read_config,
    save_model,
    shipped_models,
)
from ganvas.model.generator import Generator
from ganvas.model.start import Start, read_start

__all__ = [
    "MAP_SIDE",
    "Discriminator",
    "Explorer",
    "Generator",
    "ModelConfig",
    "Scores",
    "Start",
    "is_model",
    "load_discriminator",
    "load_generator",
    "read_config",
    "read_start",
    "save_model",
    "shipped_models",
]
