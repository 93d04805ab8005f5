"""Frames to one file that moves: GIF, WebP or MP4, with the first and the last frame held."""

from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

import numpy as np

from ganvas.errors import UsageError
from ganvas.files import write_bytes
from ganvas.report.video import encode_mp4, require_ffmpeg
from ganvas.settings import require

__all__ = ["ANIMATION_SUFFIXES", "Timing", "require_encoder", "write_animation"]

ANIMATION_SUFFIXES = (".gif", ".webp", ".mp4")

_WEBP_METHOD = 2  # of 0 to 6; above, twice the time for a file that is no smaller


@dataclass(frozen=True, kw_only=True, slots=True)
class Timing:
    """How fast an animation goes, and how long its first and last frame stay, in seconds each."""

    frames_per_second: int = 20
    hold_seconds: float = 1.0

    def __post_init__(self) -> None:
        require(
            1 <= self.frames_per_second <= 50,  # browsers slow down a GIF that goes faster
            "frames_per_second",
            "from 1 to 50",
            self.frames_per_second,
        )
        require(0 <= self.hold_seconds <= 60, "hold_seconds", "from 0 to 60", self.hold_seconds)

    def milliseconds(self, num_frames: int) -> list[int]:
        """Return how long each of `num_frames` stays, in whole hundredths as a GIF counts.

        A frame that is held stays at least as long as the others.
        """
        plain = 10 * round(100 / self.frames_per_second)
        held = max(plain, 10 * round(100 * self.hold_seconds))
        return [held if i in (0, num_frames - 1) else plain for i in range(num_frames)]


def require_encoder(path: Path) -> None:
    """Raise UsageError unless an animation can be written as `path`'s suffix says."""
    kind = path.suffix.lower()
    if kind not in ANIMATION_SUFFIXES:
        raise UsageError(
            f"an animation can be written as {', '.join(ANIMATION_SUFFIXES)}, not '{path.name}'"
        )
    if kind == ".mp4":
        require_ffmpeg()


def write_animation(path: Path, frames: Sequence[np.ndarray], timing: Timing) -> None:
    """Write frames uint8 (H, W, C), C = 1 or 3, all of one shape, whole or not at all.

    path.webp  lossless: every frame reads back as it was
    path.gif   grey frames exact; colours reduced to 256 in each frame
    path.mp4   H.264, for players that know nothing else: close, not exact; see `encode_mp4`

    A GIF or WebP begins again for ever. The same frames give the same bytes, of an MP4 with the
    same ffmpeg. Raises UsageError for another suffix, no frame and a missing ffmpeg, GanvasError
    when the file cannot be written.
    """
    require_encoder(path)
    if not frames:
        raise UsageError("an animation needs at least one frame")
    kind = path.suffix.lower()
    if kind == ".mp4":
        content = encode_mp4(frames, timing.frames_per_second, timing.milliseconds(len(frames)))
    else:
        content = _encode(kind, frames, timing.milliseconds(len(frames)))
    write_bytes(path, content)


def _encode(kind: str, frames: Sequence[np.ndarray], milliseconds: list[int]) -> bytes:
    from PIL import Image

    first, *rest = (Image.fromarray(f[..., 0] if f.shape[2] == 1 else f) for f in frames)
    buffer = BytesIO()
    common = {"save_all": True, "append_images": rest, "duration": milliseconds, "loop": 0}
    if kind == ".gif":
        first.save(buffer, "gif", **common)
    else:
        first.save(buffer, "webp", lossless=True, method=_WEBP_METHOD, **common)
    return buffer.getvalue()
