"""Archives are read where they are, and those that are traps are refused before they are read."""

from pathlib import Path

import numpy as np
import pytest

from ganvas.data.pictures.read import read_pictures
from ganvas.errors import DataError
from tests.archive_helpers import PACKERS, PETS, every
from tests.picture_helpers import noise, numbered, to_bytes, write_files


@every
def test_an_archive_is_the_folder_it_unpacks_to(tmp_path: Path, name: str) -> None:
    path = PACKERS[name](tmp_path / name, PETS)
    packed, plain = read_pictures(path), read_pictures(write_files(tmp_path / "plain", PETS))
    assert packed.class_names == plain.class_names == ("2", "10")
    np.testing.assert_array_equal(packed.images, plain.images)
    np.testing.assert_array_equal(packed.labels, plain.labels)
    assert packed.names == tuple(f"top/{name}" for name in plain.names) or (
        packed.names == plain.names
    )
    assert packed.images[:, 0, 0, 0].tolist() == [1, 9, 2, 3]
    assert sorted(p.name for p in tmp_path.iterdir()) == sorted([name, "plain"])


@every
def test_members_that_are_damaged_are_counted(tmp_path: Path, name: str) -> None:
    files = numbered("1.png", "2.png") | {"3.png": b"", "4.png": b"no"}
    found = read_pictures(PACKERS[name](tmp_path / name, files), max_bad=0.5)
    assert found.names == ("1.png", "2.png")
    assert [bad.name for bad in found.refused] == ["3.png", "4.png"]


@pytest.mark.parametrize("name", ["x.tar", "x.tar.gz", "x.tar.bz2", "x.tar.xz", "x.zip"])
def test_an_archive_that_is_cut_off_is_damaged(tmp_path: Path, name: str) -> None:
    path = PACKERS[name](tmp_path / name, {f"{i}.png": to_bytes(noise(20, 20)) for i in range(9)})
    whole = path.read_bytes()
    for share in (0.2, 0.4, 0.6):
        path.write_bytes(whole[: int(len(whole) * share)])
        with pytest.raises(DataError, match=r"is no whole (tar|zip) archive: "):
            read_pictures(path)
