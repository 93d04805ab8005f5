"""Figures of points: real ones score as real, and each figure moves as its words say."""

import json

import numpy as np
import pytest

from ganvas.data import load_points
from ganvas.errors import DataError, UsageError
from ganvas.evaluation import POINT_METRICS, evaluate_points, in_words

RING = load_points("ring")


def values(points: np.ndarray) -> tuple[float, float]:
    figures = evaluate_points(points, RING)["metrics"]
    return figures["modes"]["value"], figures["high_quality"]["value"]


def test_real_points_score_as_real() -> None:
    found = evaluate_points(RING.test.points[:2500], RING, seed=4)
    assert {name: figure["value"] for name, figure in found["metrics"].items()} == {
        name: figure["real"] for name, figure in found["metrics"].items()
    }
    assert found["metrics"]["modes"]["of"] == found["metrics"]["modes"]["value"] == 8
    assert (found["data"], found["split"], found["seed"]) == ("ring", "test", 4)
    assert (found["samples"], found["real_samples"]) == (2500, 2500)
    assert found["judge"]["digest"] == RING.digest
    assert set(found["metrics"]) == set(POINT_METRICS)
    assert json.loads(json.dumps(found)) == found


def test_one_mode_is_of_quality_and_noise_finds_all_without() -> None:
    one = RING.test.points[RING.test.labels == 3]
    modes, quality = values(one)
    assert modes == 1
    assert quality > 0.97
    noise = np.random.default_rng(0).uniform(-1.1, 1.1, (40_000, 2))
    modes, quality = values(noise)
    assert modes == 8
    assert quality < 0.01
    half = np.concatenate([one, np.zeros_like(one)])
    modes, quality = values(half)
    assert modes == 1
    assert quality == pytest.approx(values(one)[1] / 2)


def test_what_cannot_be_measured_is_refused() -> None:
    points = RING.test.points[:20]
    with pytest.raises(UsageError, match=r"no figure 'mode' of points.*did you mean 'modes'"):
        evaluate_points(points, RING, metrics=["mode"])
    with pytest.raises(UsageError, match="modes"):
        evaluate_points(points[:7], RING)
    with pytest.raises(DataError, match="finite"):
        evaluate_points(np.where(points > 0.5, np.nan, points), RING)
    with pytest.raises(UsageError):
        evaluate_points(np.zeros((20, 3)), RING)
    assert set(evaluate_points(points, RING, metrics=["modes"])["metrics"]) == {"modes"}


def test_the_words_name_both_figures_and_what_they_were_taken_from() -> None:
    words = in_words(evaluate_points(RING.test.points[:900], RING))
    assert words[0] == "8 of 8 modes found (8 by real test points)."
    assert "within three standard deviations" in words[1]
    assert words[2] == ("Measured on 900 points and 900 test points of ring, by its law, seed 0.")
