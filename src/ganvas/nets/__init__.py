"""Networks by name: one file per architecture; size, channels and classes are parameters."""

from collections.abc import Callable
from functools import partial

import torch
from torch import nn

from ganvas.errors import UsageError, did_you_mean
from ganvas.nets.blocks import constrain_spectral_norm
from ganvas.nets.dcgan_tf import DcganTfDiscriminator, DcganTfGenerator
from ganvas.nets.shape import ImageShape
from ganvas.nets.swift import SwiftDiscriminator, SwiftGenerator
from ganvas.recipe import DiscriminatorSettings, GeneratorSettings

__all__ = [
    "DISCRIMINATORS",
    "GENERATORS",
    "ImageShape",
    "make_discriminator",
    "make_generator",
]

GENERATORS: dict[str, type[nn.Module]] = {"swift": SwiftGenerator, "dcgan-tf": DcganTfGenerator}
DISCRIMINATORS: dict[str, type[nn.Module]] = {
    "swift": SwiftDiscriminator,
    "dcgan-tf": DcganTfDiscriminator,
}


def make_generator(
    settings: GeneratorSettings,
    *,
    latent_size: int,
    shape: ImageShape,
    num_classes: int,
    seed: torch.Generator | None,
) -> nn.Module:
    """Return the generator network: noise (N, latent_size), labels (N,) -> images in [-1, 1].

    `seed` draws the initial weights. Without it the network stays on the meta device: shapes
    without memory, to check a file against before anything is loaded.
    """
    make = _find(GENERATORS, settings.architecture, "generator.architecture")
    return _build(
        partial(
            make,
            latent_size=latent_size,
            shape=shape,
            num_classes=num_classes,
            width=settings.width,
        ),
        seed,
    )


def make_discriminator(
    settings: DiscriminatorSettings,
    *,
    shape: ImageShape,
    num_classes: int,
    seed: torch.Generator | None,
) -> nn.Module:
    """Return the discriminator network: images (N, C, H, W), labels (N,) -> logits (N,)."""
    make = _find(DISCRIMINATORS, settings.architecture, "discriminator.architecture")
    return _build(
        partial(
            make,
            shape=shape,
            num_classes=num_classes,
            width=settings.width,
            dropout=settings.dropout,
        ),
        seed,
        spectral_norm=settings.spectral_norm,
    )


def _find(table: dict[str, type[nn.Module]], name: str, setting: str) -> type[nn.Module]:
    if name not in table:
        raise UsageError(f"{setting} cannot be '{name}'{did_you_mean(name, table)}")
    return table[name]


def _build(
    make: Callable[[], nn.Module], seed: torch.Generator | None, *, spectral_norm: bool = False
) -> nn.Module:
    # Laid out on the meta device first, so that no layer draws its own initial weights.
    with torch.device("meta"):
        network = make()
    if seed is not None:
        network = network.to_empty(device="cpu")
        with torch.no_grad():
            network.initialise(seed)  # type: ignore[operator]
    if spectral_norm:
        constrain_spectral_norm(network, seed)
    return network.to(memory_format=torch.channels_last)  # type: ignore[call-overload, no-any-return]
