"""Torch's streams: by counter, apart from each other and from the global generator."""

import numpy as np
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from ganvas import seeding
from ganvas.rng import numpy_stream, stream, stream_seed

PLACE = st.tuples(st.integers(0, 2**63 - 1), st.text("abc.", max_size=4), st.integers(0, 2**40))


def draw(generator: torch.Generator, count: int = 8) -> list[float]:
    return torch.rand(count, generator=generator).tolist()


def test_the_numbers_drawn_never_change() -> None:
    drawn = torch.randint(0, 1000, (4,), generator=stream(0, "noise"))
    assert drawn.tolist() == [556, 525, 105, 143]


@settings(max_examples=50, deadline=None)
@given(place=PLACE)
def test_a_stream_is_torchs_generator_with_the_streams_seed(place: tuple[int, str, int]) -> None:
    generator = stream(*place)
    assert generator.initial_seed() == stream_seed(*place)
    assert draw(generator) == draw(torch.Generator().manual_seed(stream_seed(*place)))


def test_drawing_from_one_stream_disturbs_no_other() -> None:
    alone = draw(stream(0, "noise", 1))
    other, one = stream(0, "probe", 1), stream(0, "noise", 1)
    draw(other, 1000)
    assert draw(one) == alone


def test_any_point_is_reached_at_once() -> None:
    in_order = [draw(stream(3, "noise", position)) for position in range(5)]
    assert [draw(stream(3, "noise", position)) for position in (4, 2, 0, 3, 1)] == [
        in_order[position] for position in (4, 2, 0, 3, 1)
    ]
    assert len({tuple(numbers) for numbers in in_order}) == 5


def test_the_global_generators_are_neither_read_nor_moved() -> None:
    def state() -> tuple[list[int], list[int]]:
        return torch.get_rng_state().tolist(), np.random.get_state()[1].tolist()  # type: ignore[index]

    before = state()
    first = draw(stream(0, "noise"))
    numpy_stream(0, "noise").random()
    assert state() == before
    torch.manual_seed(1)
    assert draw(stream(0, "noise")) == first


def test_a_device_can_be_named() -> None:
    assert stream(0, "noise", device="cpu").device == torch.device("cpu")
    assert stream(0, "noise", device=torch.device("cpu")).device.type == "cpu"


def test_numpys_streams_are_those_of_the_room_without_torch() -> None:
    assert numpy_stream is seeding.numpy_stream
    assert stream_seed is seeding.stream_seed
