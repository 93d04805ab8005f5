"""What a user may call data, and what that means."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from ganvas.data.request import noted_layout, origin, reload, to_dataset
from ganvas.errors import DataError, UsageError

IMAGES = np.random.default_rng(0).integers(0, 256, (48, 8, 8), dtype=np.uint8)


def test_a_name_is_loaded_with_its_held_out_count() -> None:
    assert len(to_dataset("mnist", held_out=7).held_out) == 7


def test_a_data_set_is_returned_as_it_is() -> None:
    dataset = to_dataset(IMAGES)
    assert to_dataset(dataset, held_out=1) is dataset


def test_arrays_come_with_or_without_labels() -> None:
    assert to_dataset(IMAGES).num_classes == 0
    assert to_dataset((IMAGES, np.arange(48) % 3)).num_classes == 3
    assert to_dataset((IMAGES, None)).num_classes == 0


def test_of_arrays_a_twelfth_is_set_aside_unless_another_number_is_asked_for() -> None:
    assert len(to_dataset(IMAGES).held_out) == 4
    assert len(to_dataset(IMAGES, held_out=10).held_out) == 10
    assert len(to_dataset(IMAGES, held_out=0).held_out) == 0


@pytest.mark.parametrize("data", [5, None, (5, None)])
def test_what_is_no_data_is_refused(data: object) -> None:
    with pytest.raises(UsageError, match="data must be"):
        to_dataset(data)


def test_arrays_cannot_be_found_by_name() -> None:
    with pytest.raises(UsageError, match="say what data to use"):
        to_dataset("arrays")


@pytest.mark.parametrize("layout", ["NHWC", "NCHW"])
def test_a_layout_that_was_given_is_noted_and_taken_again(layout: Any, tmp_path: Path) -> None:
    path = tmp_path / "odd.npy"
    shape = (24, 9, 9, 3) if layout == "NHWC" else (24, 3, 9, 9)
    np.save(path, np.random.default_rng(0).integers(0, 256, shape, dtype=np.uint8))
    dataset = to_dataset(path, layout=layout)
    noted = json.loads(json.dumps(origin(dataset, None, layout)))
    assert noted["data_layout"] == layout
    again = reload(noted, dataset.name, held_out=len(dataset.held_out))
    assert again.digest == dataset.digest
    other = {"NHWC": "NCHW", "NCHW": "NHWC"}[layout]
    with pytest.raises(DataError, match=f"layout {other}|channels"):
        reload({**noted, "data_layout": other}, dataset.name, held_out=2)
    assert noted_layout({}) == noted_layout({"data_layout": ["NHWC"]}) == "auto"
