"""What a model folder's config.json says: enough to build the networks and to check their files."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

from ganvas import settings
from ganvas.errors import UsageError
from ganvas.losses import LOSSES
from ganvas.nets import ImageShape, PointShape, Shape
from ganvas.recipe import DiscriminatorSettings, GeneratorSettings, LatentSettings

__all__ = ["FORMAT_VERSION", "ModelConfig"]

FORMAT_VERSION = 1

_SHAPES: dict[str, type[Shape]] = {"image": ImageShape, "points": PointShape}
"""What config.json calls the size of what a model makes."""


@dataclass(frozen=True, kw_only=True, slots=True)
class ModelConfig:
    """What config.json says: enough to build the networks and to check their files.

    `shape` is the size of what is made, images or points; points are divided by `scale` to become
    the networks' signal. `class_frequencies` are the training data's; () for an unconditional
    model. A model without classes may draw clusters of the training images instead, by
    `cluster_frequencies`; how to tell them is in a file of its own, in coordinates of
    `cluster_components`. Where each of `cluster_parts` channels has clusters of its own, the
    frequencies are those of the first channel's, then the next one's; each channel's sum to 1. The
    digests are those of the weights files; `loss` gives D's logits their meaning ("": not known);
    `data` and what follows say where the model comes from.
    """

    format_version: int = FORMAT_VERSION
    shape: Shape
    latent: LatentSettings
    generator: GeneratorSettings
    discriminator: DiscriminatorSettings
    scale: float = 1.0
    class_names: tuple[str, ...] = ()
    class_frequencies: tuple[float, ...] = ()
    cluster_frequencies: tuple[float, ...] = ()
    cluster_components: int = 0
    cluster_parts: int = 1
    model_digest: str = ""
    discriminator_digest: str = ""
    clusters_digest: str = ""
    loss: str = ""
    data: str = ""
    data_digest: str = ""
    held_out: int = 5000
    recipe: str = ""
    seed: int = 0
    images: int = 0
    command: str = ""

    @property
    def image(self) -> ImageShape:
        """The size of the images. Raises UsageError for a model of points."""
        if not isinstance(self.shape, ImageShape):
            raise UsageError("this model makes points, and what is asked for takes images")
        return self.shape

    @property
    def makes_points(self) -> bool:
        """Whether the model makes points of the plane, not images."""
        return isinstance(self.shape, PointShape)

    @property
    def judges_classes(self) -> bool:
        """Whether D judges an image as one of its class, and must be told which."""
        return bool(self.class_names) and self.discriminator.classes == "projection"

    @property
    def frequencies(self) -> tuple[float, ...]:
        """With which frequencies samples draw what G is asked for: classes or clusters; () none."""
        return self.class_frequencies or self.cluster_frequencies

    @property
    def num_conditions(self) -> int:
        """How many classes or clusters the networks tell apart; 0 for none."""
        return len(self.frequencies)

    def __post_init__(self) -> None:
        settings.require(
            self.format_version == FORMAT_VERSION,
            "config.json's format_version",
            str(FORMAT_VERSION),
            self.format_version,
        )
        settings.require(
            self.scale > 0 and (self.makes_points or self.scale == 1),
            "scale",
            "above 0, and 1 for images",
            self.scale,
        )
        settings.require(
            len(self.class_names) == len(self.class_frequencies) <= 10_000,
            "class_frequencies",
            "one number for each class name, at most 10,000",
            len(self.class_frequencies),
        )
        settings.require(
            not self.loss or self.loss in LOSSES, "loss", f"one of {', '.join(LOSSES)}", self.loss
        )
        settings.require(
            not (self.class_names and self.cluster_frequencies)
            and len(self.cluster_frequencies) <= 10_000,
            "cluster_frequencies",
            "empty where there are classes, at most 10,000",
            len(self.cluster_frequencies),
        )
        clustered = bool(self.cluster_frequencies)
        settings.require(
            clustered == (self.cluster_components > 0) and self.cluster_components <= 1_000,
            "cluster_components",
            "1 to 1,000 with clusters, 0 without",
            self.cluster_components,
        )
        channels = self.shape.channels if isinstance(self.shape, ImageShape) else 1
        settings.require(
            self.cluster_parts == 1
            or (
                clustered
                and self.cluster_parts == channels
                and len(self.cluster_frequencies) % channels == 0
            ),
            "cluster_parts",
            f"1 or {channels}, equally many clusters in each; 1 without clusters",
            self.cluster_parts,
        )
        for name, parts in (("class_frequencies", 1), ("cluster_frequencies", self.cluster_parts)):
            shares = getattr(self, name)
            settings.require(
                not shares or (min(shares) >= 0 and _sums_to(shares, parts)),
                name,
                "shares of 1, none below 0",
                shares,
            )

    def to_json(self) -> dict[str, Any]:
        """Return plain values for config.json; the size is under `image` or `points`."""
        plain = settings.to_json(self)
        if self.cluster_parts == 1:  # versions that know no parts read it, too
            del plain["cluster_parts"]
        if self.makes_points:
            key = "points"
        else:
            key = "image"
            del plain["scale"]
        return {"format_version": plain.pop("format_version"), key: plain.pop("shape"), **plain}

    @classmethod
    def from_json(cls, values: Any, where: str = "model") -> Self:
        """Build a configuration from `to_json`'s values. Raises UsageError on anything unknown."""
        there = [key for key in _SHAPES if isinstance(values, Mapping) and key in values]
        if len(there) != 1 or "shape" in values:
            raise UsageError(f"{where} must be an object that has either image or points")
        (key,) = there
        shape = settings.from_json(_SHAPES[key], values[key], f"{where}.{key}")
        others = {name: value for name, value in values.items() if name != key}
        return settings.from_json(cls, {**others, "shape": shape}, where)


def _sums_to(shares: tuple[float, ...], parts: int) -> bool:
    """Whether the shares of each of equally many parts sum to 1."""
    each = len(shares) // parts
    return all(abs(sum(shares[i : i + each]) - 1) < 1e-3 for i in range(0, len(shares), each))
