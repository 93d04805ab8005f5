"""Frames of tests, and frames read back from files that move."""

import subprocess
from pathlib import Path

import numpy as np
from PIL import Image

from ganvas.report.video import require_ffmpeg


def some_frames(count: int, *, channels: int = 1, height: int = 20, width: int = 31) -> np.ndarray:
    """Distinct frames uint8 (count, H, W, C): a square that moves on a shaded ground."""
    rng = np.random.default_rng(channels)
    ground = rng.integers(0, 200, (height, width, channels), dtype=np.uint8)
    frames = np.repeat(ground[None], count, axis=0)
    for number, frame in enumerate(frames):
        frame[3:9, number : number + 6] = 255 - 3 * number
    return frames


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
