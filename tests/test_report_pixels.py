"""Pictures of a run as arrays: what is no picture is left out, and transparency is over white."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from ganvas.grid import on_white
from ganvas.report.pixels import read_pixels


def test_grey_and_colour_are_read_as_they_are(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    for channels in (1, 3):
        pixels = rng.integers(0, 256, (6, 4, channels), dtype=np.uint8)
        path = tmp_path / f"{channels}.png"
        Image.fromarray(pixels[..., 0] if channels == 1 else pixels).save(path)
        assert np.array_equal(read_pixels(path), pixels)  # type: ignore[arg-type]
    small = read_pixels(path, shrink=2)
    assert small is not None
    assert small.shape == (3, 2, 3)


def test_what_is_transparent_is_seen_over_white(tmp_path: Path) -> None:
    pixels = np.zeros((5, 7, 4), np.uint8)  # black, told by its transparency alone
    pixels[..., 3] = np.arange(35).reshape(5, 7) * 7
    Image.fromarray(pixels).save(tmp_path / "glyph.png")
    found = read_pixels(tmp_path / "glyph.png")
    assert found is not None
    assert np.array_equal(found, on_white(pixels))
    assert found.std() > 10


@pytest.mark.parametrize("content", [b"", b"GIF89a", b"\x89PNG\r\n\x1a\n damaged"])
def test_what_is_no_picture_is_left_out(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "x.png").write_bytes(content)
    assert read_pixels(tmp_path / "x.png") is None
    assert read_pixels(tmp_path / "nothing.png") is None
    assert read_pixels(None) is None
