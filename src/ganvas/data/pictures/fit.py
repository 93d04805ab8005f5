"""Pictures to the size and the channels asked for."""

import numpy as np
from PIL import Image

from ganvas.data.images import ImageArray
from ganvas.data.pictures.preparation import Fit, Preparation

__all__ = ["fit_arrays", "fit_picture", "picture_to_array", "to_channels"]

_MODES = {1: "L", 3: "RGB", 4: "RGBA"}
_REDUCING_GAP = 3.0  # a box filter does the first, coarse part of a large reduction


def to_channels(picture: Image.Image, channels: int | None) -> Image.Image:
    """Return the picture (mode L, RGB or RGBA) with so many channels; None leaves them."""
    if channels is None or picture.mode == _MODES[channels]:
        return picture
    if picture.mode == "RGBA":
        ground = Image.new("RGBA", picture.size, (255, 255, 255, 255))
        picture = Image.alpha_composite(ground, picture)
    return picture.convert(_MODES[channels])


def fit_picture(picture: Image.Image, size: tuple[int, int], fit: Fit) -> Image.Image:
    """Return the picture in `size` (height, width), fitted as `Preparation` says.

    RGBA is scaled with its colours weighted by how opaque they are.
    """
    height, width = size
    if picture.size == (width, height):
        return picture
    if fit == "crop":
        return _scale(picture, (width, height), _middle(picture.size, (width, height)))
    if fit == "stretch":
        return _scale(picture, (width, height), (0.0, 0.0, *picture.size))
    ratio = min(width / picture.width, height / picture.height)
    inner = max(1, round(picture.width * ratio)), max(1, round(picture.height * ratio))
    scaled = _scale(picture, inner, (0.0, 0.0, *picture.size))
    whole = Image.new(picture.mode, (width, height))  # black; of RGBA, transparent
    whole.paste(scaled, ((width - inner[0]) // 2, (height - inner[1]) // 2))
    return whole


def picture_to_array(picture: Image.Image, preparation: Preparation) -> ImageArray:
    """Return a picture (mode L, RGB or RGBA), prepared, as uint8 (C, H, W)."""
    picture = to_channels(picture, preparation.channels)
    if preparation.size is not None:
        picture = fit_picture(picture, preparation.size, preparation.fit)
    pixels = np.asarray(picture)
    return pixels[None] if pixels.ndim == 2 else np.ascontiguousarray(pixels.transpose(2, 0, 1))


def fit_arrays(images: ImageArray, preparation: Preparation) -> ImageArray:
    """Return images uint8 (N, C, H, W), each prepared like a picture."""
    fitted: ImageArray | None = None
    for row, image in enumerate(images):
        flat = image[0] if len(image) == 1 else np.ascontiguousarray(image.transpose(1, 2, 0))
        found = picture_to_array(Image.fromarray(flat), preparation)
        if fitted is None:
            fitted = np.empty((len(images), *found.shape), dtype=np.uint8)
        fitted[row] = found
    return images if fitted is None else fitted


def _middle(have: tuple[int, int], want: tuple[int, int]) -> tuple[float, float, float, float]:
    """Return the largest box of the shape `want` in the middle of `have` (widths first)."""
    ratio = min(have[0] / want[0], have[1] / want[1])
    wide, high = min(want[0] * ratio, have[0]), min(want[1] * ratio, have[1])
    left, top = (have[0] - wide) / 2, (have[1] - high) / 2
    return left, top, left + wide, top + high


def _scale(
    picture: Image.Image, size: tuple[int, int], box: tuple[float, float, float, float]
) -> Image.Image:
    return picture.resize(size, Image.Resampling.LANCZOS, box, _REDUCING_GAP)
