"""Many pictures at once: each as it is decoded alone, in the order that was asked for."""

from pathlib import Path

import numpy as np
import pytest

from ganvas.data.archives.kinds import open_container
from ganvas.data.pictures import decode_all as room
from ganvas.data.pictures.decode import PictureError, decode
from ganvas.data.pictures.decode_all import decode_all
from ganvas.data.pictures.preparation import Preparation
from tests.picture_helpers import numbered, write_files


@pytest.mark.parametrize(("files", "num_bytes"), [(256, 1 << 22), (3, 1 << 22), (256, 1)])
@pytest.mark.parametrize("preparation", [Preparation(), Preparation(size=(12, 10))])
def test_each_is_what_it_is_alone_and_bad_ones_are_named(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    preparation: Preparation,
    files: int,
    num_bytes: int,
) -> None:
    monkeypatch.setattr(room, "_CHUNK_FILES", files)
    monkeypatch.setattr(room, "_CHUNK_BYTES", num_bytes)
    place = write_files(tmp_path / "x", numbered(*(f"{i:02}.png" for i in range(40))))
    write_files(place, {"07.png": b"", "23.png": b"no picture"})
    container = open_container(place)
    members = list(container.members())
    found = list(decode_all(container, members, preparation))
    assert [member for member, _ in found] == members
    for member, pixels in found:
        if member.name in ("07.png", "23.png"):
            assert isinstance(pixels, PictureError)
            continue
        assert isinstance(pixels, np.ndarray)
        alone = decode((place / member.name).read_bytes(), preparation)
        np.testing.assert_array_equal(pixels, alone)
