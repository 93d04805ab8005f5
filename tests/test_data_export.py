"""Exported pictures are read again as the same data set."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ganvas.data import load
from ganvas.data.asked import parse_data
from ganvas.data.export import export_pictures
from ganvas.data.images import LabelArray
from ganvas.data.registry import read_asked
from ganvas.data.whole import Whole
from ganvas.errors import GanvasError
from tests.picture_helpers import noise


def whole(channels: int, labels: LabelArray | None, names: tuple[str, ...], test: bool) -> Whole:
    count = 12 if labels is None else len(labels)
    images = noise(count, channels, 8, 9)
    return Whole(
        name="x", images=images, labels=labels, class_names=names, digest="", source="",
        test_images=images[:6] if test else None,
        test_labels=labels[:6] if test and labels is not None else None,
    )  # fmt: skip


@settings(max_examples=20)
@given(channels=st.sampled_from([1, 3, 4]), with_labels=st.booleans(), test=st.booleans())
def test_round_trip(
    tmp_path_factory: pytest.TempPathFactory, channels: int, with_labels: bool, test: bool
) -> None:
    labels = np.arange(12, dtype=np.int64) % 3 if with_labels else None
    names = ("2", "10", "a") if with_labels else ()
    before = whole(channels, labels, names, test)
    folder = tmp_path_factory.mktemp("x") / "out"
    assert export_pictures(before, folder) == (18 if test else 12)
    after = read_asked(parse_data(folder))
    assert after.class_names == names
    order = slice(None) if labels is None else np.argsort(labels, kind="stable")
    np.testing.assert_array_equal(after.images, before.images[order])
    if labels is not None:
        np.testing.assert_array_equal(after.labels, labels[order])
    assert (after.test_images is not None) == test


def test_class_names_become_plain_and_different_folders(tmp_path: Path) -> None:
    names = ("T-shirt/top", "T-shirt-top", "t-shirt.Top", "..", "../x", "Été")
    labels = np.arange(6, dtype=np.int64)
    export_pictures(whole(1, labels, names, False), tmp_path / "out")
    found = sorted(path.name for path in (tmp_path / "out").iterdir())
    assert len({name.lower() for name in found}) == 6
    assert {"T-shirt-top", "t-shirt.Top", "class", "x", "Été"} < set(found)
    assert load(tmp_path / "out", held_out=0).num_classes == 6


def test_nothing_is_left_where_it_cannot_be_written(tmp_path: Path) -> None:
    with pytest.raises(GanvasError, match="cannot write"):
        export_pictures(whole(1, None, (), False), tmp_path / "missing" / "out")
    assert list(tmp_path.iterdir()) == []
