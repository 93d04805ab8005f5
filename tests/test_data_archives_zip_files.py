"""A zip archive: read where it is, whatever made it, and nothing of a trap."""

import stat
import struct
import zipfile
from pathlib import Path

import pytest

from ganvas.data.archives.kinds import open_container
from ganvas.data.pictures.read import read_pictures
from ganvas.errors import DataError
from tests.archive_helpers import PETS, pack_zip
from tests.picture_helpers import noise, numbered, to_bytes


def test_links_in_zips_are_refused(tmp_path: Path) -> None:
    path = pack_zip(tmp_path / "x.zip", numbered("1.png"))
    with zipfile.ZipFile(path, "a") as archive:
        info = zipfile.ZipInfo("link.png")
        info.create_system, info.external_attr = 3, (stat.S_IFLNK | 0o777) << 16
        archive.writestr(info, "/etc/passwd")
    with pytest.raises(DataError, match=r"holds 'link\.png' \(a link\)"):
        read_pictures(path)


def test_a_zip_with_the_separators_of_windows_is_the_same(tmp_path: Path) -> None:
    path = tmp_path / "x.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in PETS.items():
            info = zipfile.ZipInfo(name)
            info.filename = info.orig_filename = name.replace("/", "\\")  # as it is stored
            archive.writestr(info, content)
        info = zipfile.ZipInfo("top")
        info.filename = info.orig_filename = "top\\.hidden\\1.png"
        archive.writestr(info, b"")
    assert b"top\\10" in path.read_bytes()
    plain, found = (read_pictures(made) for made in (pack_zip(tmp_path / "plain.zip", PETS), path))
    assert found.class_names == plain.class_names == ("2", "10")
    assert (found.images == plain.images).all()
    assert (found.labels == plain.labels).all()  # type: ignore[union-attr]


def test_a_zip_that_declares_millions_is_refused_unread(tmp_path: Path) -> None:
    directory = 500_000 * 46
    place = struct.pack("<4sIQI", b"PK\6\7", 0, 4, 1)
    record = struct.pack("<4sQHHIIQQQQ", b"PK\6\6", 44, 45, 45, 0, 0, 10**6, 10**6, directory, 4)
    end = struct.pack("<4sHHHHIIH", b"PK\5\6", 0, 0, 65_535, 65_535, 2**32 - 1, 2**32 - 1, 0)
    path = tmp_path / "x.zip"
    path.write_bytes(b"PK\3\4" + record + place + end)
    with pytest.raises(DataError, match="holds more than 500,000 files"):
        open_container(path).members()


def test_a_zip_member_that_lies_or_is_encrypted_is_counted(tmp_path: Path) -> None:
    path = pack_zip(tmp_path / "x.zip", {"1.png": to_bytes(noise(8, 8)), "2.png": b"x" * 99})
    content = path.read_bytes()
    directory = content.rfind(b"PK\1\2", 0, content.rfind(b"2.png"))
    for offset, value, reason in ((24, 50, "damaged: .*CRC"), (8, 1, "encrypted")):
        changed = bytearray(content)
        changed[directory + offset] = value
        path.write_bytes(bytes(changed))
        with pytest.raises(DataError, match=rf"1 of 2 .*'2\.png': {reason}"):
            read_pictures(path)
