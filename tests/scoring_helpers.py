"""A few small pictures to be scored."""

from pathlib import Path

import numpy as np
from PIL import Image

from tests.model_helpers import NAMES

PICTURES = np.random.default_rng(0).integers(0, 256, (7, 8, 8), dtype=np.uint8)
CLASSES = np.array([0, 1, 2, 0, 1, 2, 0])


def save(path: Path, pixels: np.ndarray) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(pixels).save(path)


def write_pictures(folder: Path) -> Path:
    """Write PICTURES into `folder`/flat, and by class into `folder`/classes; return `folder`."""
    for number, pixels in enumerate(PICTURES):
        save(folder / "flat" / f"{number}.png", pixels)
        save(folder / "classes" / NAMES[CLASSES[number]] / f"{number}.png", pixels)
    return folder
