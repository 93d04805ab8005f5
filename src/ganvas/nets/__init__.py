"""Networks by name: one file per architecture; size, channels and classes are parameters."""

import inspect
from collections.abc import Callable
from dataclasses import fields
from functools import partial
from typing import Any

import torch
from torch import nn

from ganvas.errors import UsageError, did_you_mean
from ganvas.nets.auxiliary import AuxiliaryDiscriminator
from ganvas.nets.blocks import constrain_spectral_norm
from ganvas.nets.cifar_cars import CifarCarsDiscriminator, CifarCarsGenerator
from ganvas.nets.dcgan_rmsprop import DcganRmspropDiscriminator, DcganRmspropGenerator
from ganvas.nets.dcgan_tf import DcganTfDiscriminator, DcganTfGenerator
from ganvas.nets.dropout_cnn import DropoutCnnDiscriminator, DropoutCnnGenerator
from ganvas.nets.lsgan import LsganDiscriminator, LsganGenerator
from ganvas.nets.packing import PackedDiscriminator
from ganvas.nets.points import PointsDiscriminator, PointsGenerator
from ganvas.nets.r3 import R3Discriminator, R3Generator
from ganvas.nets.shallow_z20 import ShallowZ20Discriminator, ShallowZ20Generator
from ganvas.nets.shape import ImageShape, PointShape, Shape
from ganvas.nets.smooth_ez import SmoothEzDiscriminator, SmoothEzGenerator
from ganvas.nets.sngan import SnganDiscriminator, SnganGenerator
from ganvas.nets.swift import SwiftDiscriminator, SwiftGenerator
from ganvas.nets.wgan_gp import WganGpDiscriminator, WganGpGenerator
from ganvas.recipe import DiscriminatorSettings, GeneratorSettings
from ganvas.recipe.networks import POINT_ARCHITECTURES

__all__ = [
    "DISCRIMINATORS",
    "GENERATORS",
    "ImageShape",
    "PointShape",
    "Shape",
    "make_discriminator",
    "make_generator",
]

GENERATORS: dict[str, type[nn.Module]] = {
    "swift": SwiftGenerator,
    "cifar-cars": CifarCarsGenerator,
    "dcgan-rmsprop": DcganRmspropGenerator,
    "dcgan-tf": DcganTfGenerator,
    "dropout-cnn": DropoutCnnGenerator,
    "lsgan": LsganGenerator,
    "points": PointsGenerator,
    "r3": R3Generator,
    "shallow-z20": ShallowZ20Generator,
    "smooth-ez": SmoothEzGenerator,
    "sngan": SnganGenerator,
    "wgan-gp": WganGpGenerator,
}
DISCRIMINATORS: dict[str, type[nn.Module]] = {
    "swift": SwiftDiscriminator,
    "cifar-cars": CifarCarsDiscriminator,
    "dcgan-rmsprop": DcganRmspropDiscriminator,
    "dcgan-tf": DcganTfDiscriminator,
    "dropout-cnn": DropoutCnnDiscriminator,
    "lsgan": LsganDiscriminator,
    "points": PointsDiscriminator,
    "r3": R3Discriminator,
    "shallow-z20": ShallowZ20Discriminator,
    "smooth-ez": SmoothEzDiscriminator,
    "sngan": SnganDiscriminator,
    "wgan-gp": WganGpDiscriminator,
}


def make_generator(
    settings: GeneratorSettings,
    *,
    latent_size: int,
    shape: Shape,
    num_classes: int,
    seed: torch.Generator | None,
) -> nn.Module:
    """Return the generator network: noise (N, latent_size), labels (N,) -> images in [-1, 1].

    Of a `PointShape` it makes points (N, D), about in [-1, 1]. Labels (N, P) ask for P classes at
    once, clusters of P channels.

    `seed` draws the initial weights. Without it the network stays on the meta device: shapes
    without memory, to check a file against before anything is loaded. Raises UsageError for an
    unknown architecture, one that makes images where points are wanted or the other way, and for
    a changed setting that this architecture does not have.
    """
    make = _find(GENERATORS, settings.architecture, "generator.architecture", shape)
    return _build(
        partial(
            make,
            latent_size=latent_size,
            shape=shape,
            num_classes=num_classes,
            **_arguments(make, settings, "generator"),
        ),
        seed,
    )


def make_discriminator(
    settings: DiscriminatorSettings,
    *,
    shape: Shape,
    num_classes: int,
    seed: torch.Generator | None,
) -> nn.Module:
    """Return the discriminator network: images (N, C, H, W), labels (N,) -> logits (N,).

    A packed one takes (N * pack, C, H, W) and gives one logit for each pack. Of labels (N, P) the
    logit is the mean of those for each of the P classes. Raises UsageError as
    `make_generator` does, and for packs of images with classes.
    """
    make = _find(DISCRIMINATORS, settings.architecture, "discriminator.architecture", shape)
    auxiliary = settings.classes == "auxiliary" and num_classes > 0
    if settings.pack > 1:
        if num_classes:
            raise UsageError(
                "discriminator.pack must be 1 for a model with classes: a pack has one answer"
            )
        shape = shape.packed(settings.pack)
    plain = partial(
        make,
        shape=shape,
        num_classes=0 if auxiliary else num_classes,
        **_arguments(make, settings, "discriminator"),
    )

    def whole() -> nn.Module:
        if auxiliary:
            return AuxiliaryDiscriminator(plain(), num_classes)
        return PackedDiscriminator(plain(), settings.pack) if settings.pack > 1 else plain()

    return _build(
        whole,
        seed,
        spectral_norm=settings.spectral_norm,
    )


def _find(
    table: dict[str, type[nn.Module]], name: str, setting: str, shape: Shape
) -> type[nn.Module]:
    if name not in table:
        raise UsageError(f"{setting} cannot be '{name}'{did_you_mean(name, table)}")
    if (name in POINT_ARCHITECTURES) != isinstance(shape, PointShape):
        kind = "points" if isinstance(shape, PointShape) else "images"
        raise UsageError(f"{setting} cannot be '{name}' for {kind}")
    return table[name]


def _arguments(
    make: type[nn.Module], settings: GeneratorSettings | DiscriminatorSettings, player: str
) -> dict[str, Any]:
    """Return the settings that the network takes; refuse a changed one that it would ignore."""
    taken = inspect.signature(make).parameters
    arguments = {}
    for field in fields(settings):
        if field.name in (
            "architecture",
            "spectral_norm",
            "classes",
            "pack",
        ):  # read here, whatever the network
            continue
        value = getattr(settings, field.name)
        if field.name in taken:
            arguments[field.name] = value
        elif value != field.default:
            raise UsageError(
                f"{player}.{field.name} means nothing to the {player} '{settings.architecture}'; "
                f"leave it at {field.default!r}"
            )
    return arguments


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
