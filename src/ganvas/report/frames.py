"""A run's pictures of its fixed latents -> the animation of how they came to be."""

import re
from collections.abc import Sequence
from math import gcd
from pathlib import Path
from typing import Any

import numpy as np

from ganvas.errors import DataError, GanvasError, UsageError
from ganvas.files import read_png
from ganvas.grid import enlargement, on_white, upscale
from ganvas.report.animation import Timing, require_encoder, write_animation
from ganvas.run import find_run

__all__ = [
    "MOST_FRAMES",
    "NAME_AT_THE_END",
    "animate_at_the_end",
    "animate_run",
    "evenly",
    "find_samples",
    "frames_per_second",
    "with_progress",
]

NAME_AT_THE_END = "samples.webp"
"""The animation that a run leaves beside samples.png.

WebP, not GIF: lossless, also in colour, and the same frames in less than half the bytes (60
frames of 604 x 604 grey pixels: 2.0 MB against 4.6 MB). Every browser shows it.
"""
MOST_FRAMES = 120

_NAME = re.compile(r"(\d{9,})\.png", re.ASCII)
_SIDE = 600  # pixels: about how wide a frame is
_MOST_PIXELS = 1 << 26  # of all frames together, which are in memory at once
_MOST_PIXELS_AT_THE_END = 1 << 24  # a second's work, beside a training of a minute
_FOOTER, _BAR, _MARGIN = 30, 6, 6  # pixels: height of the strip, of the bar in it, space around
_INK, _EMPTY = 70, 225  # grey values


def animate_run(
    run: str | Path,
    path: Path,
    *,
    most_frames: int = MOST_FRAMES,
    most_pixels: int = _MOST_PIXELS,
    speed: int | None = None,
    hold_seconds: float = 1.5,
) -> int:
    """Write the animation of a run's samples/ as `path` (.gif, .webp or .mp4); return its frames.

    Below each picture a bar and words say at how many images it was made. Of more than
    `most_frames` pictures, or `most_pixels` in all, some are left out evenly, never the first or
    the last: these two are held for `hold_seconds`. `speed` is in frames per second, by default
    such that a long and a short run can be followed alike.

    Raises UsageError for what is no run, fewer than two pictures and what `write_animation`
    refuses, DataError for a damaged picture, GanvasError when the file cannot be written.
    """
    require_encoder(path)
    samples = find_samples(run)
    if len(samples) < 2:
        there = "one picture" if samples else "no picture"
        raise UsageError(
            f"{run} has {there} in samples/, and an animation takes two; train longer than "
            "log.samples_every_images, or set that lower"
        )
    first = on_white(read_png(samples[0][1]))
    most = min(most_frames, max(2, most_pixels // _SIDE**2 * first.shape[1] // first.shape[0]))
    chosen = [samples[i] for i in evenly(len(samples), most)]
    pictures = [on_white(read_png(path)) for _, path in chosen]
    for (_, source), picture in zip(chosen, pictures, strict=True):
        if picture.shape != first.shape:
            raise DataError(f"{source} has another size or other channels than {samples[0][1]}")
    total = max(1, samples[-1][0])
    frames = [
        with_progress(picture, images / total, f"{images:,} of {total:,} images")
        for (images, _), picture in zip(chosen, _resized(pictures), strict=True)
    ]
    speed = speed or frames_per_second(len(frames))
    write_animation(path, frames, Timing(frames_per_second=speed, hold_seconds=hold_seconds))
    return len(frames)


def animate_at_the_end(run: Path) -> Path | None:
    """Leave the animation of a run in it; return its path, None where there are too few pictures.

    Raises what `animate_run` raises for damaged pictures and a file that cannot be written.
    """
    if len(find_samples(run)) < 2:
        return None
    path = run / NAME_AT_THE_END
    animate_run(run, path, most_pixels=_MOST_PIXELS_AT_THE_END)
    return path


def find_samples(run: str | Path) -> list[tuple[int, Path]]:
    """Return (images, path) of each picture in a run's samples/, in order; [] for none.

    Raises UsageError for what is no run, GanvasError when the folder cannot be read.
    """
    folder = find_run(run).path / "samples"
    try:
        matches = [(_NAME.fullmatch(path.name), path) for path in folder.iterdir()]
    except FileNotFoundError:
        return []
    except OSError as error:
        raise GanvasError(f"cannot read {folder}: {error.strerror}") from None
    return sorted((int(match[1]), path) for match, path in matches if match)


def evenly(count: int, most: int) -> list[int]:
    """Return at most `most` (2 or more) of the numbers 0 to `count` - 1, the ends among them.

    Neighbours lie as far apart as each other, to within one.
    """
    if count <= most:
        return list(range(count))
    return [(i * (count - 1) + (most - 1) // 2) // (most - 1) for i in range(most)]


def frames_per_second(count: int) -> int:
    """Return the speed at which `count` frames take about eight seconds, within 3 to 20."""
    return min(20, max(3, round(count / 8)))


def with_progress(picture: np.ndarray, share: float, words: str) -> np.ndarray:
    """Return a uint8 picture (H, W, C) with a strip below: `words`, and a bar full to `share`."""
    from PIL import Image, ImageDraw

    _, width, channels = picture.shape
    strip = Image.new("L", (width, _FOOTER), 255)
    draw = ImageDraw.Draw(strip)
    right = width - _MARGIN - 1
    draw.rectangle((_MARGIN, 0, right, _BAR - 1), fill=_EMPTY)
    end = _MARGIN + round(share * (right - _MARGIN))
    if end > _MARGIN:
        draw.rectangle((_MARGIN, 0, end, _BAR - 1), fill=_INK)
    draw.text((_MARGIN, _FOOTER - 5), words, fill=_INK, font=_font(), anchor="ls")
    footer = np.asarray(strip)[..., None].repeat(channels, axis=2)
    return np.concatenate([picture, footer])


def _resized(pictures: Sequence[np.ndarray]) -> list[np.ndarray]:
    """Return enlarged pictures, all of one size, as they are when about `_SIDE` pixels wide."""
    factor = gcd(*map(enlargement, pictures))  # one of them alone may be all black
    plain = [picture[::factor, ::factor] for picture in pictures]
    return [upscale(picture, max(1, round(_SIDE / picture.shape[1]))) for picture in plain]


def _font() -> Any:
    from PIL import ImageFont

    return ImageFont.load_default(15)
