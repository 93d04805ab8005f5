"""Pictures of a run as arrays, read so that a damaged or hostile file is merely left out."""

from io import BytesIO
from pathlib import Path

import numpy as np
import numpy.typing as npt

from ganvas.errors import GanvasError
from ganvas.files import read_bytes
from ganvas.grid import on_white

__all__ = ["Pixels", "read_pixels"]

Pixels = npt.NDArray[np.uint8]

_MOST_BYTES = 1 << 24
_MOST_PIXELS = 40_000_000
_PNG = b"\x89PNG\r\n\x1a\n"


def read_pixels(path: Path | None, shrink: int = 1) -> Pixels | None:
    """Return a PNG file as uint8 (H, W, C), C 1 or 3; None for no path and what is no such file.

    What is transparent is seen over white. `shrink` > 1 makes it that many times smaller.
    """
    if path is None:
        return None
    from PIL import Image

    try:
        content = read_bytes(path, max_bytes=_MOST_BYTES)
        if not content.startswith(_PNG):
            return None
        with Image.open(BytesIO(content), formats=["PNG"]) as opened:
            if opened.width * opened.height > _MOST_PIXELS:
                return None
            if opened.has_transparency_data:  # as every other picture of such images has them
                plain = Image.fromarray(on_white(np.asarray(opened.convert("RGBA"))))
            else:
                plain = opened.convert("L" if opened.mode in ("1", "L") else "RGB")
    # What damaged files make Pillow raise is not one kind of error.
    except (GanvasError, OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        return None
    pixels: Pixels = np.asarray(plain.reduce(shrink) if shrink > 1 else plain)
    return pixels if pixels.ndim == 3 else pixels[..., None]
