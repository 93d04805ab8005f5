"""Samples that are all one picture, by the pictures of a run: any real variety is told from it."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ganvas.files import write_png
from ganvas.grid import COLUMNS, images_to_grid, upscale
from ganvas.report.likeness import Likeness, likeness, likeness_of
from ganvas.report.record import read_run
from ganvas.seeding import numpy_stream
from tests.report_helpers import write_run


def blobs(count: int, channels: int = 1, height: int = 12, width: int = 12) -> np.ndarray:
    """Images that differ: a bright block somewhere on a dark ground."""
    images = np.zeros((count, channels, height, width), np.uint8)
    random = numpy_stream(0, "blobs", 0)
    for image in images:
        top, left = random.integers(0, height - 4), random.integers(0, width - 4)
        image[:, top : top + 4, left : left + 4] = random.integers(150, 250)
    return images


def grid(images: np.ndarray, factor: int = 1) -> np.ndarray:
    return upscale(images_to_grid(images, COLUMNS), factor)


@settings(deadline=None, max_examples=20)
@given(
    channels=st.sampled_from([1, 3]),
    height=st.integers(8, 20),
    factor=st.integers(1, 3),
    rows=st.integers(2, 5),
)
def test_images_are_as_unlike_as_themselves(
    channels: int, height: int, factor: int, rows: int
) -> None:
    real = grid(blobs(rows * COLUMNS, channels, height), factor)
    found = likeness_of(real=real, fake=real)
    assert found == Likeness(spread=1.0, contrast=1.0)
    assert not found.is_one_picture
    assert not found.is_empty


@settings(deadline=None, max_examples=20)
@given(channels=st.sampled_from([1, 3]), factor=st.integers(1, 3), noise=st.integers(0, 8))
def test_one_picture_is_known_by_its_copies(channels: int, factor: int, noise: int) -> None:
    real = blobs(3 * COLUMNS, channels)
    random = numpy_stream(0, "noise", 0)
    fake = np.repeat(real[:1], len(real), axis=0) + random.integers(
        0, noise + 1, real.shape, np.uint8
    )
    found = likeness_of(real=grid(real, factor), fake=grid(fake, factor))
    assert found is not None
    assert found.is_one_picture
    assert not found.is_empty


def test_a_black_picture_is_empty_too() -> None:
    real = blobs(3 * COLUMNS)
    found = likeness_of(real=grid(real, 2), fake=grid(np.zeros_like(real), 2))
    assert found == Likeness(spread=0.0, contrast=0.0)
    assert found.is_one_picture
    assert found.is_empty


def test_one_class_has_one_row_of_real_images() -> None:
    real = blobs(COLUMNS)
    found = likeness_of(real=grid(real), fake=grid(blobs(4 * COLUMNS)))
    assert found is not None
    assert 0.5 < found.spread < 2


@pytest.mark.parametrize("width", [40, 43, 7])
def test_what_is_no_grid_of_ten_says_nothing(width: int) -> None:
    picture = np.full((40, width, 1), 99, np.uint8)
    assert likeness_of(real=picture, fake=picture) is None
    assert likeness_of(real=picture, fake=picture[:, :-1]) is None


def test_real_images_without_variety_say_nothing() -> None:
    real = np.repeat(blobs(1), 2 * COLUMNS, axis=0)
    assert likeness_of(real=grid(real), fake=grid(blobs(2 * COLUMNS))) is None


def test_a_run_is_asked_by_its_pictures(tmp_path: Path) -> None:
    run = write_run(tmp_path / "run")
    real = blobs(3 * COLUMNS)
    write_png(run.path / "reals.png", grid(real))
    write_png(run.path / "samples.png", grid(np.repeat(real[:1], len(real), axis=0)))
    head = read_run(run.path).head
    found = likeness(head)
    assert found is not None
    assert found.is_one_picture
    assert likeness(replace(head, newest_picture=None)) is None
    points = {**head.recipe, "generator": {"architecture": "points"}}
    assert likeness(replace(head, recipe=points)) is None
