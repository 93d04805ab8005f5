"""Torch's streams: by counter, apart from each other and from the global generator."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from ganvas import seeding
from ganvas.nets.blocks import Dropout
from ganvas.rng import Part, draw_rows, numpy_stream, stream, stream_seed

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


@settings(max_examples=30, deadline=None)
@given(
    sides=st.lists(st.tuples(st.integers(1, 6), st.integers(1, 6)), min_size=1, max_size=2),
    channels_last=st.booleans(),
)
def test_rows_get_the_numbers_they_would_get_in_the_whole_batch(
    sides: list[tuple[int, int]], channels_last: bool
) -> None:
    # Two processes: the first has `a` rows of a side, the second the next `b`.
    layout = torch.channels_last if channels_last else torch.contiguous_format
    layer = Dropout(0.5)
    whole = torch.ones(sum(a + b for a, b in sides), 3, 4, 4).to(memory_format=layout)
    layer.generator = stream(1, "dropout")
    expected = layer(whole).split([n for a, b in sides for n in (a, b)])
    for rank in (0, 1):
        parts = tuple(Part(first=(0, a)[rank], count=(a, b)[rank], total=a + b) for a, b in sides)
        layer.generator = stream(1, "dropout")
        layer.generator.parts = parts
        own = layer(torch.ones(sum(p.count for p in parts), 3, 4, 4).to(memory_format=layout))
        assert torch.equal(own, torch.cat(expected[rank::2]))


def test_rows_that_are_none_of_the_parts_are_a_mistake() -> None:
    generator = stream(0, "noise")
    generator.parts = (Part(first=0, count=2, total=4),)
    with pytest.raises(ValueError, match="3 rows are none of the parts"):
        draw_rows(torch.zeros, 3, generator)
