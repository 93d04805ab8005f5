"""The bytes of one picture file -> uint8 (C, H, W). Its declared size is looked at first."""

from io import BytesIO

import numpy as np
from PIL import (
    BmpImagePlugin,
    Image,
    ImageFile,
    JpegImagePlugin,
    PngImagePlugin,
    TiffImagePlugin,
    WebPImagePlugin,
)

from ganvas.data.images import MAX_SIDE, MIN_SIDE, ImageArray
from ganvas.data.pictures.fit import picture_to_array
from ganvas.data.pictures.preparation import Preparation
from ganvas.errors import DataError, in_a_line

__all__ = ["ASK_FOR_SIZE", "MAX_PIXELS", "SUFFIXES", "PictureError", "decode", "read_header"]

SUFFIXES = (".png", ".jpg", ".jpeg", ".webp", ".bmp", ".tif", ".tiff")
"""Endings, in any case, of the files that are taken for pictures."""
MAX_PIXELS = 1 << 26
"""Most pixels that a picture may declare; what has more is not decoded."""

_SIXTEEN_BIT = ("I;16", "I;16B", "I;16L", "I;16N")
_ORIENTATION = 0x0112  # EXIF: how the camera was held
_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


ASK_FOR_SIZE = "ask for one with --size, as in --size 64"
"""The remedy for a picture too small or too large; who has no such option gives its own."""


class PictureError(DataError):
    """A file that is no picture that can be taken; the message is the reason alone."""


def decode(data: bytes, preparation: Preparation) -> ImageArray:
    """Return the picture in `data` (PNG, JPEG, WebP, BMP or TIFF) as uint8 (C, H, W).

    Grey stays grey, RGB and RGBA stay what they are; black and white becomes grey, a palette
    RGB, anything with transparency RGBA, other colour spaces RGB. 16-bit grey v becomes
    v / 257 rounded to the nearest byte. A camera's EXIF turn is carried out. Of several pages
    the first counts. `preparation` may ask for other channels and another size; without a size
    the sides must be 8 to 128.

    Raises PictureError with the reason.
    """
    if not data:
        raise PictureError("zero bytes")
    try:
        picture = _open(data)
        width, height = picture.size
        _require_size(width, height, preparation)
        if preparation.size is not None:
            # JPEG can be decoded at 1/2, 1/4 or 1/8; twice the wanted size is left to Lanczos
            side = 2 * max(preparation.size)
            picture.draft(None, (side, side))
        return picture_to_array(_turned(_to_plain_mode(picture)), preparation)
    except PictureError:
        raise
    except MemoryError:
        raise PictureError("not enough memory to decode it") from None
    except Exception as error:  # of a damaged file, Pillow raises nearly anything
        raise PictureError(f"damaged: {in_a_line(error)}") from None


def read_header(data: bytes) -> tuple[str, int, int]:
    """Return a picture's format, height and width, nothing decoded. Raises PictureError."""
    try:
        picture = _open(data)
        return picture.format or "?", picture.size[1], picture.size[0]
    except PictureError:
        raise
    except Exception as error:  # of a damaged file, Pillow raises nearly anything
        raise PictureError(f"damaged: {' '.join(str(error).split())}") from None


def _open(data: bytes) -> ImageFile.ImageFile:
    """Return the unread picture, by its first bytes; Image.open would let any format in."""
    stream = BytesIO(data)
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        return PngImagePlugin.PngImageFile(stream)
    if data.startswith(b"\xff\xd8\xff"):
        return JpegImagePlugin.JpegImageFile(stream)
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        # WebP's decoder makes room for all pixels when it is opened, so its header is read here.
        width, height = _webp_size(data)
        _require_few_pixels(width, height)
        return WebPImagePlugin.WebPImageFile(stream)
    if data.startswith(b"BM"):
        return BmpImagePlugin.BmpImageFile(stream)
    if data[:4] in (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+"):
        return TiffImagePlugin.TiffImageFile(stream)
    raise PictureError(f"no PNG, JPEG, WebP, BMP or TIFF: it starts with '{data[:4].hex(' ')}'")


def _webp_size(data: bytes) -> tuple[int, int]:
    """Return (width, height) that a WebP file's first chunk declares (RFC 9649)."""
    kind, body = data[12:16], data[20:30]
    if len(body) < 10:
        raise PictureError("truncated in its header")
    if kind == b"VP8X":
        return int.from_bytes(body[4:7], "little") + 1, int.from_bytes(body[7:], "little") + 1
    if kind == b"VP8L":
        bits = int.from_bytes(body[1:5], "little")
        return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    width, height = (int.from_bytes(body[i : i + 2], "little") & 0x3FFF for i in (6, 8))
    return width, height


def _require_few_pixels(width: int, height: int) -> None:
    if width < 1 or height < 1 or width * height > MAX_PIXELS:
        raise PictureError(
            f"declares {width:,}x{height:,} pixels, at most {MAX_PIXELS:,} in all are decoded"
        )


def _require_size(width: int, height: int, preparation: Preparation) -> None:
    _require_few_pixels(width, height)
    fits = all(MIN_SIDE <= side <= MAX_SIDE for side in (width, height))
    if preparation.size is None and not fits:
        raise PictureError(
            f"{height}x{width} pixels, sides of {MIN_SIDE} to {MAX_SIDE} are taken; {ASK_FOR_SIZE}"
        )


def _to_plain_mode(picture: Image.Image) -> Image.Image:
    """Return the picture as grey (L), RGB or RGBA of 8 bits."""
    mode = picture.mode
    if mode in ("LA", "La", "PA", "RGBa") or (
        mode in ("1", "L", "P", "RGB") and "transparency" in picture.info
    ):
        return picture.convert("RGBA")
    if mode in ("L", "RGB", "RGBA"):
        picture.load()
        return picture
    if mode in _SIXTEEN_BIT or (mode == "I" and picture.format == "PNG"):
        values = np.asarray(picture).astype(np.uint32)
        return Image.fromarray(((values + 128) // 257).astype(np.uint8))
    if mode == "1":
        return picture.convert("L")
    if mode in ("I", "F"):
        raise PictureError("32-bit values, whose range nothing states; save it with 8 or 16 bits")
    return picture.convert("RGB")


def _turned(picture: Image.Image) -> Image.Image:
    if "exif" not in picture.info:
        return picture
    turn = _TURNS.get(picture.getexif().get(_ORIENTATION, 1))
    return picture if turn is None else picture.transpose(turn)
