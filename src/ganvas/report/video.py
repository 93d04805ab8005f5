"""Frames to MP4 by an ffmpeg that is there: the one in imageio-ffmpeg, or the system's."""

import shutil
import subprocess
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from ganvas.errors import GanvasError, UsageError

__all__ = ["encode_mp4", "find_ffmpeg", "require_ffmpeg"]


def find_ffmpeg() -> str | None:
    """Return the path of an ffmpeg, None where there is none.

    imageio-ffmpeg's comes first: its version is known and it can encode H.264, which that of some
    systems cannot.
    """
    if find_spec("imageio_ffmpeg") is not None:
        import imageio_ffmpeg

        try:
            return str(imageio_ffmpeg.get_ffmpeg_exe())
        except RuntimeError:  # a platform that the package has no program for
            pass
    return shutil.which("ffmpeg")


def require_ffmpeg() -> str:
    """Return the path of an ffmpeg. Raises UsageError, saying how to get one, where it is not."""
    found = find_ffmpeg()
    if found is None:
        raise UsageError(
            "an MP4 needs ffmpeg, which is not installed: pip install 'ganvas[video]', or write a "
            ".webp or .gif"
        )
    return found


def encode_mp4(
    frames: Sequence[np.ndarray], frames_per_second: int, milliseconds: Sequence[int]
) -> bytes:
    """Return frames uint8 (H, W, C), C = 1 or 3, as H.264 in MP4, each held for so long.

    Every player knows H.264 with halved colour resolution (yuv420p), which needs even sides: an
    odd one gets a white line more. A frame is repeated as often as fills its time.

    Raises UsageError where there is no ffmpeg, GanvasError with its words when it fails.
    """
    program = require_ffmpeg()
    height, width, channels = frames[0].shape
    spare = ((0, height % 2), (0, width % 2), (0, 0))
    with TemporaryDirectory(prefix="ganvas-") as folder:  # MP4 is not written from front to back
        path = Path(folder) / "video.mp4"
        size = f"{width + width % 2}x{height + height % 2}"
        command = [
            *(program, "-nostdin", "-v", "error"),
            *("-f", "rawvideo", "-pix_fmt", "gray" if channels == 1 else "rgb24"),
            *("-s", size, "-r", str(frames_per_second), "-i", "pipe:0"),
            *("-c:v", "libx264", "-pix_fmt", "yuv420p", "-crf", "16", "-threads", "1"),
            *("-fflags", "+bitexact", "-flags:v", "+bitexact", "-movflags", "+faststart"),
            str(path),
        ]
        try:
            with subprocess.Popen(
                command,
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
            ) as process:
                assert process.stdin is not None
                assert process.stderr is not None
                try:
                    for frame, duration in zip(frames, milliseconds, strict=True):
                        row = np.pad(frame, spare, constant_values=255).tobytes()
                        for _ in range(max(1, round(duration * frames_per_second / 1000))):
                            process.stdin.write(row)
                    process.stdin.close()
                except BrokenPipeError:
                    pass  # it says why below
                said = process.stderr.read().decode(errors="replace")
            if process.returncode:
                reason = said.strip().splitlines()[-1:] or [f"exit code {process.returncode}"]
                raise GanvasError(f"{program} could not make the MP4: {reason[0]}")
            return path.read_bytes()
        except OSError as error:
            raise GanvasError(f"cannot run {program}: {error.strerror or error}") from None
