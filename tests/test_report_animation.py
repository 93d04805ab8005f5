"""Frames to files that move: what is read back is what was given, and for how long."""

import sys
from pathlib import Path

import numpy as np
import pytest

from ganvas.errors import GanvasError, UsageError
from ganvas.report.animation import Timing, require_encoder, write_animation
from tests.motion_helpers import read_back, read_video, some_frames

FAST = Timing(frames_per_second=10, hold_seconds=0.7)


@pytest.mark.parametrize(("suffix", "channels"), [(".webp", 1), (".webp", 3), (".gif", 1)])
def test_every_frame_reads_back_as_it_was_and_the_ends_are_held(
    suffix: str, channels: int, tmp_path: Path
) -> None:
    frames = some_frames(6, channels=channels)
    path = tmp_path / f"film{suffix}"
    write_animation(path, list(frames), FAST)
    found, milliseconds = read_back(path)
    assert np.array_equal(found, np.broadcast_to(frames, found.shape))
    assert milliseconds == [700, 100, 100, 100, 100, 700]


def test_a_gif_in_colour_keeps_size_number_and_nearly_its_colours(tmp_path: Path) -> None:
    frames = np.zeros((3, 8, 16, 3), np.uint8)
    frames[..., 0] = np.arange(16) * 16
    frames[..., 1] = np.arange(3)[:, None, None] * 100
    write_animation(tmp_path / "film.gif", list(frames), FAST)
    found, _ = read_back(tmp_path / "film.gif")
    assert found.shape == frames.shape
    assert np.abs(found.astype(int) - frames).max() <= 8


@pytest.mark.parametrize("channels", [1, 3])
def test_an_mp4_repeats_the_held_frames_and_pads_odd_sides(channels: int, tmp_path: Path) -> None:
    frames = some_frames(5, channels=1, height=40, width=61).repeat(channels, axis=3)
    write_animation(tmp_path / "film.mp4", list(frames), FAST)
    found = read_video(tmp_path / "film.mp4", height=40, width=62).astype(int)
    expected = frames[[0] * 7 + [1, 2, 3] + [4] * 7].astype(int)
    assert len(found) == len(expected)
    assert np.abs(found[:, :, :61] - expected).mean() < 4  # of 255: H.264 is not lossless
    assert found[:, :, 61].mean() > 200  # the white line more


@pytest.mark.parametrize("suffix", [".webp", ".gif", ".mp4"])
def test_the_same_frames_give_the_same_bytes(suffix: str, tmp_path: Path) -> None:
    frames = list(some_frames(4, channels=3))
    for name in ("a", "b"):
        write_animation(tmp_path / f"{name}{suffix}", frames, FAST)
    a, b = ((tmp_path / f"{name}{suffix}").read_bytes() for name in "ab")
    assert a == b


def test_one_frame_is_a_still_picture(tmp_path: Path) -> None:
    frames = some_frames(1, channels=3)
    write_animation(tmp_path / "film.webp", list(frames), FAST)
    found, _ = read_back(tmp_path / "film.webp")
    assert np.array_equal(found, frames)


def test_no_frame_and_unknown_endings_are_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="at least one frame"):
        write_animation(tmp_path / "film.gif", [], FAST)
    for name in ("film", "film.avi", "film.png"):
        with pytest.raises(UsageError, match=r"\.gif, \.webp, \.mp4"):
            require_encoder(tmp_path / name)


@pytest.mark.parametrize(("speed", "hold"), [(0, 1), (51, 1), (10, -1), (10, 61)])
def test_timing_has_limits(speed: int, hold: float) -> None:
    with pytest.raises(UsageError, match="must be from"):
        Timing(frames_per_second=speed, hold_seconds=hold)


def test_a_hold_shorter_than_a_frame_is_a_frame() -> None:
    assert Timing(frames_per_second=5, hold_seconds=0).milliseconds(3) == [200, 200, 200]
    assert Timing(frames_per_second=5, hold_seconds=1).milliseconds(1) == [1000]


def test_a_missing_ffmpeg_says_how_to_get_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ganvas.report.video.find_spec", lambda name: None)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(UsageError, match=r"pip install 'ganvas\[video\]'"):
        require_encoder(tmp_path / "film.mp4")
    require_encoder(tmp_path / "film.webp")  # needs none


@pytest.mark.skipif(sys.platform == "win32", reason="a script as the program")
@pytest.mark.parametrize(
    ("script", "words"),
    [("echo 'Unknown encoder' >&2; exit 1", "Unknown encoder"), ("exit 3", "exit code 3")],
)
def test_an_ffmpeg_that_fails_is_quoted_and_nothing_is_left(
    script: str, words: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = tmp_path / "ffmpeg"
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)
    monkeypatch.setattr("ganvas.report.video.find_ffmpeg", lambda: str(program))
    with pytest.raises(GanvasError, match=words):
        write_animation(tmp_path / "film.mp4", list(some_frames(40, height=400, width=400)), FAST)
    assert [path.name for path in tmp_path.iterdir()] == ["ffmpeg"]
