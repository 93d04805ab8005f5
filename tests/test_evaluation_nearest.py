"""The picture of nearest pairs: each fake above its training image, the nearest first."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from ganvas.errors import GanvasError
from ganvas.evaluation.compute import Case
from ganvas.evaluation.nearest import write_nearest
from ganvas.real.reference import Reference
from tests.judge_helpers import FakeJudge, some_data


@pytest.fixture(autouse=True)
def _cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GANVAS_CACHE", str(tmp_path / "cache"))


def draw(path: Path, images: np.ndarray) -> np.ndarray:
    """The picture's cells, uint8 (rows, 10, 8, 8), after the 2 pixels around each and the scale."""
    reference = Reference(some_data(), FakeJudge()())
    write_nearest(path, images, Case(reference=reference, scored=reference.see(images, None)))
    with Image.open(path) as picture:
        large = np.array(picture)
    scale = large.shape[1] // (10 * 10 + 2)
    small = large[::scale, ::scale]
    assert np.array_equal(np.kron(small, np.ones((scale, scale), np.uint8)), large)
    rows = (small.shape[0] - 2) // 10
    cells = small[2:, 2:].reshape(rows, 10, 10, 10).transpose(0, 2, 1, 3)
    return cells[:, :, :8, :8]


def test_copies_come_first_each_above_its_original(tmp_path: Path) -> None:
    train = some_data().train.images
    fakes = np.random.default_rng(0).integers(0, 256, (50, 1, 8, 8), dtype=np.uint8)
    fakes[[7, 31]] = train[[200, 100]]
    cells = draw(tmp_path / "nearest.png", fakes)
    assert np.array_equal(cells[0, :2], cells[1, :2])
    first = {cell.tobytes() for cell in cells[0, :2]}
    assert first == {train[200].tobytes(), train[100].tobytes()}
    assert not np.array_equal(cells[0, 2], cells[1, 2])
    originals = {image.tobytes() for image in train}
    for row in (1, 3, 5):
        assert {cell.tobytes() for cell in cells[row]} <= originals


@pytest.mark.parametrize(("count", "pairs"), [(1, 1), (10, 10), (11, 11), (50, 30)])
def test_there_are_thirty_pairs_at_most_and_the_rest_is_blank(
    tmp_path: Path, count: int, pairs: int
) -> None:
    cells = draw(tmp_path / "nearest.png", some_data().held_out.images[:count])
    shown = (cells != 255).any(axis=(2, 3))
    assert shown[::2].sum() == shown[1::2].sum() == pairs
    assert len(cells) == 2 * -(-pairs // 10)


def test_a_file_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    with pytest.raises(GanvasError, match="cannot write"):
        draw(tmp_path / "no" / "nearest.png", some_data().held_out.images[:3])
