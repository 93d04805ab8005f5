"""Points in the plane: the stated law, fixed draws, and a clear word where images are wanted."""

import numpy as np
import pytest

from ganvas.data import load, load_points, parse_data
from ganvas.data.catalogue import listing
from ganvas.errors import UsageError
from ganvas.metrics.toy import toy_modes

both = pytest.mark.parametrize(("name", "modes"), [("ring", 8), ("grid", 25)])


@both
def test_points_are_draws_of_the_law(name: str, modes: int) -> None:
    data = load_points(name)
    assert (len(data.train), len(data.held_out), len(data.test)) == (95_000, 5_000, 10_000)
    assert len(data.class_names) == modes
    for part in (data.train, data.held_out, data.test):
        assert part.points.dtype == np.float32
        found = toy_modes(centres=data.centres, sigma=data.sigma, fake=part.points)
        assert found.found == modes
        # binomial, within four standard errors of 1 - exp(-9/2)
        assert abs(found.high_quality - 0.98889) < 4 * 0.105 / len(part) ** 0.5
        around = (part.points - data.centres[part.labels]) / data.sigma
        assert abs(around.mean()) < 4 / (2 * len(part)) ** 0.5
        assert abs(around.std() - 1) < 0.02


@both
def test_the_signal_is_about_in_range_and_goes_back(name: str, modes: int) -> None:
    data = load_points(name)
    signal = data.train.signal
    assert 0.9 < np.abs(signal).max() < 1.1
    assert (np.abs(signal) > 1).mean() < 0.001
    np.testing.assert_allclose(signal * data.scale, data.train.points, rtol=1e-6)
    np.testing.assert_array_equal(data.train.take(np.array([5, 2])), signal[[5, 2]])


@both
def test_draws_are_fixed_and_held_out_ones_nest(name: str, modes: int) -> None:
    data, more = load_points(name), load_points(name, held_out=7000)
    assert data.digest == more.digest
    np.testing.assert_array_equal(data.held_out.points, more.held_out.points[:5000])
    np.testing.assert_array_equal(data.train.points[2000:], more.train.points)
    assert not np.array_equal(data.test.points[:10], data.held_out.points[:10])


def test_where_images_are_wanted_points_are_refused_in_a_line() -> None:
    assert parse_data("ring").name == "ring"
    with pytest.raises(UsageError, match="'ring' holds points, not images"):
        load("ring")
    with pytest.raises(UsageError, match="'circle' is no set of points"):
        load_points("circle")
    entry = next(entry for entry in listing() if entry.name == "grid")
    assert entry.line.endswith("110,000 points in 25 classes; computed")
