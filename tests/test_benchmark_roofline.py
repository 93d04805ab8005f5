"""Rooflines: the arithmetic is that of the layers, whatever the time."""

import pytest

from ganvas.benchmark.racers import PLAIN, Contender, contenders
from ganvas.benchmark.roofline import measure_rooflines
from ganvas.data.request import to_dataset
from tests.test_benchmark_plain import IMAGES
from tests.training_helpers import tiny_data


def multiply_adds_of_the_plain_step() -> int:
    """Those for one real image: forward, by weights, and by inputs where a gradient is wanted."""
    g = [100 * 256 * 49, 256 * 128 * 16 * 49, 128 * 16 * 196]
    d = [64 * 16 * 196, 64 * 128 * 16 * 49, 128 * 49]
    of_g = 3 * sum(g) - g[0]  # nobody asks for the noise's gradient
    of_d = 2 * (3 * sum(d) - d[0]) + 3 * sum(d)  # nor for the images', but for G's
    return of_g + of_d


@pytest.mark.slow
def test_the_arithmetic_of_the_plain_loop_is_counted_to_the_last_operation() -> None:
    (found,) = measure_rooflines(
        (Contender(name=PLAIN, recipe=PLAIN),),
        to_dataset(IMAGES, held_out=0),
        threads=1,
        repeats=1,
        tell=lambda sentence: None,
    )
    assert found.operations == 2 * multiply_adds_of_the_plain_step()
    assert found.rate == found.operations * found.images_per_second
    assert found.share == found.rate / found.ceiling
    assert len(found.operators) == 10
    assert sum(operator.share for operator in found.operators) <= 1 + 1e-9
    shares = [operator.share for operator in found.operators]
    assert shares == sorted(shares, reverse=True)


def test_schedules_of_one_form_share_a_roofline() -> None:
    told: list[str] = []
    entries = contenders(["swift"], num_classes=3, schedules=(64, 128))
    assert len(entries) == 4
    found = measure_rooflines(
        tuple(entries[2:]), tiny_data(), threads=1, repeats=1, tell=told.append
    )
    assert [line.name for line in found] == ["swift-unconditional"]
    assert told == ["roofline of swift-unconditional"]
    assert found[0].operations > 0
