"""A point lies where its coordinates say, the second upwards; nothing is left out."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from ganvas.scatter import points_to_picture

POINTS = arrays(
    np.float32, st.tuples(st.integers(1, 30), st.just(2)), elements=st.floats(-9, 9, width=32)
)


@settings(deadline=None)
@given(points=POINTS, scale=st.floats(0.5, 5), side=st.integers(1, 40))
def test_every_point_darkens_its_pixel_and_no_other(
    points: np.ndarray, scale: float, side: int
) -> None:
    picture = points_to_picture(points, scale, side=side)
    assert picture.shape == (side, side)
    assert picture.dtype == np.uint8
    edges = np.linspace(-1.2 * scale, 1.2 * scale, side + 1)[1:-1]
    columns, rows = (np.digitize(points[:, axis], edges) for axis in (0, 1))
    dark = np.argwhere(picture < 255)
    there = {(side - 1 - row, column) for row, column in zip(rows, columns, strict=True)}
    near = {(r + dr, c + dc) for r, c in there for dr in (-1, 0, 1) for dc in (-1, 0, 1)}
    assert {tuple(place) for place in dark.tolist()} <= near  # an edge may round either way
    assert len(dark) <= len(there) + len(points)
    assert picture.min() == 0 or side == 1


def test_the_first_coordinate_goes_right_the_second_up_and_those_beyond_to_the_edge() -> None:
    points = np.array([[0.9, 0.0], [0.0, 0.9], [50.0, -50.0]])
    picture = points_to_picture(points, 1.0, side=24)
    assert sorted(map(tuple, np.argwhere(picture < 255).tolist())) == [(2, 12), (11, 21), (23, 23)]


def test_more_points_are_darker() -> None:
    points = np.array([[0.0, 0.0]] * 9 + [[0.5, 0.5]])
    shades = np.unique(points_to_picture(points, 1.0))
    assert len(shades) == 3
    assert shades[0] == 0 < shades[1] < 128 < shades[2] == 255
