"""Made-up pictures in memory and in folders."""

from collections.abc import Mapping
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from ganvas.data.images import ImageArray


def noise(*shape: int, seed: int = 0) -> ImageArray:
    return np.random.default_rng(seed).integers(0, 256, shape, dtype=np.uint8)


def to_bytes(pixels: Any, format: str = "png", **options: Any) -> bytes:  # noqa: A002
    """A picture (H, W) or (H, W, C), or a PIL one, as the bytes of a file."""
    picture = pixels if isinstance(pixels, Image.Image) else Image.fromarray(pixels)
    buffer = BytesIO()
    picture.save(buffer, format, **options)
    return buffer.getvalue()


def write_files(folder: Path, files: Mapping[str, bytes]) -> Path:
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return folder


def numbered(*names: str, shape: tuple[int, ...] = (8, 9)) -> dict[str, bytes]:
    """A PNG for each name, in which every pixel is the name's position."""
    return {name: to_bytes(np.full(shape, i, np.uint8)) for i, name in enumerate(names)}
