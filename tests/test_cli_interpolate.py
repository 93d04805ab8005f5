"""`ganvas interpolate`: from a model to walks in a file."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from ganvas.cli.main import main
from ganvas.model import load_generator
from ganvas.report.interpolation import Walk, walk_images
from tests.motion_helpers import read_back, read_video

Captured = pytest.CaptureFixture[str]


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def interpolate(*line: object) -> int:
    return main(["interpolate", *map(str, line)])


@pytest.mark.parametrize("name", ["walk.webp", "walk.gif"])
def test_the_file_holds_every_place_and_its_ends(
    name: str, model_of_classes: Path, capsys: Captured
) -> None:
    assert (
        interpolate(model_of_classes, "--seeds", "4,2", "--frames", 3, "--hold", 2, "-o", name) == 0
    )
    assert capsys.readouterr() == (f"{name}\n", "")
    frames, milliseconds = read_back(Path(name))
    assert milliseconds == [2000, 50, 50, 2000]
    images = walk_images(load_generator(model_of_classes), Walk(seeds=(4, 2), steps=3))
    factor = frames.shape[2] // 32  # three pictures of 8 pixels with gaps of 2
    for frame, row in zip(frames[:, ::factor, ::factor, 0], images, strict=True):
        for column in range(3):
            left = 2 + 10 * column
            assert np.array_equal(frame[2:10, left : left + 8], row[column, 0])


def test_a_png_is_a_filmstrip_with_a_row_for_each_walk(model_of_classes: Path) -> None:
    assert (
        interpolate(
            model_of_classes, "--points", 2, "--columns", 2, "--frames", 4, "-o", "walk.png"
        )
        == 0
    )
    images = walk_images(load_generator(model_of_classes), Walk(seeds=(0, 1), columns=2, steps=4))
    with Image.open("walk.png") as picture:
        strip = np.asarray(picture)
    factor = strip.shape[1] // 52
    strip = strip[::factor, ::factor]
    assert strip.shape == (22, 52)
    assert np.array_equal(strip[12:20, 32:40], images[3, 1, 0])


def test_an_mp4_holds_its_ends(model_of_classes: Path) -> None:
    line = ("--points", 2, "--columns", 1, "--frames", 2, "--fps", 10, "--hold", 1)
    assert interpolate(model_of_classes, *line, "-o", "walk.mp4") == 0
    assert len(read_video(Path("walk.mp4"), height=600, width=600)) == 10 + 1 + 10


@pytest.mark.parametrize("name", ["walk.webp", "walk.gif", "walk.png", "walk.mp4"])
def test_a_seed_decides_every_byte(name: str, model_of_classes: Path, here: Path) -> None:
    for folder, seed in (("a", 5), ("b", 5), ("c", 6)):
        (here / folder).mkdir()
        line = ("--seed", seed, "--points", 2, "--frames", 2, "-o", f"{folder}/{name}")
        assert interpolate(model_of_classes, *line) == 0
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
    line: tuple[str, ...],
    code: int,
    words: str,
    model_of_classes: Path,
    here: Path,
    capsys: Captured,
) -> None:
    assert interpolate(model_of_classes, *line) == code
    shown = capsys.readouterr()
    assert (shown.out, shown.err.count("\n")) == ("", 1)
    assert words in shown.err
    assert list(here.iterdir()) == []


def test_a_model_without_classes_has_none_to_walk_over(
    model_without_classes: Path, capsys: Captured
) -> None:
    assert interpolate(model_without_classes, "--classes") == 2
    assert "no classes to walk over" in capsys.readouterr().err
