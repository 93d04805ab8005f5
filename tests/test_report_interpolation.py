"""`ganvas interpolate`: from a model to walks in a file."""

from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from ganvas.cli.main import main
from ganvas.errors import UsageError
from ganvas.model import load_generator
from ganvas.model.between import among_classes, between_classes
from ganvas.recipe import GeneratorSettings
from ganvas.report.interpolation import Walk, walk_images
from ganvas.rng import stream
from tests.model_helpers import networks_of, small_config, write_model
from tests.motion_helpers import read_back, read_video

Captured = pytest.CaptureFixture[str]


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An untrained generator of 8x8 grey pictures in the classes circle, square and 7."""
    folder = tmp_path_factory.mktemp("models") / "model"
    write_model(folder)
    return folder


@pytest.fixture(scope="module")
def unlabelled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("models") / "model"
    write_model(folder, small_config(channels=3, class_names=()))
    return folder


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def interpolate(*line: object) -> int:
    return main(["interpolate", *map(str, line)])


@pytest.mark.parametrize("truncation", [1.0, 0.5])
def test_way_points_are_the_samples_of_their_seeds(model: Path, truncation: float) -> None:
    generator = load_generator(model)
    walk = Walk(seeds=(3, 8, 1), labels=("7", "circle"), columns=4, steps=9, truncation=truncation)
    images = walk_images(generator, walk)
    assert images.shape == (19, 4, 1, 8, 8)
    for place, seed in ((0, 3), (9, 8), (18, 1)):
        expected, _ = generator.sample(4, [2, 0, 2, 0], seed, truncation=truncation)
        assert np.array_equal(images[place], expected)
    between = images[1:9].reshape(8, -1)
    assert len(np.unique(between, axis=0)) == 8  # it moves


def test_without_classes_six_walks_go_side_by_side(unlabelled: Path) -> None:
    generator = load_generator(unlabelled)
    images = walk_images(generator, Walk(seeds=(0, 1), steps=2))
    assert images.shape == (3, 6, 3, 8, 8)
    assert np.array_equal(images[2], generator.sample(6, None, 1)[0])


def test_a_walk_over_classes_holds_the_latent(model: Path) -> None:
    generator = load_generator(model)
    walk = Walk(seeds=(5,), over_classes=True, labels=(2, 0), columns=2, steps=4)
    images = walk_images(generator, walk)
    assert images.shape == (5, 2, 1, 8, 8)
    for place, label in ((0, 2), (4, 0)):
        assert np.array_equal(images[place], generator.sample(2, label, 5)[0])
    assert len(np.unique(images[:, 0].reshape(5, -1), axis=0)) == 5
    every = walk_images(generator, Walk(seeds=(5,), over_classes=True, steps=1))
    assert every.shape == (3, 6, 1, 8, 8)


@pytest.mark.parametrize("architecture", ["swift", "dcgan-tf", "shallow-z20"])
def test_between_two_classes_lies_the_mean_of_their_embeddings(architecture: str) -> None:
    config = small_config(
        height=28, width=28, generator=GeneratorSettings(architecture=architecture, width=8)
    )
    network, _ = networks_of(config)
    noise = torch.randn(3, 4, generator=stream(0, "test.between"))
    zero, one = torch.zeros(3, dtype=torch.int64), torch.ones(3, dtype=torch.int64)
    with torch.no_grad():
        ends = network(noise, zero), network(noise, one)
        with between_classes(network, one, torch.tensor([0.0, 0.5, 1.0])):
            mixed = network(noise, zero)
        assert torch.equal(network(noise, zero), ends[0])  # and it is over afterwards
        torch.testing.assert_close(mixed[0], ends[0][0])
        torch.testing.assert_close(mixed[2], ends[1][2])
        assert not torch.allclose(mixed[1], ends[0][1])
        assert not torch.allclose(mixed[1], ends[1][1])


@pytest.mark.parametrize("architecture", ["swift", "dcgan-tf"])
def test_among_classes_a_whole_share_is_the_class_and_two_halves_lie_between(
    architecture: str,
) -> None:
    config = small_config(
        height=28, width=28, generator=GeneratorSettings(architecture=architecture, width=8)
    )
    network, _ = networks_of(config)
    noise = torch.randn(3, 4, generator=stream(0, "test.among"))
    zero = torch.zeros(3, dtype=torch.int64)
    classes = torch.tensor([[0, 1, 2]]).expand(3, -1)
    shares = torch.tensor([[0.0, 1.0, 0.0], [0.5, 0.5, 0.0], [0.25, 0.25, 0.5]])
    with torch.no_grad():
        with among_classes(network, classes, shares):
            mixed = network(noise, zero)
            assert torch.equal(mixed, network(noise, zero + 2))  # whatever labels it is given
        torch.testing.assert_close(mixed[0], network(noise, zero + 1)[0])
        with between_classes(network, zero + 1, torch.full((3,), 0.5)):
            torch.testing.assert_close(mixed[1], network(noise, zero)[1])
        for label in range(3):
            assert not torch.allclose(mixed[2], network(noise, zero + label)[2])


@pytest.mark.parametrize("name", ["walk.webp", "walk.gif"])
def test_the_file_holds_every_place_and_its_ends(name: str, model: Path, capsys: Captured) -> None:
    assert interpolate(model, "--seeds", "4,2", "--frames", 3, "--hold", 2, "-o", name) == 0
    assert capsys.readouterr() == (f"{name}\n", "")
    frames, milliseconds = read_back(Path(name))
    assert milliseconds == [2000, 50, 50, 2000]
    images = walk_images(load_generator(model), Walk(seeds=(4, 2), steps=3))
    factor = frames.shape[2] // 32  # three pictures of 8 pixels with gaps of 2
    for frame, row in zip(frames[:, ::factor, ::factor, 0], images, strict=True):
        for column in range(3):
            left = 2 + 10 * column
            assert np.array_equal(frame[2:10, left : left + 8], row[column, 0])


def test_a_png_is_a_filmstrip_with_a_row_for_each_walk(model: Path) -> None:
    assert interpolate(model, "--points", 2, "--columns", 2, "--frames", 4, "-o", "walk.png") == 0
    images = walk_images(load_generator(model), Walk(seeds=(0, 1), columns=2, steps=4))
    with Image.open("walk.png") as picture:
        strip = np.asarray(picture)
    factor = strip.shape[1] // 52
    strip = strip[::factor, ::factor]
    assert strip.shape == (22, 52)
    assert np.array_equal(strip[12:20, 32:40], images[3, 1, 0])


def test_an_mp4_holds_its_ends(model: Path) -> None:
    line = ("--points", 2, "--columns", 1, "--frames", 2, "--fps", 10, "--hold", 1)
    assert interpolate(model, *line, "-o", "walk.mp4") == 0
    assert len(read_video(Path("walk.mp4"), height=600, width=600)) == 10 + 1 + 10


@pytest.mark.parametrize("name", ["walk.webp", "walk.gif", "walk.png", "walk.mp4"])
def test_a_seed_decides_every_byte(name: str, model: Path, here: Path) -> None:
    for folder, seed in (("a", 5), ("b", 5), ("c", 6)):
        (here / folder).mkdir()
        line = ("--seed", seed, "--points", 2, "--frames", 2, "-o", f"{folder}/{name}")
        assert interpolate(model, *line) == 0
    a, b, c = ((here / folder / name).read_bytes() for folder in "abc")
    assert a == b != c


@pytest.mark.parametrize(
    ("line", "code", "words"),
    [
        (("-o", "walk.avi"), 2, ".gif, .webp, .mp4"),
        (("-o", "no/walk.gif"), 1, "there is no folder"),
        (("--seeds", "3"), 2, "2 to 100 seeds"),
        (("--seeds", "3,x"), 2, "2 to 100 seeds"),
        (("--seeds", "3,4", "--seed", "1"), 2, "leave --seed and --points out"),
        (("--classes", "--points", "3"), 2, "give --seed alone"),
        (("--classes", "--label", "7"), 2, "two or more"),
        (("--label", "triangle"), 2, "no class 'triangle'"),
        (("--label", "9"), 2, "out of range"),
        (("--hold", "-1"), 2, "from 0 to 60"),
        (("--seed", str(2**63 - 1)), 2, "2**63 - 1"),
    ],
)
def test_what_cannot_be_walked_is_one_line_and_leaves_nothing(
    line: tuple[str, ...], code: int, words: str, model: Path, here: Path, capsys: Captured
) -> None:
    assert interpolate(model, *line) == code
    shown = capsys.readouterr()
    assert (shown.out, shown.err.count("\n")) == ("", 1)
    assert words in shown.err
    assert list(here.iterdir()) == []


def test_a_model_without_classes_has_none_to_walk_over(unlabelled: Path, capsys: Captured) -> None:
    assert interpolate(unlabelled, "--classes") == 2
    assert "no classes to walk over" in capsys.readouterr().err


def test_more_than_fits_into_memory_is_refused(tmp_path: Path) -> None:
    write_model(tmp_path / "large", small_config(height=64, width=64))
    walk = Walk(seeds=tuple(range(100)), columns=32, steps=240)
    with pytest.raises(UsageError, match="take fewer --frames"):
        walk_images(load_generator(tmp_path / "large"), walk)
