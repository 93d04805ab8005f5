"""Models: saved and loaded bit for bit, sampled alike however asked, and never trusted."""

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.utils._python_dispatch import TorchDispatchMode

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
from ganvas.recipe import DiscriminatorSettings, GeneratorSettings, LatentSettings
from tests.model_helpers import networks_of, small_config, write_model

quick = settings(max_examples=15, deadline=None)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A conditional model, not to be changed."""
    torch.set_num_threads(1)
    path = tmp_path_factory.mktemp("shared") / "model"
    write_model(path)
    return path


@pytest.fixture(scope="module")
def generator(folder: Path) -> Generator:
    return load_generator(folder)


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Generator:
    """The generator of a model without classes."""
    path = tmp_path_factory.mktemp("plain") / "model"
    write_model(path, small_config(class_names=()))
    return load_generator(path)


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


# Round trips


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


# Sampling


@quick
@given(n=st.integers(1, 70), seed=st.integers(0, 2**63 - 1))
def test_image_i_of_a_seed_is_the_same_however_many_are_made(
    generator: Generator, n: int, seed: int
) -> None:
    many, classes = generator.sample(70, seed=seed)
    images, labels = generator.sample(n, seed=seed)
    np.testing.assert_array_equal(images, many[:n])
    assert labels is not None
    assert classes is not None
    np.testing.assert_array_equal(labels, classes[:n])


def test_image_i_is_the_same_in_a_wide_network_too(tmp_path: Path) -> None:
    """Wide layers take kernels that round by the number of images; a sigmoid shows every bit."""
    config = small_config(1, 28, 28, generator=GeneratorSettings(width=64))
    write_model(tmp_path / "model", config)
    generator = load_generator(tmp_path / "model")
    seen: list[torch.Tensor] = []
    generator.network.register_forward_hook(lambda *call: seen.append(call[2]))
    generator.sample(26, seed=3)
    many = torch.cat(seen)
    for n in (1, 2, 3, 5, 17, 26):
        seen.clear()
        generator.sample(n, seed=3)
        assert torch.equal(torch.cat(seen)[:n], many[:n])


def test_images_go_on_over_the_chunks_that_latents_are_drawn_in(generator: Generator) -> None:
    images, labels = generator.sample(1003, seed=5)
    first, _ = generator.sample(503, seed=5)
    np.testing.assert_array_equal(images[:503], first)
    assert labels is not None
    assert len(labels) == len(images) == 1003
    assert len(np.unique(images, axis=0)) == 1003


def test_labels_go_on_over_the_chunks_too(generator: Generator) -> None:
    asked = np.random.default_rng(0).integers(0, 3, 1003)
    images, labels = generator.sample(1003, asked, seed=5)
    assert labels is not None
    np.testing.assert_array_equal(labels, asked)
    alike, _ = generator.sample(1003, 1, seed=5)
    same = (images == alike).all(axis=(1, 2, 3))
    np.testing.assert_array_equal(same, asked == 1)


def test_other_seeds_give_other_images_and_none_gives_fresh_ones(generator: Generator) -> None:
    seeds = (0, 1, 2**63 - 1, None, None)
    assert len({generator(3, seed=seed).tobytes() for seed in seeds}) == 5


def test_sampling_neither_reads_nor_moves_global_randomness(generator: Generator) -> None:
    torch.manual_seed(0)
    np.random.seed(0)
    first = generator(3, seed=1)
    after = torch.rand(1), np.random.rand()
    torch.manual_seed(0)
    np.random.seed(0)
    assert after == (torch.rand(1), np.random.rand())
    np.testing.assert_array_equal(generator(3, seed=1), first)


def test_images_come_as_uint8_nhwc_and_sample_as_nchw(generator: Generator) -> None:
    images, labels = generator.sample(4, seed=0)
    assert images.dtype == np.uint8
    assert images.shape == (4, 1, 8, 8)
    assert images.flags.c_contiguous
    assert labels is not None
    assert labels.dtype == np.int64
    assert labels.shape == (4,)
    np.testing.assert_array_equal(generator(4, seed=0), images.transpose(0, 2, 3, 1))


def test_pixels_are_the_signal_from_minus_one_to_one_spread_over_0_to_255(
    generator: Generator,
) -> None:
    class Constant(torch.nn.Linear):
        value = 0.0

        def forward(self, noise: torch.Tensor, labels: Any = None) -> torch.Tensor:
            return torch.full((len(noise), 1, 8, 8), self.value)

    network = Constant(1, 1)
    constant = Generator(generator.config, network)
    for value, pixel in ((-1.0, 0), (1.0, 255), (0.0, 128), (-1.5, 0), (1.5, 255), (0.2, 153)):
        network.value = value
        assert np.unique(constant(2, seed=0)).tolist() == [pixel]
    network.value = float("nan")
    with pytest.raises(GanvasError, match="the generator's output is not finite"):
        constant(2, seed=0)


@pytest.mark.parametrize(
    "labels",
    [
        1,
        "square",
        np.int64(1),
        np.uint8(1),
        torch.tensor(1),
        np.array(1),
        [1],
        ["square"],
        ("square", 1, "1", np.int32(1)),
        np.array([1, 1, 1, 1]),
        np.array(["square"] * 4),
        torch.tensor([1, 1, 1, 1]),
        range(1, 2),
        "1",
    ],
    ids=str,
)
def test_a_class_can_be_asked_for_in_many_ways(generator: Generator, labels: Any) -> None:
    images, classes = generator.sample(4, labels, seed=9)
    assert classes is not None
    assert classes.tolist() == [1, 1, 1, 1]
    np.testing.assert_array_equal(images, generator.sample(4, [1, 1, 1, 1], seed=9)[0])


def test_a_name_comes_before_a_number(generator: Generator) -> None:
    _, classes = generator.sample(3, ["7", "2", 2], seed=0)
    assert classes is not None
    assert classes.tolist() == [2, 2, 2]


def test_each_image_follows_its_own_label_only(generator: Generator) -> None:
    ones = generator(30, 1, seed=0)
    mixed = generator(30, [1 if i % 3 else 2 for i in range(30)], seed=0)
    same = [bool((a == b).all()) for a, b in zip(ones, mixed, strict=True)]
    assert same == [i % 3 != 0 for i in range(30)]


@pytest.mark.parametrize(
    ("labels", "message"),
    [
        (3, "label 3 is out of range: the model has 0 to 2"),
        (-1, "label -1 is out of range"),
        ([0, 5, 0, 0], "label 5 is out of range"),
        ("8", "label 8 is out of range"),
        ("9" * 5_000, "no class '9999"),
        ("sqare", "no class 'sqare'; did you mean 'square'"),
        ("-1", "no class '-1'; choose from 7, circle, square"),
        ("", "no class ''"),
        ([0, 1], "labels must be one for all or 4, one for each image: 2"),
        ([], "labels must be one for all or 4, one for each image: 0"),
        (1.0, "a label must be a whole number, not 1.0"),
        ([0.5], "a label must be a whole number, not 0.5"),
        ([None], "a label must be a whole number, not None"),
        (True, "a label must be a whole number, not True"),
        (np.zeros((4, 2)), "a label must be a whole number, not array"),
        (b"1", "a label must be a whole number|one for all or 4|out of range"),
    ],
    ids=range(16),
)
def test_labels_that_the_model_does_not_have_are_refused(
    generator: Generator, labels: Any, message: str
) -> None:
    with pytest.raises(UsageError, match=message):
        generator(4, labels, seed=0)


def test_a_model_without_classes_takes_no_labels(plain: Generator) -> None:
    images, labels = plain.sample(3, seed=0)
    assert len(images) == 3
    assert labels is None
    for asked in (0, "7", [0, 1, 2], []):
        with pytest.raises(UsageError, match="has no classes, so it takes no labels"):
            plain(3, asked, seed=0)


def test_labels_are_drawn_by_the_training_datas_frequencies(tmp_path: Path) -> None:
    config = small_config(class_frequencies=(0.7, 0.0, 0.3))
    generator = Generator(config, networks_of(config)[0])
    _, labels = generator.sample(2000, seed=0)
    assert labels is not None
    shares = np.bincount(labels, minlength=3) / len(labels)
    assert shares[1] == 0
    assert shares[0] == pytest.approx(0.7, abs=0.04)  # four standard errors


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"n": 0}, "the number of samples must be 1 or more, not 0"),
        ({"n": -3}, "the number of samples must be 1 or more, not -3"),
        ({"n": 10**12}, "the number of samples of that size must be at most .* at once, not 1000"),
        ({"n": 2.0}, "the number of samples must be a whole number, not 2.0"),
        ({"n": True}, "the number of samples must be a whole number, not True"),
        ({"n": "2"}, "the number of samples must be a whole number, not '2'"),
        ({"n": None}, "the number of samples must be a whole number, not None"),
        ({"seed": -1}, "seed must be from 0 to"),
        ({"seed": 2**63}, "seed must be from 0 to"),
        ({"seed": 1.5}, "seed must be a whole number, not 1.5"),
        ({"seed": "1"}, "seed must be a whole number, not '1'"),
        ({"truncation": 0}, "truncation must be above 0, at most 1, not 0"),
        ({"truncation": 1.01}, "truncation must be above 0, at most 1"),
        ({"truncation": float("nan")}, "truncation must be above 0, at most 1, not nan"),
        ({"truncation": "1"}, "truncation must be above 0, at most 1, not '1'"),
        ({"truncation": None}, "truncation must be above 0, at most 1, not None"),
    ],
    ids=str,
)
def test_odd_requests_are_refused(
    generator: Generator, arguments: dict[str, Any], message: str
) -> None:
    with pytest.raises(UsageError, match=message):
        generator(**{"n": 1, **arguments})


def test_numbers_of_numpy_are_as_good_as_pythons(generator: Generator) -> None:
    images = generator(np.int64(3), seed=np.uint32(5), truncation=np.float32(0.5))  # type: ignore[arg-type]
    np.testing.assert_array_equal(images, generator(3, seed=5, truncation=0.5))


def test_truncation_brings_the_images_together(generator: Generator) -> None:
    spreads = []
    for truncation in (1.0, 0.5, 0.1, 1e-9):
        images = generator(40, 0, seed=0, truncation=truncation).astype(float)
        spreads.append(images.std(axis=0).mean())
    assert spreads == sorted(spreads, reverse=True)
    assert spreads[-1] == 0
    np.testing.assert_array_equal(generator(4, seed=0), generator(4, seed=0, truncation=1.0))


# What a folder must be


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


def test_a_model_without_its_discriminator_still_samples(own: Path) -> None:
    before = load_generator(own)(2, seed=0)
    (own / "discriminator.safetensors").unlink()
    np.testing.assert_array_equal(load_generator(own)(2, seed=0), before)
    with pytest.raises(GanvasError, match=r"cannot read .*discriminator\.safetensors: No such"):
        load_discriminator(own)


@pytest.mark.parametrize("part", ["model.safetensors", "discriminator.safetensors"])
def test_weights_of_another_model_are_refused(own: Path, tmp_path: Path, part: str) -> None:
    write_model(tmp_path / "other", seed=1)
    (own / part).write_bytes((tmp_path / "other" / part).read_bytes())
    load = load_generator if part.startswith("model") else load_discriminator
    with pytest.raises(DataError, match="is damaged or was changed: expected sha256:"):
        load(own)


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
