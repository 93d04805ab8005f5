"""Trained models: on disk, checked and without pickle; in use, a generator of uint8 images."""

from ganvas.model.config import ModelConfig
from ganvas.model.files import (
    is_model,
    load_discriminator,
    load_generator,
    read_config,
    save_model,
    shipped_models,
)
from ganvas.model.generator import Generator

__all__ = [
    "Generator",
    "ModelConfig",
    "is_model",
    "load_discriminator",
    "load_generator",
    "read_config",
    "save_model",
    "shipped_models",
]
