"""Which kind of container a path is, and arrays that lie in archives."""

import io
from pathlib import Path

import numpy as np
import pytest

from ganvas.data import load
from ganvas.data.archives.container import Folder
from ganvas.data.archives.kinds import open_container
from ganvas.data.archives.tar_files import TarFiles
from ganvas.data.archives.zip_files import ZipFiles
from ganvas.data.pictures.read import read_pictures
from ganvas.errors import DataError
from tests.archive_helpers import PACKERS, PETS, every
from tests.picture_helpers import noise, to_bytes


@every
def test_the_kind_is_told_by_the_content(tmp_path: Path, name: str) -> None:
    path = PACKERS[name](tmp_path / "archive", PETS)
    assert type(open_container(path)) is (ZipFiles if "zip" in name else TarFiles)
    assert type(open_container(tmp_path)) is Folder


@every
def test_splits_and_arrays_lie_in_archives_too(tmp_path: Path, name: str) -> None:
    split = {f"{s}/{i}.png": b for s in ("train", "test") for i, b in enumerate(PETS.values())}
    split = {key: to_bytes(noise(8, 8)) for key in split}
    dataset = load(PACKERS[name](tmp_path / name, split))
    assert dataset.test is not None
    with pytest.raises(DataError, match="two splits, train/ and test/; unpack one of them"):
        read_pictures(tmp_path / name)
    buffer = io.BytesIO()
    np.savez(buffer, images=noise(24, 8, 8), labels=np.arange(24) % 2)
    path = PACKERS[name](tmp_path / f"arrays-{name}", {"in/x.npz": buffer.getvalue()})
    assert load(path).num_classes == 2
    np.testing.assert_array_equal(read_pictures(path).images[:, 0], noise(24, 8, 8))


@pytest.mark.parametrize("content", [b"", b"text" * 200, b"PK\3\4", b"\x1f\x8b", b"BZh91AY"])
def test_what_is_no_archive_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "x").write_bytes(content)
    with pytest.raises(DataError, match=r"is no (folder|whole)|cannot be read"):
        read_pictures(tmp_path / "x")
