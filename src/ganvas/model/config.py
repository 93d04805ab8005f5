"""What a model folder's config.json says: enough to build the networks and to check their files."""

from dataclasses import dataclass

from ganvas import settings
from ganvas.losses import LOSSES
from ganvas.nets import ImageShape
from ganvas.recipe import DiscriminatorSettings, GeneratorSettings, LatentSettings

__all__ = ["FORMAT_VERSION", "ModelConfig"]

FORMAT_VERSION = 1


@dataclass(frozen=True, kw_only=True, slots=True)
class ModelConfig:
    """What config.json says: enough to build the networks and to check their files.

    `class_frequencies` are the training data's; () for an unconditional model. The digests are
    those of the two weights files; `loss` gives D's logits their meaning ("": not known); `data`
    and what follows say where the model comes from.
    """

    format_version: int = FORMAT_VERSION
    image: ImageShape
    latent: LatentSettings
    generator: GeneratorSettings
    discriminator: DiscriminatorSettings
    class_names: tuple[str, ...] = ()
    class_frequencies: tuple[float, ...] = ()
    model_digest: str = ""
    discriminator_digest: str = ""
    loss: str = ""
    data: str = ""
    data_digest: str = ""
    held_out: int = 5000
    recipe: str = ""
    seed: int = 0
    images: int = 0
    command: str = ""

    @property
    def judges_classes(self) -> bool:
        """Whether D judges an image as one of its class, and must be told which."""
        return bool(self.class_names) and self.discriminator.classes == "projection"

    def __post_init__(self) -> None:
        settings.require(
            self.format_version == FORMAT_VERSION,
            "config.json's format_version",
            str(FORMAT_VERSION),
            self.format_version,
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
        shares = self.class_frequencies
        settings.require(
            not shares or (min(shares) >= 0 and abs(sum(shares) - 1) < 1e-3),
            "class_frequencies",
            "shares of 1, none below 0",
            shares,
        )
