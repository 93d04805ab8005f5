"""What reads the files of runs and models, for fuzzing beside the readers of data."""

import json
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

import torch

from ganvas import settings
from ganvas.checkpoint import load_checkpoint, save_checkpoint
from ganvas.errors import UsageError
from ganvas.model import load_generator
from ganvas.model.config import ModelConfig
from ganvas.nets import ImageShape
from ganvas.recipe import DiscriminatorSettings, GeneratorSettings, LatentSettings, Recipe
from ganvas.runlog import RunDirectory
from ganvas.weights import bytes_to_tensors, layout_of, read_weights, tensors_to_bytes
from tests.fuzz_helpers import Reader

_TENSORS = {"a": torch.arange(6.0).view(2, 3), "b/c": torch.ones(1, dtype=torch.int64)}
_STATE = {"step": _TENSORS, "images": 64, "report": None, "rates": [0.1, float("inf"), -1]}


def run_readers(folder: Path) -> Iterator[Reader]:
    """Yield the readers; `folder` is for the whole files that they are made from."""
    parts = {
        path.name: path.read_bytes()
        for path in save_checkpoint(folder, 1, _STATE, keep=1).iterdir()
    }
    yield Reader("checkpoint-manifest", (parts["manifest.json"],), _Checkpoint(parts).manifest)
    yield Reader("checkpoint-state", (parts["state.json"],), _Checkpoint(parts).state)
    yield Reader("checkpoint-tensors", (parts["state.safetensors"],), _Checkpoint(parts).tensors)
    yield Reader("weights", (tensors_to_bytes(_TENSORS), tensors_to_bytes({})), _weights)
    yield Reader("weights-of-layout", (tensors_to_bytes(_TENSORS),), _weights_of_layout)
    yield Reader("model-config", (_json(settings.to_json(_config())),), _model)
    recipe = _json(Recipe().to_json())
    for name, whole in (
        ("recipe", recipe),
        ("environment", b'{"data_digest": "sha256:0", "versions": {"torch": "2"}}'),
        ("status", b'{"status": "finished", "images": 64, "evaluation": null}'),
    ):
        file = {"environment": "env"}.get(name, name)
        yield Reader(name, (whole,), _RunFile(f"{file}.json", f"read_{name}"))
    lines = b'{"images": 16, "d_loss": 1.5}\n{"images": 32, "probe": {"fd": 2.5}}\n'
    yield Reader("metrics", (lines, lines * 5), _metrics)


class _Checkpoint:
    """A checkpoint in which one part has other bytes, and a manifest that says so."""

    def __init__(self, parts: dict[str, bytes]) -> None:
        self._parts = parts

    def manifest(self, content: bytes, folder: Path) -> object:
        return self._load(folder, {**self._parts, "manifest.json": content})

    def state(self, content: bytes, folder: Path) -> object:
        return self._load(folder, self._forged("state.json", content))

    def tensors(self, content: bytes, folder: Path) -> object:
        return self._load(folder, self._forged("state.safetensors", content))

    def _forged(self, name: str, content: bytes) -> dict[str, bytes]:
        manifest = json.loads(self._parts["manifest.json"])
        manifest["files"][name] = {
            "bytes": len(content),
            "sha256": sha256(content).hexdigest(),
        }
        return {**self._parts, name: content, "manifest.json": _json(manifest)}

    def _load(self, folder: Path, parts: dict[str, bytes]) -> object:
        for name, content in parts.items():
            (folder / name).write_bytes(content)
        return load_checkpoint(folder)


class _RunFile:
    """A file of a run directory, read by the method of that name."""

    def __init__(self, file: str, method: str) -> None:
        self._file, self._method = file, method

    def __call__(self, content: bytes, folder: Path) -> object:
        (folder / self._file).write_bytes(content)
        return getattr(RunDirectory(folder), self._method)()


def _weights(content: bytes, folder: Path) -> object:
    return bytes_to_tensors(folder / "x", content)


def _weights_of_layout(content: bytes, folder: Path) -> object:
    (folder / "x").write_bytes(content)
    found = read_weights(folder / "x", layout_of(_TENSORS), None)
    assert layout_of(found) == layout_of(_TENSORS)
    return found


def _model(content: bytes, folder: Path) -> object:
    """A model by its config.json: the networks are made without memory, then there is no file."""
    (folder / "config.json").write_bytes(content)
    (folder / "model.safetensors").write_bytes(b"")
    try:
        return load_generator(folder)
    except UsageError:
        raise AssertionError("a fault of the file was told as one of the user") from None


def _metrics(content: bytes, folder: Path) -> object:
    (folder / "metrics.jsonl").write_bytes(content)
    run = RunDirectory(folder)
    run.cut_metrics(20, len(content))
    return run.read_metrics("d_loss", lambda line: (int(line["images"]), float(line["d_loss"])))


def _config() -> ModelConfig:
    return ModelConfig(
        shape=ImageShape(channels=1, height=8, width=8),
        latent=LatentSettings(size=4),
        generator=GeneratorSettings(width=8),
        discriminator=DiscriminatorSettings(width=4),
        class_names=("a", "b"),
        class_frequencies=(0.5, 0.5),
    )


def _json(value: object) -> bytes:
    return (json.dumps(value, indent=2) + "\n").encode()
