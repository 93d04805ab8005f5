"""A trained model on disk (config.json + safetensors + card) and the generator made from it."""

import operator
import secrets
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from importlib.resources import files as package_files
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn

from ganvas import settings
from ganvas.errors import DataError, GanvasError, UsageError, did_you_mean
from ganvas.files import read_json, whole_folder, write_json, write_text
from ganvas.latent import latents
from ganvas.nets import ImageShape, make_discriminator, make_generator
from ganvas.recipe import DiscriminatorSettings, GeneratorSettings, LatentSettings
from ganvas.weights import layout_of, read_weights, write_weights

__all__ = ["Generator", "ModelConfig", "load_generator", "save_model", "shipped_models"]

FORMAT_VERSION = 1
CONFIG_FILE = "config.json"
MODEL_FILE, DISCRIMINATOR_FILE = "model.safetensors", "discriminator.safetensors"
_CHUNK = 500  # latents drawn at once; part of what a seed means, so it never changes
_BATCH = 25  # images made at once, always: kernels of another size round differently


@dataclass(frozen=True, kw_only=True, slots=True)
class ModelConfig:
    """What config.json says: enough to build the networks and to check their files.

    `class_frequencies` are the training data's; () for an unconditional model. The digests are
    those of the two weights files; `data` and what follows say where the model comes from.
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
    data: str = ""
    data_digest: str = ""
    held_out: int = 5000
    recipe: str = ""
    seed: int = 0
    images: int = 0
    command: str = ""

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
        shares = self.class_frequencies
        settings.require(
            not shares or (min(shares) >= 0 and abs(sum(shares) - 1) < 1e-3),
            "class_frequencies",
            "shares of 1, none below 0",
            shares,
        )


class Generator:
    """Makes images: ``generator(16, labels=3, seed=0)`` -> uint8 (16, H, W, C).

    Sample number i of a seed is the same however many are made at once.
    """

    def __init__(self, config: ModelConfig, network: nn.Module) -> None:
        self.config = config
        self.network = network.eval().requires_grad_(False)

    def __call__(
        self,
        n: int,
        labels: int | str | Sequence[int | str] | np.ndarray | None = None,
        seed: int | None = None,
        *,
        truncation: float = 1.0,
    ) -> np.ndarray:
        """Return `n` images, uint8 (n, H, W, C), values 0..255.

        labels      one class for all (number or name), or one for each image; None draws them by
                    the training data's frequencies
        seed        0 or more; None takes a fresh one
        truncation  in (0, 1]: how far the noise reaches; smaller is safer and less varied
        Raises UsageError for anything else.
        """
        images, _ = self.sample(n, labels, seed, truncation=truncation)
        return images.transpose(0, 2, 3, 1)

    def sample(
        self,
        n: int,
        labels: int | str | Sequence[int | str] | np.ndarray | None = None,
        seed: int | None = None,
        *,
        truncation: float = 1.0,
    ) -> tuple[np.ndarray, np.ndarray | None]:
        """Return images uint8 (n, C, H, W) and their classes int64 (n,), None without classes."""
        n = _whole(n, "the number of samples")
        settings.require(n >= 1, "the number of samples", "1 or more", n)
        right = isinstance(truncation, float | int | np.number) and 0 < truncation <= 1
        settings.require(right, "truncation", "above 0, at most 1", truncation)
        seed = secrets.randbits(63) if seed is None else _whole(seed, "seed")
        settings.require(0 <= seed < 2**63, "seed", "from 0 to 2**63 - 1", seed)
        asked = None if labels is None else self._labels(labels, n)
        images, classes = [], []
        for first in range(0, n, _CHUNK):
            count = min(_CHUNK, n - first)
            noise, drawn = latents(
                self.config.latent,
                self.config.class_frequencies,
                seed=seed,
                name="sample",
                draw=first // _CHUNK,
                count=_CHUNK,
            )
            if asked is not None:
                drawn = torch.zeros(_CHUNK, dtype=torch.int64)
                drawn[:count] = torch.from_numpy(asked[first : first + count])
            if drawn is not None:
                classes.append(drawn[:count].numpy())
            for start in range(0, count, _BATCH):
                rows = slice(start, start + _BATCH)
                made = self.images_from(
                    noise[rows] * truncation, None if drawn is None else drawn[rows]
                )
                images.append(made[: count - start])
        return np.concatenate(images), np.concatenate(classes) if classes else None

    @torch.inference_mode()
    def images_from(self, noise: torch.Tensor, labels: torch.Tensor | None) -> np.ndarray:
        """Return the images uint8 (N, C, H, W) of noise float32 (N, latent size)."""
        device = next(self.network.parameters()).device
        signal = self.network(noise.to(device), None if labels is None else labels.to(device))
        if not bool(torch.isfinite(signal).all()):
            raise GanvasError("the generator's output is not finite: its weights are broken")
        pixels = signal.add(1).mul(127.5).round_().clamp_(0, 255).to(torch.uint8)
        images: np.ndarray = pixels.contiguous().cpu().numpy()
        return images

    def _labels(self, labels: Any, n: int) -> np.ndarray:
        names = self.config.class_names
        if not names:
            raise UsageError("this model has no classes, so it takes no labels")
        single = isinstance(labels, str) or not isinstance(labels, Iterable)
        given = [labels] if single or getattr(labels, "ndim", None) == 0 else list(labels)
        if len(given) == 1:
            given = given * n
        if len(given) != n:
            raise UsageError(f"labels must be one for all or {n}, one for each image: {len(given)}")
        return np.array([_class_number(label, names) for label in given], dtype=np.int64)


def save_model(
    folder: Path, config: ModelConfig, *, generator: nn.Module, discriminator: nn.Module, card: str
) -> ModelConfig:
    """Write both networks, config.json with their digests and README.md; whole or not at all."""
    with whole_folder(folder) as temporary:
        digest = write_weights(temporary / MODEL_FILE, generator.state_dict(), {})
        d_digest = write_weights(temporary / DISCRIMINATOR_FILE, discriminator.state_dict(), {})
        plain = settings.to_json(config)
        plain.update(model_digest=digest, discriminator_digest=d_digest)
        complete = settings.from_json(ModelConfig, plain)
        write_json(temporary / CONFIG_FILE, plain)
        write_text(temporary / "README.md", card)
    return complete


def load_generator(where: str | Path) -> Generator:
    """Return the generator of a run directory, a model folder or a shipped model's name.

    Raises UsageError when there is no such thing, DataError when its files are not what
    config.json says.
    """
    folder = _find(where)
    config = read_config(folder)
    with _blame(folder / CONFIG_FILE):
        network = make_generator(
            config.generator,
            latent_size=config.latent.size,
            shape=config.image,
            num_classes=len(config.class_names),
            seed=None,
        )
    _load_weights(network, folder / MODEL_FILE, config.model_digest)
    return Generator(config, network)


def load_discriminator(where: str | Path) -> nn.Module:
    """Return the discriminator network kept with a model, in evaluation mode."""
    folder = _find(where)
    config = read_config(folder)
    with _blame(folder / CONFIG_FILE):
        network = make_discriminator(
            config.discriminator,
            shape=config.image,
            num_classes=len(config.class_names),
            seed=None,
        )
    _load_weights(network, folder / DISCRIMINATOR_FILE, config.discriminator_digest)
    return network.eval().requires_grad_(False)


def read_config(folder: Path) -> ModelConfig:
    """Return what config.json in `folder` says, checked. Raises DataError when it is odd."""
    path = folder / CONFIG_FILE
    values = read_json(path)
    version = values.get("format_version") if isinstance(values, dict) else None
    if version != FORMAT_VERSION:
        raise DataError(
            f"{path}: format_version must be {FORMAT_VERSION}, not {version!r}; "
            "use the version of ganvas that made the model"
        )
    with _blame(path):
        return settings.from_json(ModelConfig, values, "model")


def shipped_models() -> tuple[str, ...]:
    """Return the names of the models in the package."""
    root = package_files("ganvas") / "assets" / "models"
    if not root.is_dir():
        return ()
    return tuple(sorted(entry.name for entry in root.iterdir() if entry.is_dir()))


@contextmanager
def _blame(path: Path) -> Iterator[None]:
    """Turn the refusal of what `path` asks for into a fault of that file, not of the user."""
    try:
        yield
    except UsageError as error:
        raise DataError(f"{path}: {error}") from None


def _load_weights(network: nn.Module, path: Path, digest: str) -> None:
    """Fill a network that lies on the meta device, after its file was checked against it."""
    tensors: dict[str, Any] = dict(read_weights(path, layout_of(network.state_dict()), digest))
    network.load_state_dict(tensors, assign=True)
    network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]


def _find(where: str | Path) -> Path:
    path = Path(where)
    with suppress(OSError):  # a name too long for a path, a folder that may not be entered
        for folder in (path / "model", path):
            if (folder / CONFIG_FILE).is_file():
                return folder
        if path.is_dir() and str(where) not in shipped_models():
            raise UsageError(f"{path} holds no model: no config.json in it or in its model folder")
    if str(where) in shipped_models():
        return Path(str(package_files("ganvas") / "assets" / "models" / str(where)))
    raise UsageError(f"no model '{where}'{did_you_mean(str(where), shipped_models())}")


def _class_number(label: Any, names: Sequence[str]) -> int:
    """Return the number of a class given by name or number."""
    if isinstance(label, str):
        if label in names:
            return names.index(label)
        if not label.isdecimal() or len(label) > 9:
            raise UsageError(f"no class '{label}'{did_you_mean(label, names)}")
        label = int(label)
    number = _whole(label, "a label")
    if not 0 <= number < len(names):
        raise UsageError(f"label {number} is out of range: the model has 0 to {len(names) - 1}")
    return number


def _whole(value: Any, name: str) -> int:
    """Return a whole number (NumPy's and torch's too) as Python's own."""
    try:
        number = operator.index(value)
    except TypeError:
        number = None
    if number is None or isinstance(value, bool):
        raise UsageError(f"{name} must be a whole number, not {value!r}")
    return number
