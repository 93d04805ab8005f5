"""A model from a stranger: what config.json may say, and which weights fit it."""

import json
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import torch
from torch.utils._python_dispatch import TorchDispatchMode

from ganvas.errors import DataError, GanvasError, UsageError
from ganvas.model import (
    load_discriminator,
    load_generator,
    read_config,
)
from tests.model_helpers import write_model


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A conditional model, not to be changed."""
    torch.set_num_threads(1)
    path = tmp_path_factory.mktemp("shared") / "model"
    write_model(path)
    return path


@pytest.fixture
def own(tmp_path: Path) -> Path:
    """A model to tamper with."""
    write_model(tmp_path / "model")
    return tmp_path / "model"


def edit(folder: Path, change: Callable[[dict[str, Any]], object]) -> None:
    path = folder / "config.json"
    values = json.loads(path.read_text())
    change(values)
    values.pop("digest", None)  # who tampers does so, or reckons it anew
    path.write_text(json.dumps(values))


class Largest(TorchDispatchMode):
    """Notes the largest tensor, in bytes, that torch makes outside the meta device."""

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.size = 0

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        out = func(*args, **(kwargs or {}))
        for part in out if isinstance(out, tuple | list) else [out]:
            if isinstance(part, torch.Tensor) and part.device.type != "meta":
                self.size = max(self.size, part.untyped_storage().nbytes())
        return out


@pytest.mark.parametrize("part", ["model.safetensors", "discriminator.safetensors"])
def test_weights_of_another_model_are_refused(own: Path, tmp_path: Path, part: str) -> None:
    write_model(tmp_path / "other", seed=1)
    (own / part).write_bytes((tmp_path / "other" / part).read_bytes())
    load = load_generator if part.startswith("model") else load_discriminator
    with pytest.raises(DataError, match="is damaged or was changed: expected sha256:"):
        load(own)


def _of_parts(parts: int, shares: list[float], config: dict[str, Any]) -> None:
    """Let it be a model of colour images with so many parts of clusters of these shares."""
    config["image"]["channels"] = 3
    config.update(class_names=[], class_frequencies=[], cluster_components=2)
    config.update(cluster_frequencies=shares, cluster_parts=parts)


TAMPERED: dict[str, tuple[Callable[[dict[str, Any]], object], str]] = {
    "height": (lambda c: c["image"].update(height=10**9), "image height must be from 8 to 128"),
    "both": (
        lambda c: c.update(points={"dimensions": 2}),
        "model must be an object that has either image or points",
    ),
    "shape": (lambda c: c.update(shape=c["image"]), "model must be an object that has either"),
    "small": (lambda c: c["image"].update(width=7), "image width must be from 8 to 128"),
    "negative": (lambda c: c["image"].update(width=-8), "image width must be from 8 to 128"),
    "channels": (lambda c: c["image"].update(channels=2), "image channels must be 1, 3 or 4"),
    "no image": (
        lambda c: c.pop("image"),
        "model must be an object that has either image or points",
    ),
    "no height": (
        lambda c: c["image"].pop("height"),
        "model.image is incomplete: it lacks 'height",
    ),
    "wide": (lambda c: c["generator"].update(width=10**9), "generator.width must be 1 to 4096"),
    "wide D": (
        lambda c: c["discriminator"].update(width=10**9),
        "discriminator.width must be 1 to 4096",
    ),
    "allowed width": (lambda c: c["generator"].update(width=4096), "bytes; the network described"),
    "latent": (lambda c: c["latent"].update(size=10**12), "latent.size must be 1 to 4096"),
    "larger latent": (lambda c: c["latent"].update(size=5), "bytes; the network|not float32"),
    "larger image": (
        lambda c: c["image"].update(height=128, width=128),
        "bytes; the network described beside it needs",
    ),
    "unknown key": (lambda c: c.update(extra=1), "unknown setting 'model.extra'"),
    "unknown inner key": (
        lambda c: c["generator"].update(widht=8),
        "unknown setting 'model.generator.widht'; did you mean 'model.generator.width'",
    ),
    "architecture": (
        lambda c: c["generator"].update(architecture="swfit"),
        "generator.architecture cannot be 'swfit'; did you mean 'swift'",
    ),
    "a path for an architecture": (
        lambda c: c["generator"].update(architecture="os.system"),
        "generator.architecture cannot be 'os.system'; choose from",
    ),
    "another architecture": (
        lambda c: c["generator"].update(architecture="dcgan-tf"),
        "bytes; the network described beside it needs",
    ),
    "digest": (lambda c: c.update(model_digest="sha256:" + "0" * 64), "damaged or was changed"),
    "no digest": (lambda c: c.pop("model_digest"), "is damaged or was changed"),
    "digest of nothing": (lambda c: c.update(model_digest=None), "model_digest must be a text"),
    "version": (lambda c: c.update(format_version=2, new_key=1), "format_version must be 1, not 2"),
    "no version": (lambda c: c.pop("format_version"), "format_version must be 1, not None"),
    "names": (lambda c: c.update(class_names=["a"]), "one number for each class name"),
    "many names": (
        lambda c: c.update(class_names=["a"] * 10_001, class_frequencies=[1e-4] * 10_001),
        "at most 10,000",
    ),
    "number for names": (lambda c: c.update(class_names=5), "class_names must be a list, not 5"),
    "negative share": (
        lambda c: c.update(class_frequencies=[-1, 1, 1]),
        "class_frequencies must be shares of 1, none below 0",
    ),
    "no shares": (lambda c: c.update(class_frequencies=[0, 0, 0]), "must be shares of 1"),
    "clusters of parts": (
        lambda c: c.update(
            class_names=[],
            class_frequencies=[],
            cluster_frequencies=[0.5, 0.5],
            cluster_components=2,
            cluster_parts=2,
        ),
        "cluster_parts must be 1 or 1, equally many clusters in each; 1 without clusters, not 2",
    ),
    "parts without clusters": (
        lambda c: c.update(image=dict(c["image"], channels=3), cluster_parts=3),
        "cluster_parts must be 1 or 3, equally many clusters in each; 1 without clusters, not 3",
    ),
    **{
        f"{parts} parts": (partial(_of_parts, parts, [0.5, 0.5] * 3), "cluster_parts must be 1 or")
        for parts in (0, -3, 2, 10**9)
    },
    "parts not of equal size": (partial(_of_parts, 3, [1 / 4] * 4), "cluster_parts must be 1 or"),
    "parts that sum to 3 together": (
        partial(_of_parts, 3, [0.9, 0.9, 0.3, 0.3, 0.3, 0.3]),
        "cluster_frequencies must be shares of 1, none below 0",
    ),
    "one part that sums to 3": (
        partial(_of_parts, 1, [0.5] * 6),
        "cluster_frequencies must be shares of 1, none below 0",
    ),
    "text for width": (lambda c: c["generator"].update(width=[]), "must be a whole number, not"),
    "no known loss": (lambda c: c.update(loss="l2"), "loss must be one of non_saturating, hinge"),
    "flag for seed": (lambda c: c.update(seed=True), "model.seed must be a whole number, not True"),
}


@pytest.mark.parametrize("name", TAMPERED)
def test_a_config_that_was_tampered_with_is_refused_before_anything_is_allocated(
    own: Path, name: str
) -> None:
    change, message = TAMPERED[name]
    edit(own, change)
    load = load_discriminator if name == "wide D" else load_generator
    with Largest() as made, pytest.raises(DataError, match=message) as caught:
        load(own)
    assert made.size < 1 << 20
    assert str(own) in str(caught.value)
    assert str(caught.value).isprintable()
    assert len(str(caught.value)) < 600
    assert caught.value.exit_code == 1  # the file's fault, not the user's


def test_a_config_that_is_not_what_its_own_digest_says_is_refused(own: Path) -> None:
    path = own / "config.json"
    written = path.read_text()
    values = json.loads(written)
    path.write_text(json.dumps(dict(reversed(values.items()))))  # the same, laid out otherwise
    assert load_generator(own).config == read_config(own)
    for change in (
        {"class_names": [*values["class_names"][1:], "other"]},
        {"data": "elsewhere"},
        {"seed": 1},
        {"digest": "sha256:" + "0" * 64},
        {"digest": 3},
    ):
        path.write_text(json.dumps({**values, **change}))
        with pytest.raises(DataError, match=r"config\.json was changed since it was written"):
            load_generator(own)
    del values["digest"]
    path.write_text(json.dumps({**values, "seed": 1}))
    assert read_config(own).seed == 1


@pytest.mark.parametrize("content", ["", "[]", "null", "{", '{"format_version": 1}', "\0" * 99])
def test_a_config_that_is_none_is_refused(own: Path, content: str) -> None:
    (own / "config.json").write_text(content)
    with pytest.raises(GanvasError, match=r"config\.json") as caught:
        load_generator(own)
    assert caught.value.exit_code == 1


def test_an_endless_config_is_refused(own: Path) -> None:
    (own / "config.json").write_text(json.dumps({"command": "x" * (1 << 20)}))
    with pytest.raises(GanvasError, match=r"config\.json is longer than the 1048576 bytes"):
        load_generator(own)


def test_names_in_a_strangers_config_cannot_move_the_terminal(own: Path) -> None:
    edit(own, lambda config: config.update(class_names=["\x1b[2J", "a\nb", "c"]))
    with pytest.raises(UsageError) as caught:
        load_generator(own)(1, "zzz")
    assert str(caught.value) == r"no class 'zzz'; choose from \x1b[2J, a\nb, c"
