"""A trained model on disk: config.json, safetensors and card, written whole, checked on reading."""

import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from hashlib import sha256
from importlib.resources import files as package_files
from pathlib import Path
from typing import Any

import torch
from torch import nn

from ganvas.clusters import Clusters, num_compared
from ganvas.errors import DataError, UsageError, did_you_mean
from ganvas.files import inside, read_json, whole_folder, write_json, write_text
from ganvas.model.config import FORMAT_VERSION, ModelConfig
from ganvas.model.discriminator import Discriminator
from ganvas.model.generator import Generator
from ganvas.nets import make_discriminator, make_generator
from ganvas.weights import layout_of, read_weights, write_weights

__all__ = [
    "find_model",
    "is_model",
    "load_discriminator",
    "load_generator",
    "read_config",
    "read_networks",
    "require_discriminator",
    "save_model",
    "shipped_models",
    "write_config",
]

CONFIG_FILE = "config.json"
_DIGEST = "digest"  # of config.json, in it: of all the rest
MODEL_FILE, DISCRIMINATOR_FILE = "model.safetensors", "discriminator.safetensors"
CLUSTERS_FILE = "clusters.safetensors"


def save_model(
    folder: Path,
    config: ModelConfig,
    *,
    generator: nn.Module,
    discriminator: nn.Module,
    card: str,
    clusters: Clusters | None = None,
) -> ModelConfig:
    """Write the networks, config.json with their digests and README.md; whole or not at all.

    With `clusters`, those that the networks tell apart, too.
    """
    with whole_folder(folder) as temporary:
        digest = write_weights(temporary / MODEL_FILE, generator.state_dict(), {})
        d_digest = write_weights(temporary / DISCRIMINATOR_FILE, discriminator.state_dict(), {})
        plain = config.to_json()
        plain.update(model_digest=digest, discriminator_digest=d_digest)
        if clusters is not None:
            tensors = clusters.to_tensors()
            plain.update(clusters_digest=write_weights(temporary / CLUSTERS_FILE, tensors, {}))
        complete = ModelConfig.from_json(plain)
        write_config(temporary, complete, card)
    return complete


def write_config(folder: Path, config: ModelConfig, card: str) -> None:
    """Write config.json with its own digest, and README.md, into a model's folder."""
    plain = config.to_json()
    write_json(folder / CONFIG_FILE, {**plain, _DIGEST: _digest_of(plain)})
    write_text(folder / "README.md", card)


def load_generator(where: str | os.PathLike[str]) -> Generator:
    """Return the generator of a run directory, a model folder or a shipped model's name.

    Raises UsageError when there is no such thing, DataError when its files are not what
    config.json says.
    """
    folder = find_model(where)
    config = read_config(folder)
    network = _generator_of(folder, config)
    _load_weights(network, inside(folder, MODEL_FILE), config.model_digest)
    return Generator(config, network)


def load_discriminator(where: str | os.PathLike[str]) -> Discriminator:
    """Return the discriminator kept with a model, which is found and checked as the generator.

    Raises UsageError for a model that is kept without one.
    """
    folder = find_model(where)
    config = read_config(folder)
    require_discriminator(folder, config)
    network = _discriminator_of(folder, config)
    _load_weights(network, inside(folder, DISCRIMINATOR_FILE), config.discriminator_digest)
    return Discriminator(config, network, clusters=read_clusters(folder, config))


def read_networks(
    folder: Path, config: ModelConfig
) -> tuple[Mapping[str, torch.Tensor], Mapping[str, torch.Tensor]]:
    """Return the tensors of both networks of a model, checked as `load_generator` checks them.

    Raises UsageError for a model that is kept without a discriminator.
    """
    require_discriminator(folder, config)
    generator, discriminator = _generator_of(folder, config), _discriminator_of(folder, config)
    return (
        read_weights(
            inside(folder, MODEL_FILE), layout_of(generator.state_dict()), config.model_digest
        ),
        read_weights(
            inside(folder, DISCRIMINATOR_FILE),
            layout_of(discriminator.state_dict()),
            config.discriminator_digest,
        ),
    )


def _generator_of(folder: Path, config: ModelConfig) -> nn.Module:
    """Return G as `config` describes it, on the meta device."""
    with _blame(folder / CONFIG_FILE):
        return make_generator(
            config.generator,
            latent_size=config.latent.size,
            shape=config.shape,
            num_classes=config.num_conditions,
            seed=None,
        )


def _discriminator_of(folder: Path, config: ModelConfig) -> nn.Module:
    """Return D as `config` describes it, on the meta device."""
    with _blame(folder / CONFIG_FILE):
        return make_discriminator(
            config.discriminator,
            shape=config.shape,
            num_classes=config.num_conditions,
            seed=None,
        )


def require_discriminator(folder: Path, config: ModelConfig) -> None:
    """Raise UsageError unless the model in `folder` says that it has a discriminator."""
    if not config.discriminator_digest:
        raise UsageError(
            f"the model {folder.name} is kept without its discriminator: it makes pictures, and "
            "judges none; one that you train keeps both"
        )


def read_clusters(folder: Path, config: ModelConfig) -> Clusters | None:
    """Return the clusters that a model's networks tell apart, checked; None where it has none."""
    count, components = len(config.cluster_frequencies), config.cluster_components
    if not count:
        return None
    values, parts = num_compared(*config.shape.sizes), config.cluster_parts
    leading = (parts,) if parts > 1 else ()
    shapes = {
        "mean": (values,),
        "directions": (*leading, values // parts, components),
        "centres": (*leading, count // parts, components),
    }
    with torch.device("meta"):
        layout = layout_of({name: torch.zeros(shape) for name, shape in shapes.items()})
    path = inside(folder, CLUSTERS_FILE)
    return Clusters.from_tensors(read_weights(path, layout, config.clusters_digest))


def is_model(where: str | os.PathLike[str]) -> bool:
    """Return whether `where` is a run directory with a model, a model folder or a shipped one."""
    try:
        find_model(where)
    except UsageError:
        return False
    return True


def read_config(folder: Path) -> ModelConfig:
    """Return what config.json in `folder` says, checked.

    Raises DataError when it is odd, or not what its own digest says; it may have none.
    """
    path = inside(folder, CONFIG_FILE)
    values = read_json(path)
    version = values.get("format_version") if isinstance(values, dict) else None
    if version != FORMAT_VERSION:
        raise DataError(
            f"{path}: format_version must be {FORMAT_VERSION}, not {version!r}; "
            "use the version of ganvas that made the model"
        )
    digest = values.pop(_DIGEST, None)
    with _blame(path):
        config = ModelConfig.from_json(values)
    if digest is not None and digest != _digest_of(values):
        raise DataError(
            f"{path} was changed since it was written: it is not what its '{_DIGEST}' says; where "
            "that was meant, remove that entry"
        )
    return config


def shipped_models() -> tuple[str, ...]:
    """Return the names of the models in the package."""
    root = package_files("ganvas") / "assets" / "models"
    if not root.is_dir():
        return ()
    return tuple(sorted(entry.name for entry in root.iterdir() if entry.is_dir()))


def _digest_of(plain: dict[str, Any]) -> str:
    """Return "sha256:<hex>" of plain values, whatever the order and spacing of their JSON."""
    return f"sha256:{sha256(json.dumps(plain, sort_keys=True).encode()).hexdigest()}"


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


def find_model(where: str | os.PathLike[str]) -> Path:
    """Return the folder of a model that is named as `load_generator` takes it."""
    path = Path(where)
    with suppress(OSError):  # a name too long for a path, a folder that may not be entered
        for folder in (path / "model", path):
            if (folder / CONFIG_FILE).is_file():
                return folder
        if path.is_dir() and str(where) not in shipped_models():
            best = path / "best"
            has_best = (best / CONFIG_FILE).is_file()  # of a run that did not come to its end
            raise UsageError(
                f"{path} holds no model: no config.json in it or in its model folder"
                + (f"; its best one so far is {best}" if has_best else "")
            )
    if str(where) in shipped_models():
        return Path(str(package_files("ganvas") / "assets" / "models" / str(where)))
    near = did_you_mean(str(where), shipped_models())
    if "did you mean" not in near:
        near = f": no run or model folder lies there, and no shipped model is called so{near}"
    raise UsageError(f"no model '{where}'{near}")
