"""Mapped images are let go of, neither too late nor at every turn."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ganvas.data.store import mapped
from ganvas.data.store.mapped import Reading, open_mapped, release


@given(counts=st.lists(st.integers(1, 900), max_size=60), row=st.sampled_from([784, 12_288]))
def test_rows_are_let_go_of_before_they_can_be_more_than_is_kept(
    counts: list[int], row: int
) -> None:
    array = np.broadcast_to(np.uint8(0), (2_000_000, row))  # of no size, and as long as it says
    each = row + mapped._AROUND_BYTES
    rows = 0

    def let_go(found: Any) -> None:
        nonlocal rows
        assert found is array
        assert rows * each >= mapped._READ_BYTES  # not at every turn
        rows = 0

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(mapped, "release", let_go)
        reading = Reading(array)
        for count in counts:
            rows += count
            reading.note(count)
            assert rows * each < mapped._READ_BYTES


def test_what_is_small_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mapped, "release", lambda array: pytest.fail("it was let go of"))
    reading = Reading(np.broadcast_to(np.uint8(0), (1_000_000, 784)))
    for _ in range(10):
        reading.note(1_000)


@pytest.mark.parametrize("kept", [0, 1 << 20])
def test_what_is_let_go_of_is_there_again_when_it_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kept: int
) -> None:
    monkeypatch.setattr(mapped, "_KEPT_BYTES", kept)
    images = np.random.default_rng(0).integers(0, 256, (60, 1, 8, 8), dtype=np.uint8)
    np.save(tmp_path / "images.npy", images)
    found = open_mapped(tmp_path / "images.npy", images.shape, np.uint8)
    for array in (found, found[7:], images):
        release(array)
    assert np.array_equal(found, images)
    release(np.empty((0, 1, 8, 8), np.uint8))
