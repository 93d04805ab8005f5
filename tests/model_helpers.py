"""Small untrained models on disk, for tests of what reads models."""

from pathlib import Path
from typing import Any

from torch import nn

from ganvas.model import ModelConfig, save_model
from ganvas.nets import ImageShape, make_discriminator, make_generator
from ganvas.recipe import DiscriminatorSettings, GeneratorSettings, LatentSettings
from ganvas.rng import stream

NAMES = ("circle", "square", "7")


def small_config(
    channels: int = 1,
    height: int = 8,
    width: int = 8,
    class_names: tuple[str, ...] = NAMES,
    **values: Any,
) -> ModelConfig:
    """The configuration of a model with few channels."""
    count = len(class_names)
    chosen: dict[str, Any] = {
        "latent": LatentSettings(size=4),
        "generator": GeneratorSettings(width=8),
        "discriminator": DiscriminatorSettings(width=4),
        "class_frequencies": tuple(1 / count for _ in class_names),
    }
    return ModelConfig(
        shape=ImageShape(channels=channels, height=height, width=width),
        class_names=class_names,
        **chosen | values,
    )


def networks_of(config: ModelConfig, seed: int = 0) -> tuple[nn.Module, nn.Module]:
    """Freshly initialised networks, G and D, as `config` describes them."""
    classes = len(config.class_names)
    generator = make_generator(
        config.generator,
        latent_size=config.latent.size,
        shape=config.shape,
        num_classes=classes,
        seed=stream(seed, "test.generator"),
    )
    discriminator = make_discriminator(
        config.discriminator,
        shape=config.shape,
        num_classes=classes,
        seed=stream(seed, "test.discriminator"),
    )
    return generator.eval(), discriminator.eval()


def write_model(folder: Path, config: ModelConfig | None = None, seed: int = 0) -> ModelConfig:
    """Save an untrained model; return its configuration with the digests."""
    chosen = config or small_config()
    generator, discriminator = networks_of(chosen, seed)
    return save_model(
        folder, chosen, generator=generator, discriminator=discriminator, card="# a card\n"
    )
