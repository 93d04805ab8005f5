"""Size and channels: what is kept, what is weighted, and against a plain box average."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from ganvas.data.pictures.decode import decode
from ganvas.data.pictures.fit import fit_arrays, fit_picture, to_channels
from ganvas.data.pictures.preparation import AS_THEY_ARE, Preparation
from ganvas.errors import UsageError
from tests.picture_helpers import noise, to_bytes

sides = st.integers(8, 40)
FITS = ["crop", "pad", "stretch"]


@given(sides, sides, sides, sides, st.sampled_from(FITS), st.sampled_from([1, 3, 4]))
def test_every_picture_comes_to_the_size_and_one_colour_stays(
    height: int, width: int, new_height: int, new_width: int, fit: str, channels: int
) -> None:
    colour = np.array([10, 200, 90, 255], np.uint8)[:channels]
    image = np.broadcast_to(colour[:, None, None], (channels, height, width)).copy()
    preparation = Preparation(size=(new_height, new_width), fit=fit)  # type: ignore[arg-type]
    (found,) = fit_arrays(image[None], preparation)
    assert found.shape == (channels, new_height, new_width)
    inside = found.reshape(channels, -1)
    if fit == "pad":  # bars are black; of RGBA, clear
        same = (inside == colour[:, None]).all(0)
        assert (inside[:, ~same] == 0).all()
        assert same.sum() >= min(new_height, new_width)
    else:
        assert (inside == colour[:, None]).all()


def test_the_right_size_is_left_alone() -> None:
    images = noise(3, 3, 12, 10)
    for fit in FITS:
        same = fit_arrays(images, Preparation.of((12, 10), fit=fit))
        np.testing.assert_array_equal(same, images)


def test_crop_keeps_the_middle_and_pad_keeps_all() -> None:
    wide = np.zeros((1, 1, 8, 24), np.uint8)
    wide[..., 8:16] = 255
    (crop,), (pad,), (stretch,) = (
        fit_arrays(wide, Preparation.of(8, fit=fit)) for fit in ("crop", "pad", "stretch")
    )
    assert crop.min() == 255
    assert pad[0, :2].max() == pad[0, 6:].max() == 0
    assert pad[0, 3:5, 3:5].min() > 100
    assert stretch[0, :, 0].max() < 60 < stretch[0, :, 4].min()


def test_reduction_averages_all_pixels() -> None:
    """Far below the sampling rate nothing is left but the mean: no aliasing."""
    board = (np.indices((64, 64)).sum(0) % 2 * 255).astype(np.uint8)
    for fit in FITS:
        small = fit_arrays(board[None, None], Preparation.of(8, fit=fit))
        assert np.abs(small.astype(int) - 127.5).max() < 8


def test_a_jpeg_reduced_while_decoding_is_nearly_the_same() -> None:
    ramp = np.add.outer(np.arange(512), np.arange(512)) // 4
    data = to_bytes(ramp.astype(np.uint8), "jpeg", quality=95)
    found = decode(data, Preparation.of(16))[0].astype(float)
    box = ramp.reshape(16, 32, 16, 32).mean((1, 3))
    assert np.abs(found - box).max() < 4


def test_what_is_clear_does_not_bleed() -> None:
    """A clear red half must not tint the opaque blue one."""
    image = np.zeros((4, 16, 16), np.uint8)
    image[0, :, :8], image[2, :, 8:], image[3, :, 8:] = 255, 255, 255
    (small,) = fit_arrays(image[None], Preparation.of(9))
    seen = small[3] > 0
    assert small[0][seen].max() == 0
    assert small[2][seen].min() == 255


def test_channels_are_changed_by_stated_rules() -> None:
    rgb = Image.fromarray(noise(8, 8, 3))
    luma = np.asarray(rgb).astype(float) @ [0.299, 0.587, 0.114]
    assert np.abs(np.asarray(to_channels(rgb, 1)) - luma).max() <= 1
    grey = to_channels(Image.fromarray(noise(8, 8)), 3)
    np.testing.assert_array_equal(np.asarray(grey), np.asarray(grey)[..., :1].repeat(3, 2))
    opaque = np.asarray(to_channels(rgb, 4))
    assert opaque[..., 3].min() == 255
    np.testing.assert_array_equal(opaque[..., :3], np.asarray(rgb))
    clear = Image.fromarray(np.zeros((8, 8, 4), np.uint8))
    assert np.asarray(to_channels(clear, 3)).min() == 255  # laid on white
    assert np.asarray(to_channels(clear, 1)).min() == 255
    assert to_channels(rgb, None) is rgb


def test_large_pictures_are_taken_when_a_size_is_asked_for() -> None:
    data = to_bytes(noise(200, 300, 3))
    assert decode(data, Preparation.of(32, 1)).shape == (1, 32, 32)
    assert decode(data, Preparation(size=(16, 24))).shape == (3, 16, 24)


def test_a_line_keeps_a_pixel() -> None:
    line = Image.fromarray(noise(1, 500))
    assert fit_picture(line, (16, 16), "pad").size == (16, 16)


def test_json_round_trip() -> None:
    for preparation in (AS_THEY_ARE, Preparation.of(32), Preparation.of((8, 9), 1, "pad")):
        assert Preparation.from_json(preparation.to_json()) == preparation
    assert AS_THEY_ARE.to_json() == {}


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"size": (7, 8)}, r"size must be .* 8 to 128 pixels, not \(7, 8\)"),
        ({"size": (8, 129)}, "size must be"),
        ({"channels": 2}, "channels must be 1 .* not 2"),
        ({"fit": "corp"}, "unknown fit 'corp'; did you mean 'crop'"),
    ],
)
def test_what_networks_do_not_take_is_refused(values: dict, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        Preparation(**values)


@pytest.mark.parametrize("values", [{"size": 3}, {"size": [1]}, {"size": "ab"}, {"fit": 3}])
def test_json_that_says_nothing_is_refused(values: dict) -> None:
    with pytest.raises(UsageError):
        Preparation.from_json(values)
