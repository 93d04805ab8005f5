"""A run's pictures in motion: from samples/ to a file, with the images seen on each frame."""

from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ganvas.report.frames import (
    animate_at_the_end,
    animate_run,
    evenly,
    find_samples,
    frames_per_second,
    with_progress,
)
from ganvas.runlog import RunDirectory
from tests.motion_helpers import draw, empty_run, read_back, some_frames

Captured = pytest.CaptureFixture[str]


@pytest.fixture
def run(tmp_path: Path) -> RunDirectory:
    return empty_run(tmp_path / "run")


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
