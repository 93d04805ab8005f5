"""Models: saved and loaded bit for bit, sampled alike however asked, and never trusted."""

import os
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from ganvas.errors import DataError, GanvasError, UsageError
from ganvas.files import digest_of
from ganvas.model import (
    Generator,
    load_discriminator,
    load_generator,
    read_config,
    save_model,
    shipped_models,
)
from ganvas.model.files import write_config
from ganvas.model.start import read_start
from ganvas.recipe import DiscriminatorSettings, GeneratorSettings, LatentSettings
from tests.model_helpers import networks_of, small_config, write_model


@pytest.fixture
def own(tmp_path: Path) -> Path:
    """A model to tamper with."""
    write_model(tmp_path / "model")
    return tmp_path / "model"


@pytest.mark.parametrize("channels", [1, 3, 4])
@pytest.mark.parametrize("size", [(8, 8), (20, 45), (45, 20), (128, 128)])
def test_what_is_loaded_is_what_was_saved_to_the_bit(
    tmp_path: Path, channels: int, size: tuple[int, int]
) -> None:
    config = small_config(channels, *size)
    networks = networks_of(config)
    write_model(tmp_path / "model", config)
    loaded = load_generator(tmp_path / "model"), load_discriminator(tmp_path / "model")
    for before, after in zip(networks, (loaded[0].network, loaded[1].network), strict=True):
        state, found = before.state_dict(), after.state_dict()
        assert state.keys() == found.keys()
        for name in state:
            assert torch.equal(state[name], found[name])
            assert state[name].stride() == found[name].stride(), name
    noise, labels = torch.randn(5, 4), torch.tensor([0, 1, 2, 0, 1])
    with torch.inference_mode():
        signals = [network(noise, labels) for network in (networks[0], loaded[0].network)]
        logits = [network(signals[0], labels) for network in (networks[1], loaded[1].network)]
    assert signals[0].shape == (5, channels, *size)
    assert torch.equal(*signals)
    assert torch.equal(*logits)


@pytest.mark.parametrize(
    "values",
    [
        {"discriminator": DiscriminatorSettings(width=4, spectral_norm=True, dropout=0.2)},
        {"latent": LatentSettings(size=7, distribution="truncated")},
        {
            "generator": GeneratorSettings(architecture="dcgan-tf", width=4),
            "discriminator": DiscriminatorSettings(architecture="dcgan-tf", width=4, dropout=0.3),
            "class_names": (),
        },
    ],
    ids=["spectral norm", "truncated noise", "dcgan-tf"],
)
def test_every_kind_of_network_comes_back(tmp_path: Path, values: dict[str, Any]) -> None:
    config = small_config(3, 20, 12, **values)
    networks = networks_of(config)
    write_model(tmp_path / "model", config)
    images = torch.randn(4, 3, 20, 12)
    labels = torch.tensor([0, 1, 2, 0]) if config.class_names else None
    with torch.inference_mode():
        again = load_discriminator(tmp_path / "model").network(images, labels)
        assert torch.equal(networks[1](images, labels), again)
    made = Generator(config, networks[0])(3, seed=1)
    np.testing.assert_array_equal(load_generator(tmp_path / "model")(3, seed=1), made)


def test_the_configuration_comes_back_with_the_digests_of_the_files(tmp_path: Path) -> None:
    config = small_config(
        data="mnist", data_digest="sha256:1", recipe="swift", seed=2**63 - 1, images=10, command="g"
    )
    complete = write_model(tmp_path / "model", config)
    assert load_generator(tmp_path / "model").config == complete
    assert complete.model_digest == digest_of(tmp_path / "model" / "model.safetensors")
    assert complete.discriminator_digest == digest_of(
        tmp_path / "model" / "discriminator.safetensors"
    )
    assert (complete.seed, complete.command, complete.data) == (2**63 - 1, "g", "mnist")


def test_the_same_model_is_the_same_files(tmp_path: Path) -> None:
    for name in ("a", "b"):
        write_model(tmp_path / name)
    for part in (tmp_path / "a").iterdir():
        assert part.read_bytes() == (tmp_path / "b" / part.name).read_bytes()
    assert sorted(part.name for part in (tmp_path / "a").iterdir()) == [
        "README.md",
        "config.json",
        "discriminator.safetensors",
        "model.safetensors",
    ]


def test_a_save_that_fails_leaves_the_old_model(own: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = load_generator(own)(4, seed=0)
    config = small_config()
    networks = networks_of(config, seed=1)

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, "replace", full)
        with pytest.raises(GanvasError, match="No space left"):
            save_model(own, config, generator=networks[0], discriminator=networks[1], card="")
    np.testing.assert_array_equal(load_generator(own)(4, seed=0), before)
    assert [path.name for path in own.parent.iterdir()] == ["model"]


def test_a_model_is_found_by_its_folder_or_its_runs(own: Path, tmp_path: Path) -> None:
    by_folder, by_run = load_generator(own), load_generator(str(tmp_path))
    np.testing.assert_array_equal(by_folder(2, seed=0), by_run(2, seed=0))


@pytest.mark.parametrize("where", ["nowhere", "x" * 5_000, "a/b", "mnits", "\0"])
def test_what_is_no_model_is_refused_in_one_line(
    where: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UsageError, match="no model '") as caught:
        load_generator(where)
    assert str(caught.value).isprintable()


def test_a_folder_without_a_model_is_named(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"holds no model: no config.json in it or in its model"):
        load_generator(tmp_path)


def test_shipped_models_load_by_name() -> None:
    for name in shipped_models():
        assert load_generator(name)(2, seed=0).dtype == np.uint8
    assert list(shipped_models()) == sorted(shipped_models())


def test_a_model_that_is_kept_without_a_discriminator_says_so(own: Path) -> None:
    config = replace(read_config(own), discriminator_digest="")
    write_config(own, config, "a card")
    assert load_generator(own)(2, seed=0).dtype == np.uint8
    for wants in (load_discriminator, read_start):
        with pytest.raises(UsageError, match="kept without its discriminator"):
            wants(own)


def test_a_model_without_its_discriminator_still_samples(own: Path) -> None:
    before = load_generator(own)(2, seed=0)
    (own / "discriminator.safetensors").unlink()
    np.testing.assert_array_equal(load_generator(own)(2, seed=0), before)
    with pytest.raises(GanvasError, match=r"cannot read .*discriminator\.safetensors: No such"):
        load_discriminator(own)


def test_a_run_without_a_model_yet_says_where_its_best_is(own: Path, tmp_path: Path) -> None:
    run = tmp_path / "run"
    shutil.copytree(own, run / "best")
    with pytest.raises(UsageError, match=r"holds no model: .*; its best one so far is .*best"):
        load_generator(run)
    assert load_generator(run / "best")(1, seed=0).dtype == np.uint8


def test_networks_to_begin_from_are_checked_as_those_to_load(own: Path, tmp_path: Path) -> None:
    assert read_start(own).generator.keys() == load_generator(own).network.state_dict().keys()
    secret = tmp_path / "secret"
    secret.write_bytes(b"mine")
    for name in ("model.safetensors", "discriminator.safetensors"):
        folder = tmp_path / f"link-{name}"
        shutil.copytree(own, folder)
        (folder / name).unlink()
        (folder / name).symlink_to(secret)
        with pytest.raises(DataError, match="is a link out of its folder"):
            read_start(folder)
        huge = tmp_path / f"huge-{name}"
        shutil.copytree(own, huge)
        with (huge / name).open("r+b") as file:
            file.truncate(1 << 40)  # of which nothing is on the disk
        with pytest.raises(DataError, match=r"has 1099511627776 bytes; the network .* needs"):
            read_start(huge)
