"""Archives are read where they are, and those that are traps are refused before they are read."""

import gzip
import io
import stat
import struct
import tarfile
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
import pytest

from ganvas.data import load
from ganvas.data.archives import limits
from ganvas.data.archives.container import Folder
from ganvas.data.archives.kinds import open_container
from ganvas.data.archives.tar_files import TarFiles
from ganvas.data.archives.zip_files import ZipFiles
from ganvas.data.pictures.decode import PictureError
from ganvas.data.pictures.read import read_pictures
from ganvas.errors import DataError
from tests.picture_helpers import noise, numbered, to_bytes, write_files

Pack = Callable[[Path, Mapping[str, bytes]], Path]


def pack_zip(path: Path, files: Mapping[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> Path:
    with zipfile.ZipFile(path, "w", method) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return path


def pack_tar(path: Path, files: Mapping[str, bytes], mode: str = "w") -> Path:
    with tarfile.open(path, mode) as archive:  # type: ignore[call-overload]
        for name, content in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    return path


PACKERS: dict[str, Pack] = {
    "x.zip": pack_zip,
    "stored.zip": lambda path, files: pack_zip(path, files, zipfile.ZIP_STORED),
    "x.tar": pack_tar,
    "x.tar.gz": lambda path, files: pack_tar(path, files, "w:gz"),
    "x.tar.bz2": lambda path, files: pack_tar(path, files, "w:bz2"),
    "x.tar.xz": lambda path, files: pack_tar(path, files, "w:xz"),
}
every = pytest.mark.parametrize("name", PACKERS)

PETS = {
    "top/10/b.png": to_bytes(np.full((8, 8), 3, np.uint8)),
    "top/2/a.png": to_bytes(np.full((8, 8), 1, np.uint8)),
    "top/10/a.png": to_bytes(np.full((8, 8), 2, np.uint8)),
    "top/2/" + "long" * 60 + ".png": to_bytes(np.full((8, 8), 9, np.uint8)),
    "top/readme.txt": b"x",
    "__MACOSX/top/2/._a.png": b"x",
    "top/.git/x.png": b"x",
}


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
def test_the_kind_is_told_by_the_content(tmp_path: Path, name: str) -> None:
    path = PACKERS[name](tmp_path / "archive", PETS)
    assert type(open_container(path)) is (ZipFiles if "zip" in name else TarFiles)
    assert type(open_container(tmp_path)) is Folder


@every
def test_members_that_are_damaged_are_counted(tmp_path: Path, name: str) -> None:
    files = numbered("1.png", "2.png") | {"3.png": b"", "4.png": b"no"}
    found = read_pictures(PACKERS[name](tmp_path / name, files), max_bad=0.5)
    assert found.names == ("1.png", "2.png")
    assert [bad.name for bad in found.refused] == ["3.png", "4.png"]


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


@every
@pytest.mark.parametrize(
    ("member", "what"),
    [
        ("../out.png", "a path that leads out of the archive"),
        ("a/../../out.png", "a path that leads out"),
        ("/etc/out.png", "an absolute path"),
        ("C:/out.png", "an absolute path"),
        ("a\\..\\..\\out.png", "a path that leads out"),
    ],
)
def test_names_that_point_outside_are_refused_by_name(
    tmp_path: Path, name: str, member: str, what: str
) -> None:
    path = PACKERS[name](tmp_path / name, numbered("1.png") | {member: b"x"})
    with pytest.raises(DataError) as caught:
        read_pictures(path)
    assert f"'{member}' ({what}" in str(caught.value)
    assert [p.name for p in tmp_path.iterdir()] == [name]


@pytest.mark.parametrize("kind", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.FIFOTYPE])
def test_links_and_devices_in_tars_are_refused(tmp_path: Path, kind: bytes) -> None:
    path = pack_tar(tmp_path / "x.tar", numbered("1.png"))
    with tarfile.open(path, "a") as archive:
        info = tarfile.TarInfo("link.png")
        info.type, info.linkname = kind, "1.png"
        archive.addfile(info)
    with pytest.raises(DataError, match=r"holds 'link\.png' \((a link|no regular file)\)"):
        read_pictures(path)


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


@every
def test_too_many_members_are_refused(tmp_path: Path, name: str) -> None:
    path = PACKERS[name](tmp_path / name, dict.fromkeys(map(str, range(101)), b""))
    with pytest.raises(DataError, match=r"holds more than 100 files, the limit; .* --max-members"):
        open_container(path, max_members=100).members()
    assert len(open_container(path, max_members=101).members()) == 101


def test_a_zip_that_declares_millions_is_refused_unread(tmp_path: Path) -> None:
    directory = 500_000 * 46
    place = struct.pack("<4sIQI", b"PK\6\7", 0, 4, 1)
    record = struct.pack("<4sQHHIIQQQQ", b"PK\6\6", 44, 45, 45, 0, 0, 10**6, 10**6, directory, 4)
    end = struct.pack("<4sHHHHIIH", b"PK\5\6", 0, 0, 65_535, 65_535, 2**32 - 1, 2**32 - 1, 0)
    path = tmp_path / "x.zip"
    path.write_bytes(b"PK\3\4" + record + place + end)
    with pytest.raises(DataError, match="holds more than 500,000 files"):
        open_container(path).members()


def test_bombs_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "FREE_BYTES", 1 << 20)
    zeros = {f"{i}.bmp": bytes(1 << 18) for i in range(8)}
    for name in ("x.zip", "x.tar.gz", "x.tar.xz"):
        with pytest.raises(DataError, match=r"unpacks to [\d,]+ bytes or more from .* over 100 t"):
            read_pictures(PACKERS[name](tmp_path / name, zeros))
    for name in ("stored.zip", "x.tar"):  # as large as they say
        with pytest.raises(DataError, match="8 of 8 pictures"):
            read_pictures(PACKERS[name](tmp_path / name, zeros))


def test_one_huge_member_is_not_read(tmp_path: Path) -> None:
    files = numbered("1.png") | {"2.png": bytes(2_000_000)}
    for name, pack in PACKERS.items():
        container = open_container(pack(tmp_path / name, files), max_file_bytes=1_000_000)
        small, huge = container.read(container.members())
        assert isinstance(small, bytes)
        assert isinstance(huge, PictureError)
        assert str(huge) == "2,000,000 bytes, at most 1,000,000 are read"


def test_a_header_of_a_tar_may_not_be_huge(tmp_path: Path) -> None:
    """Python's tarfile reads the extra fields of a member in one go, whatever their size."""
    info = tarfile.TarInfo("x")
    info.type, info.size = tarfile.XHDTYPE, 1 << 30
    path = tmp_path / "x.tar.gz"
    path.write_bytes(gzip.compress(info.tobuf() + bytes(1 << 20)))
    with pytest.raises(DataError, match=r"header of 1,073,741,824 bytes, at most 1,048,576"):
        read_pictures(path)


@pytest.mark.parametrize("name", ["x.tar", "x.tar.gz", "x.tar.bz2", "x.tar.xz", "x.zip"])
def test_an_archive_that_is_cut_off_is_damaged(tmp_path: Path, name: str) -> None:
    path = PACKERS[name](tmp_path / name, {f"{i}.png": to_bytes(noise(20, 20)) for i in range(9)})
    whole = path.read_bytes()
    for share in (0.2, 0.4, 0.6):
        path.write_bytes(whole[: int(len(whole) * share)])
        with pytest.raises(DataError, match=r"is no whole (tar|zip) archive: "):
            read_pictures(path)


def test_garbage_between_the_members_of_a_tar_is_not_the_end(tmp_path: Path) -> None:
    path = pack_tar(tmp_path / "x.tar", numbered("1.png", "2.png"))
    content = bytearray(path.read_bytes())
    content[1024:1536] = b"\1" * 512  # the second header
    path.write_bytes(bytes(content))
    with pytest.raises(DataError, match="after 1 member, what follows is no member"):
        read_pictures(path)


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


@pytest.mark.parametrize("content", [b"", b"text" * 200, b"PK\3\4", b"\x1f\x8b", b"BZh91AY"])
def test_what_is_no_archive_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "x").write_bytes(content)
    with pytest.raises(DataError, match=r"is no (folder|whole)|cannot be read"):
        read_pictures(tmp_path / "x")
