"""A run's pictures in motion: from samples/ to a file, with the images seen on each frame."""

from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ganvas.cli.main import main
from ganvas.files import write_png
from ganvas.recipe import Recipe
from ganvas.report.frames import (
    animate_at_the_end,
    animate_run,
    evenly,
    find_samples,
    frames_per_second,
    with_progress,
)
from ganvas.runlog import RunDirectory
from tests.motion_helpers import read_back, read_video, some_frames

Captured = pytest.CaptureFixture[str]
TILES = (4, 1, 8, 8)


@pytest.fixture
def run(tmp_path: Path) -> RunDirectory:
    directory = RunDirectory(tmp_path / "run")
    directory.path.mkdir()
    directory.write_recipe(Recipe())
    return directory


def draw(run: RunDirectory, *places: int, channels: int = 1) -> None:
    """Write grids as a training does, each brighter than the one before."""
    for number, images in enumerate(places):
        tiles = np.full((4, channels, 8, 8), 20 * number, np.uint8)
        tiles[0, :, 1:2, 1:2] = 255  # else it could have been enlarged twice as much
        run.write_grid(f"samples/{images:09d}.png", tiles, 2)


@given(st.integers(1, 400), st.integers(2, 130))
def test_even_choices_keep_the_ends_and_equal_steps(count: int, most: int) -> None:
    chosen = evenly(count, most)
    assert len(chosen) == min(count, most)
    assert (chosen[0], chosen[-1]) == (0, count - 1)
    steps = {b - a for a, b in pairwise(chosen)}
    assert not steps or (min(steps) >= 1 and max(steps) - min(steps) <= 1)


def test_a_short_and_a_long_film_can_be_followed() -> None:
    speeds = [frames_per_second(count) for count in range(2, 300)]
    assert speeds == sorted(speeds)
    assert (speeds[0], speeds[-1]) == (3, 20)
    assert 7 <= 80 / frames_per_second(80) <= 9


@given(st.floats(0, 1), st.floats(0, 1))
def test_the_bar_grows_with_the_share_and_leaves_the_picture_alone(a: float, b: float) -> None:
    picture = some_frames(1, channels=3, height=30, width=200)[0]
    low, high = sorted([a, b])
    less, more = (with_progress(picture, share, "x") for share in (low, high))
    assert np.array_equal(less[:30], picture)
    assert np.array_equal(more[:30], picture)
    filled = [(frame[31, :, 0] < 100).sum() for frame in (less, more)]
    assert filled[0] <= filled[1]


def test_the_bar_is_empty_at_none_and_full_at_all() -> None:
    picture = np.zeros((10, 100, 1), np.uint8)
    assert (with_progress(picture, 0.0, "")[11] < 100).sum() == 0
    assert (with_progress(picture, 1.0, "")[11] < 100).sum() == 100 - 12


@pytest.mark.parametrize("channels", [1, 3, 4])
def test_a_film_shows_every_picture_in_order(
    channels: int, run: RunDirectory, tmp_path: Path
) -> None:
    draw(run, 1_000_000_000, 5, 20, channels=channels)
    assert [images for images, _ in find_samples(run.path)] == [5, 20, 1_000_000_000]
    assert animate_run(run.path, tmp_path / "film.webp", hold_seconds=2) == 3
    frames, milliseconds = read_back(tmp_path / "film.webp")
    assert milliseconds == [2000, 330, 2000]
    width = frames.shape[2]
    assert width == 594  # the grid's 22 pixels, enlarged to about 600
    if channels < 4:  # where it is brighter, a picture is later
        assert frames[:, width // 8, 4 * width // 100 + 60].tolist() == [
            [20] * 3,
            [40] * 3,
            [0] * 3,
        ]
    bars = [(frame[width + 1, :, 0] < 100).sum() for frame in frames]
    assert bars[0] <= bars[1] < bars[2]


def test_of_many_pictures_some_are_left_out_but_not_the_ends(
    run: RunDirectory, tmp_path: Path
) -> None:
    draw(run, *range(10, 130, 10))
    assert animate_run(run.path, tmp_path / "film.webp", most_frames=4) == 4
    frames, _ = read_back(tmp_path / "film.webp")
    assert frames[:, 162, 162, 0].tolist() == [0, 80, 140, 220]
    assert animate_run(run.path, tmp_path / "film.webp", most_pixels=1) == 2


def test_a_run_leaves_its_film_only_where_something_moves(run: RunDirectory) -> None:
    assert animate_at_the_end(run.path) is None
    draw(run, 10)
    assert animate_at_the_end(run.path) is None
    draw(run, 10, 20)
    path = animate_at_the_end(run.path)
    assert path == run.path / "samples.webp"
    before = path.read_bytes()
    assert animate_at_the_end(run.path) == path
    assert path.read_bytes() == before


def animate(*line: object) -> int:
    return main(["animate", *map(str, line)])


@pytest.mark.parametrize("name", ["film.gif", "film.WEBP", "film.mp4"])
def test_the_command_prints_where_the_film_is(
    name: str, run: RunDirectory, tmp_path: Path, capsys: Captured
) -> None:
    draw(run, 10, 20, 30)
    path = tmp_path / name
    assert animate(run.path, "-o", path, "--fps", 5, "--hold", 1) == 0
    assert capsys.readouterr() == (f"{path}\n", "")
    if name.endswith("mp4"):
        assert len(read_video(path, height=624, width=594)) == 5 + 1 + 5
    else:
        assert read_back(path)[1] == [1000, 200, 1000]


def test_without_a_name_it_is_in_the_run(run: RunDirectory, capsys: Captured) -> None:
    draw(run, 10, 20)
    assert animate(run.path) == 0
    assert capsys.readouterr().out == f"{run.path / 'samples.webp'}\n"


@pytest.mark.parametrize(
    ("damage", "code", "words"),
    [
        ("none", 2, "no picture in samples/"),
        ("one", 2, "one picture in samples/"),
        ("truncated", 1, "no whole PNG picture"),
        ("text", 1, "no whole PNG picture"),
        ("size", 1, "has another size"),
        ("suffix", 2, "an animation can be written as .gif, .webp, .mp4"),
        ("folder", 1, "there is no folder"),
        ("no run", 2, "no run directory"),
    ],
)
def test_what_cannot_be_animated_is_one_line_and_leaves_nothing(
    damage: str, code: int, words: str, run: RunDirectory, tmp_path: Path, capsys: Captured
) -> None:
    draw(run, *{"none": (), "one": (10,)}.get(damage, (10, 20, 30)))
    picture = run.path / "samples" / "000000020.png"
    if damage == "truncated":
        picture.write_bytes(picture.read_bytes()[:-40])
    elif damage == "text":
        picture.write_text("no picture")
    elif damage == "size":
        write_png(picture, np.zeros((60, 50), np.uint8))
    name = {"suffix": "film.avi", "folder": "none/film.gif"}.get(damage, "film.gif")
    where = tmp_path if damage == "no run" else run.path
    assert animate(where, "-o", tmp_path / name) == code
    shown = capsys.readouterr()
    assert (shown.out, shown.err.count("\n")) == ("", 1)
    assert words in shown.err
    assert [path.name for path in tmp_path.iterdir()] == ["run"]
    assert not (run.path / "samples.webp").exists()
