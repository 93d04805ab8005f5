"""Every reader of others' files, fed with anything: a result or one clear error, never more."""

import random
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.fuzz_helpers import MUTATIONS, Mutation, Reader, attempt, inputs, mutate, readers

READERS = tuple(readers())
every = pytest.mark.parametrize("reader", READERS, ids=[reader.name for reader in READERS])


@every
def test_a_whole_file_is_taken(reader: Reader, tmp_path: Path) -> None:
    for content in reader.whole:
        assert attempt(reader, content, tmp_path)


@every
@settings(max_examples=150, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_anything_is_read_or_refused_in_a_line(
    tmp_path_factory: pytest.TempPathFactory, reader: Reader, data: st.DataObject
) -> None:
    folder = tmp_path_factory.getbasetemp() / f"fuzz-{reader.name}"
    folder.mkdir(exist_ok=True)
    attempt(reader, data.draw(inputs(reader)), folder)


@every
def test_damage_by_the_hundred_is_read_or_refused_in_a_line(reader: Reader, tmp_path: Path) -> None:
    source = random.Random(reader.name)
    taken = [
        attempt(reader, mutate(source.choice(reader.whole), source), tmp_path) for _ in range(300)
    ]
    assert not all(taken)


@every
def test_every_start_of_a_file_is_read_or_refused(reader: Reader, tmp_path: Path) -> None:
    content = min(reader.whole, key=len)
    step = max(1, len(content) // 200)
    for end in range(0, len(content), step):
        attempt(reader, content[:end], tmp_path)


share = st.floats(0, 1)


@given(st.sampled_from(MUTATIONS), st.binary(max_size=99), st.tuples(share, share, share))
def test_mutations_take_any_bytes(
    change: Mutation, content: bytes, at: tuple[float, float, float]
) -> None:
    assert isinstance(change(content, *at), bytes)
