"""Frames of tests, runs with pictures to make them from, and frames read back from files."""

import subprocess
from pathlib import Path

import numpy as np
from PIL import Image

from ganvas.recipe import Recipe
from ganvas.report.video import require_ffmpeg
from ganvas.runlog import RunDirectory


def some_frames(count: int, *, channels: int = 1, height: int = 20, width: int = 31) -> np.ndarray:
    """Distinct frames uint8 (count, H, W, C): a square that moves on a shaded ground."""
    rng = np.random.default_rng(channels)
    ground = rng.integers(0, 200, (height, width, channels), dtype=np.uint8)
    frames = np.repeat(ground[None], count, axis=0)
    for number, frame in enumerate(frames):
        frame[3:9, number : number + 6] = 255 - 3 * number
    return frames


def empty_run(folder: Path) -> RunDirectory:
    """A run directory that has its recipe and no picture."""
    directory = RunDirectory(folder)
    directory.path.mkdir()
    directory.write_recipe(Recipe())
    return directory


def draw(run: RunDirectory, *places: int, channels: int = 1) -> None:
    """Write grids as a training does, each brighter than the one before."""
    for number, images in enumerate(places):
        tiles = np.full((4, channels, 8, 8), 20 * number, np.uint8)
        tiles[0, :, 1:2, 1:2] = 255  # else it could have been enlarged twice as much
        run.write_grid(f"samples/{images:09d}.png", tiles, 2)


def read_back(path: Path) -> tuple[np.ndarray, list[int]]:
    """The frames of a GIF or WebP as uint8 RGB (N, H, W, 3), and the milliseconds of each."""
    frames, milliseconds = [], []
    with Image.open(path) as picture:
        for number in range(getattr(picture, "n_frames", 1)):
            picture.seek(number)
            picture.load()  # a WebP tells a frame's time once it is decoded
            frames.append(np.asarray(picture.convert("RGB")))
            milliseconds.append(int(picture.info["duration"]))
    return np.stack(frames), milliseconds


def read_video(path: Path, *, height: int, width: int) -> np.ndarray:
    """The frames of an MP4 as uint8 (N, H, W, 3)."""
    command = [
        require_ffmpeg(),
        "-v",
        "error",
        "-i",
        str(path),
        "-f",
        "rawvideo",
        "-pix_fmt",
        "rgb24",
    ]
    done = subprocess.run([*command, "pipe:1"], check=True, capture_output=True)
    return np.frombuffer(done.stdout, np.uint8).reshape(-1, height, width, 3)
