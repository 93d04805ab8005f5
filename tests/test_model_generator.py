"""The generator in use: seeds, labels, pixels, and what is refused."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from ganvas.errors import GanvasError, UsageError
from ganvas.model import (
    Generator,
    load_generator,
)
from ganvas.recipe import GeneratorSettings
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
