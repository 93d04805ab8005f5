"""Pictures by a run's model: arcs between latents, and what is made of a model that is there."""

import math
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from ganvas.data.images import DataSet
from ganvas.report.portraits import portraits, spherical
from ganvas.report.record import RunRecord, read_run
from ganvas.session import train
from tests.training_helpers import TINY, tiny_data

RECIPE = replace(TINY, budget=replace(TINY.budget, amount=16))


def tiny_run(folder: Path, data: DataSet) -> RunRecord:
    return read_run(train(data, recipe=RECIPE, out=folder).directory)


@settings(deadline=None)
@given(
    size=st.integers(2, 64), seed=st.integers(0, 1_000), scale=st.floats(0.1, 10)
)  # fmt: skip
def test_an_arc_keeps_the_length_and_turns_evenly(size: int, seed: int, scale: float) -> None:
    draws = torch.randn(2, size, generator=torch.Generator().manual_seed(seed))
    first, last = scale * torch.nn.functional.normalize(draws, dim=1)
    arc = spherical(first, last, 9)
    torch.testing.assert_close(arc[0], first, rtol=1e-4, atol=1e-4 * scale)
    torch.testing.assert_close(arc[-1], last, rtol=1e-4, atol=1e-4 * scale)
    torch.testing.assert_close(arc.norm(dim=1), torch.full((9,), scale), rtol=1e-3, atol=0)
    steps = (arc[1:] - arc[:-1]).norm(dim=1)
    torch.testing.assert_close(steps, steps.mean().expand(8), rtol=1e-2, atol=1e-4 * scale)


def test_latents_in_one_direction_are_joined_by_a_line() -> None:
    first = torch.tensor([1.0, 2.0])
    torch.testing.assert_close(spherical(first, 3 * first, 3)[1], 2 * first)
    torch.testing.assert_close(spherical(first, -first, 3)[1], 0 * first)
    assert all(map(math.isfinite, spherical(0 * first, first, 4).flatten().tolist()))


@pytest.mark.parametrize("classes", [0, 3])
def test_a_model_makes_its_pictures(classes: int, tmp_path: Path) -> None:
    record = tiny_run(tmp_path, tiny_data(classes=classes))
    found, missing = portraits(record, nearest=True)
    assert missing == []
    names = [portrait.name for portrait in found]
    assert names == ["interpolation", *["classes-by-latents"] * bool(classes), "nearest"]
    for portrait in found:
        height, width, channels = portrait.picture.shape
        assert (channels, portrait.picture.dtype.name) == (1, "uint8")
        assert 700 < width < 1_000
        assert height < width
    again, _ = portraits(record, nearest=False)
    assert [portrait.name for portrait in again] == names[:-1]
    assert (again[0].picture == found[0].picture).all()


def test_what_is_missing_is_said(tmp_path: Path) -> None:
    record = tiny_run(tmp_path, tiny_data())
    (record.head.path / "model" / "model.safetensors").write_bytes(b"broken")
    found, missing = portraits(record, nearest=False)
    assert found == []
    assert len(missing) == 1
    assert "model.safetensors" in missing[0]
