"""One picture file: every mode's rule, and damage of every kind as one reason."""

import struct
import warnings
import zlib

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from ganvas.data.pictures.decode import MAX_PIXELS, PictureError, decode
from ganvas.data.pictures.preparation import AS_THEY_ARE, Preparation
from tests.picture_helpers import noise, to_bytes

GREY, RGB, RGBA = noise(9, 11), noise(9, 11, 3), noise(9, 11, 4)
LOSSLESS: dict[str, dict[str, bool]] = {
    "png": {},
    "webp": {"lossless": True, "exact": True},
    "bmp": {},
    "tiff": {},
}


def plain(data: bytes) -> np.ndarray:
    return decode(data, AS_THEY_ARE)


@pytest.mark.parametrize("kind", LOSSLESS)
def test_lossless_formats_give_the_very_pixels(kind: str) -> None:
    for pixels in (RGB,) if kind == "webp" else (GREY, RGB):
        found = plain(to_bytes(pixels, kind, **LOSSLESS[kind]))
        assert found.dtype == np.uint8
        expected = pixels[None] if pixels.ndim == 2 else pixels.transpose(2, 0, 1)
        np.testing.assert_array_equal(found, expected)


@pytest.mark.parametrize("kind", ["png", "webp", "tiff"])
def test_transparency_is_a_fourth_channel(kind: str) -> None:
    found = plain(to_bytes(RGBA, kind, **LOSSLESS[kind]))
    np.testing.assert_array_equal(found, RGBA.transpose(2, 0, 1))


def test_jpeg_is_what_pillow_makes_of_it() -> None:
    for pixels in (GREY, RGB):
        data = to_bytes(pixels, "jpeg", quality=95)
        found = plain(data)
        assert np.abs(found.mean() - pixels.mean()) < 5
        assert found.shape[0] == (1 if pixels.ndim == 2 else 3)


def test_sixteen_bits_are_scaled_and_rounded() -> None:
    values = np.array([0, 128, 129, 257, 65_535, 32_768, 385, 386], np.uint16)
    deep = np.broadcast_to(values, (8, 8)).copy()
    for kind in ("png", "tiff"):
        found = plain(to_bytes(Image.fromarray(deep), kind))
        assert found.shape == (1, 8, 8)
        assert found[0, 0].tolist() == np.floor(values / 257 + 0.5).astype(int).tolist()


def test_black_and_white_palettes_and_transparent_colours() -> None:
    bits = Image.fromarray(GREY).point(lambda v: 255 * (v > 127), "1")
    np.testing.assert_array_equal(plain(to_bytes(bits))[0], np.where(GREY > 127, 255, 0))
    palette = Image.fromarray(RGB).quantize(16)
    expected = np.asarray(palette.convert("RGB")).transpose(2, 0, 1)
    np.testing.assert_array_equal(plain(to_bytes(palette)), expected)
    clear = plain(to_bytes(palette, transparency=0))
    assert clear.shape[0] == 4
    np.testing.assert_array_equal(clear[3] == 0, np.asarray(palette) == 0)
    keyed = plain(to_bytes(np.full((8, 8), 7, np.uint8), transparency=7))
    assert keyed.shape == (4, 8, 8)
    assert keyed[3].max() == 0
    grey_alpha = Image.merge("LA", [Image.fromarray(GREY), Image.fromarray(GREY[::-1].copy())])
    np.testing.assert_array_equal(plain(to_bytes(grey_alpha))[3], GREY[::-1])


def test_other_colour_spaces_become_rgb() -> None:
    cmyk = Image.fromarray(RGB).convert("CMYK")
    assert plain(to_bytes(cmyk, "tiff")).shape == (3, 9, 11)


@pytest.mark.parametrize("turn", range(1, 9))
def test_a_cameras_turn_is_carried_out(turn: int) -> None:
    exif = Image.Exif()
    exif[0x0112] = turn
    upright = {
        1: GREY, 2: GREY[:, ::-1], 3: GREY[::-1, ::-1], 4: GREY[::-1],
        5: GREY.T, 6: np.rot90(GREY, -1), 7: GREY[::-1, ::-1].T, 8: np.rot90(GREY),
    }[turn]  # fmt: skip
    np.testing.assert_array_equal(plain(to_bytes(GREY, "png", exif=exif))[0], upright)


def huge_png(width: int, height: int) -> bytes:
    """A PNG of a few bytes that declares any number of pixels."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        whole = kind + body
        return struct.pack(">I", len(body)) + whole + struct.pack(">I", zlib.crc32(whole))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    body = chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(b"\0")) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + body


def huge_webp(side: int) -> bytes:
    body = bytes(4) + (side - 1).to_bytes(3, "little") * 2
    return b"RIFF" + struct.pack("<I", 22) + b"WEBPVP8X" + struct.pack("<I", 10) + body


@pytest.mark.parametrize(
    "data",
    [huge_png(40_000, 40_000), huge_png(12_000, 12_000), huge_webp(40_000)],
    ids=["png", "png that Pillow would warn of", "webp"],
)
@pytest.mark.parametrize("preparation", [AS_THEY_ARE, Preparation(size=(32, 32))])
def test_too_many_declared_pixels_are_not_decoded(data: bytes, preparation: Preparation) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with pytest.raises(PictureError, match=f"declares .*,000 pixels, at most {MAX_PIXELS:,}"):
            decode(data, preparation)


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "^zero bytes$"),
        (b"GIF89a" + bytes(50), "no PNG, JPEG, WebP, BMP or TIFF: it starts with '47 49 46 38'"),
        (b"# text", "no PNG"),
        (to_bytes(noise(7, 8)), "7x8 pixels, sides of 8 to 128 are taken; ask for one with --size"),
        (to_bytes(noise(8, 129)), "8x129 pixels"),
        (huge_png(0, 10), "^(declares|damaged)"),
        (to_bytes(Image.fromarray(np.ones((8, 8), np.float32)), "tiff"), "32-bit values"),
        (b"RIFF\x10\0\0\0WEBPVP8 ", "truncated in its header"),
    ],
)
def test_what_cannot_be_taken_has_a_reason(data: bytes, reason: str) -> None:
    with pytest.raises(PictureError, match=reason):
        plain(data)


FILES = [to_bytes(RGB, kind, **options) for kind, options in LOSSLESS.items()]
FILES += [to_bytes(RGB, "jpeg"), to_bytes(RGB, "tiff", compression="tiff_lzw")]


@given(st.sampled_from(FILES), st.data())
def test_damage_of_any_kind_gives_pixels_or_a_reason(file: bytes, data: st.DataObject) -> None:
    keep = data.draw(st.integers(0, len(file)))
    broken = bytearray(file[:keep])
    for position in data.draw(st.lists(st.integers(0, max(keep - 1, 0)), max_size=4)):
        if broken:
            broken[position] ^= data.draw(st.integers(1, 255))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Pillow's own words about odd metadata
        try:
            found = plain(bytes(broken))
        except PictureError:
            return
    assert found.ndim == 3
    assert found.dtype == np.uint8


@given(st.sampled_from(FILES[:1] + FILES[2:3] + FILES[4:5]), st.floats(0.2, 0.9))
def test_a_cut_off_picture_is_damaged(file: bytes, share: float) -> None:
    with pytest.raises(PictureError, match=r"^(damaged|truncated)"):
        plain(file[: int(len(file) * share)])
