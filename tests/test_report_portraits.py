"""Pictures by a run's model: arcs between latents, and what is made of a model that is there."""

from dataclasses import replace
from pathlib import Path

import pytest

from ganvas.data.images import DataSet
from ganvas.report.likeness import Likeness
from ganvas.report.portraits import portraits
from ganvas.report.record import RunRecord, read_run
from ganvas.session import train
from tests.training_helpers import TINY, tiny_data

RECIPE = replace(TINY, budget=replace(TINY.budget, amount=16))


def tiny_run(folder: Path, data: DataSet) -> RunRecord:
    return read_run(train(data, recipe=RECIPE, out=folder).directory)


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


def test_of_one_picture_again_and_again_nothing_else_is_claimed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    record = tiny_run(tmp_path, tiny_data())
    learnt = [portrait.words for portrait in portraits(record, nearest=True)[0]]
    same = Likeness(spread=0.01, contrast=1.0)
    monkeypatch.setattr("ganvas.report.portraits.likeness", lambda head: same)
    collapsed = [portrait.words for portrait in portraits(record, nearest=True)[0]]
    for words in ("has learnt shapes", "Twins would mean"):
        assert words in " ".join(learnt)
        assert words not in " ".join(collapsed)
    assert "draws one picture" in collapsed[0]


def test_what_is_missing_is_said(tmp_path: Path) -> None:
    record = tiny_run(tmp_path, tiny_data())
    (record.head.path / "model" / "model.safetensors").write_bytes(b"broken")
    found, missing = portraits(record, nearest=False)
    assert found == []
    assert len(missing) == 1
    assert "model.safetensors" in missing[0]
