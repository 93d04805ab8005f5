"""A tar archive: one pass through it, in bounds."""

import gzip
import tarfile
from pathlib import Path

import pytest

from ganvas.data.pictures.read import read_pictures
from ganvas.errors import DataError
from tests.archive_helpers import pack_tar
from tests.picture_helpers import numbered


@pytest.mark.parametrize("kind", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.FIFOTYPE])
def test_links_and_devices_in_tars_are_refused(tmp_path: Path, kind: bytes) -> None:
    path = pack_tar(tmp_path / "x.tar", numbered("1.png"))
    with tarfile.open(path, "a") as archive:
        info = tarfile.TarInfo("link.png")
        info.type, info.linkname = kind, "1.png"
        archive.addfile(info)
    with pytest.raises(DataError, match=r"holds 'link\.png' \((a link|no regular file)\)"):
        read_pictures(path)


def test_a_header_of_a_tar_may_not_be_huge(tmp_path: Path) -> None:
    """Python's tarfile reads the extra fields of a member in one go, whatever their size."""
    info = tarfile.TarInfo("x")
    info.type, info.size = tarfile.XHDTYPE, 1 << 30
    path = tmp_path / "x.tar.gz"
    path.write_bytes(gzip.compress(info.tobuf() + bytes(1 << 20)))
    with pytest.raises(DataError, match=r"header of 1,073,741,824 bytes, at most 1,048,576"):
        read_pictures(path)


def test_garbage_between_the_members_of_a_tar_is_not_the_end(tmp_path: Path) -> None:
    path = pack_tar(tmp_path / "x.tar", numbered("1.png", "2.png"))
    content = bytearray(path.read_bytes())
    content[1024:1536] = b"\1" * 512  # the second header
    path.write_bytes(bytes(content))
    with pytest.raises(DataError, match="after 1 member, what follows is no member"):
        read_pictures(path)
