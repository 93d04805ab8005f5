"""What a user may call data, and what that means."""

import numpy as np
import pytest

from ganvas.data.request import to_dataset
from ganvas.errors import UsageError

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
