"""How an evaluation was made: as many samples as real images, or, formerly, more."""

from typing import Any

import pytest

from ganvas.measured import flatters, samples_counted


def evaluation(samples: int, real_samples: int, **figures: dict[str, Any]) -> dict[str, Any]:
    return {"samples": samples, "real_samples": real_samples, "metrics": figures}


FD = {"value": 2.0, "real": 1.0}


@pytest.mark.parametrize(
    ("figures", "expected"),
    [
        ({}, 900),
        ({"fd": FD}, 900),
        ({"fd": {**FD, "samples": 300}}, 300),
        ({"coverage": {**FD, "samples": 300}}, 300),
        ({"fd": {**FD, "samples": 300}, "ct": {**FD, "samples": 150}}, 300),
        ({"ct": {**FD, "samples": 150}}, 900),
    ],
)
def test_the_distance_says_how_many_count(figures: dict[str, Any], expected: int) -> None:
    assert samples_counted(evaluation(900, 300, **figures)) == expected


def test_more_samples_than_real_images_flatter_unless_as_many_count() -> None:
    assert flatters(evaluation(900, 300, fd=FD))
    assert not flatters(evaluation(900, 300, fd={**FD, "samples": 300}))
    assert not flatters(evaluation(900, 900, fd=FD))
    assert not flatters(evaluation(900, 100, fd={**FD, "real": None}))
    assert not flatters(evaluation(900, 300, modes={"value": 8, "real": 8}))
