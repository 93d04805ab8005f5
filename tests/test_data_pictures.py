"""Folders of pictures on disk: order, limits, and everything that can be wrong with one."""

import os
import re
import sys
from pathlib import Path

import numpy as np
import pytest

from ganvas.data.archives.container import Folder
from ganvas.data.pictures.decode import PictureError
from ganvas.data.pictures.preparation import Preparation
from ganvas.data.pictures.read import read_folder, read_pictures
from ganvas.errors import DataError, UsageError
from tests.picture_helpers import noise, numbered, to_bytes, write_files


def test_a_flat_folder_is_read_in_order(tmp_path: Path) -> None:
    write_files(tmp_path, numbered("1.png", "2.png", "10.png", "in/3.bmp", "in/in/x.webp"))
    write_files(tmp_path, {"notes.txt": b"x", ".hidden.png": b"x", "__MACOSX/1.png": b"x"})
    found = read_folder(tmp_path)
    assert found.names == ("1.png", "2.png", "10.png", "in/3.bmp", "in/in/x.webp")
    assert found.images.shape == (5, 1, 8, 9)
    assert found.images[:, 0, 0, 0].tolist() == [0, 1, 2, 3, 4]
    assert (found.labels, found.class_names, found.refused) == (None, (), ())


def test_class_folders_have_labels(tmp_path: Path) -> None:
    write_files(tmp_path, numbered("2/a.png", "10/a.png", "10/b.png", shape=(8, 8, 3)))
    found = read_pictures(str(tmp_path))
    assert found.class_names == ("2", "10")
    assert found.labels is not None
    assert found.labels.dtype == np.int64
    assert found.labels.tolist() == found.images[:, 0, 0, 0].clip(0, 1).tolist() == [0, 1, 1]


def test_many_files_keep_their_rows(tmp_path: Path) -> None:
    """More than are decoded at once."""
    write_files(tmp_path, numbered(*(f"{i}.png" for i in range(255))))
    write_files(tmp_path, {f"more{i}.png": to_bytes(noise(8, 9, seed=i)) for i in range(300)})
    found = read_folder(tmp_path)
    assert found.images[:255, 0, 3, 3].tolist() == list(range(255))
    for i in (0, 7, 299):
        np.testing.assert_array_equal(found.images[255 + i, 0], noise(8, 9, seed=i))


def test_one_picture_is_enough(tmp_path: Path) -> None:
    write_files(tmp_path, numbered("a.png"))
    assert len(read_pictures(tmp_path)) == 1


BAD = {"empty.png": b"", "cut.png": to_bytes(noise(8, 9))[:60], "text.jpg": b"not a picture"}


def test_unreadable_pictures_are_counted_and_named(tmp_path: Path) -> None:
    write_files(tmp_path, numbered("1.png", "2.png", "3.png", "4.png", "5.png") | BAD)
    with pytest.raises(
        DataError,
        match=r"3 of 8 pictures in .* cannot be read, none may be \('cut\.png': damaged: .*; "
        r"'empty\.png': zero bytes; 'text\.jpg': no PNG, .*\); remove or mend them",
    ):
        read_folder(tmp_path)
    with pytest.raises(DataError, match=r"30% may be"):
        read_folder(tmp_path, max_bad=0.3)
    found = read_folder(tmp_path, max_bad=0.4)
    assert found.names == ("1.png", "2.png", "3.png", "4.png", "5.png")
    assert found.images[:, 0, 0, 0].tolist() == [0, 1, 2, 3, 4]
    assert [bad.name for bad in found.refused] == ["cut.png", "empty.png", "text.jpg"]


def test_labels_follow_the_pictures_that_are_left(tmp_path: Path) -> None:
    write_files(tmp_path, {"a/0.png": b"", **numbered("a/1.png", "b/1.png")})
    found = read_folder(tmp_path, max_bad=0.5)
    assert found.labels is not None
    assert found.labels.tolist() == [0, 1]


def test_not_all_may_be_unreadable_and_few_are_named(tmp_path: Path) -> None:
    write_files(tmp_path, {f"{i}.png": b"x" for i in range(9)})
    with pytest.raises(DataError, match=r"9 of 9 .*'0\.png'.*'2\.png': [^;]*; and 6 more"):
        read_folder(tmp_path, max_bad=1.0)


def test_pictures_that_are_merely_too_large_are_not_called_unreadable(tmp_path: Path) -> None:
    write_files(tmp_path, {f"{i}.png": to_bytes(noise(8, 200)) for i in range(4)})
    message = r"4 of 4 pictures in .* another size .*'0\.png': 8x200 .* --size, as in --size 64\)$"
    with pytest.raises(DataError, match=message):
        read_folder(tmp_path)
    write_files(tmp_path, {"cut.png": b"x"})
    with pytest.raises(DataError, match=r"5 of 5 pictures in .* cannot be read"):
        read_folder(tmp_path)


@pytest.mark.parametrize(
    ("other", "message"),
    [
        (noise(9, 8), r"mixes sizes: 'a\.png' is 8x9, 'b\.png' is 9x8; ask for one with --size"),
        (noise(8, 9, 3), r"mixes channels: 'a\.png' has 1, 'b\.png' has 3; ask for 1, 3 or 4"),
    ],
)
def test_mixed_pictures_name_two(tmp_path: Path, other: np.ndarray, message: str) -> None:
    write_files(tmp_path, {"a.png": to_bytes(noise(8, 9)), "b.png": to_bytes(other)})
    with pytest.raises(DataError, match=message):
        read_folder(tmp_path)
    same = read_folder(tmp_path, preparation=Preparation.of(8, 3))
    assert same.images.shape == (2, 3, 8, 8)


def test_splits_are_to_be_named(tmp_path: Path) -> None:
    write_files(tmp_path, numbered("train/1.png", "test/1.png"))
    with pytest.raises(DataError, match=r"holds two splits, .*; name .*train or .*test"):
        read_pictures(tmp_path)
    assert len(read_pictures(tmp_path / "test")) == 1


def test_no_folder_is_a_usage_error(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no folder or file at"):
        read_pictures(tmp_path / "nothing")


def test_too_many_files_are_not_listed(tmp_path: Path) -> None:
    write_files(tmp_path, numbered("1.png", "2.png", "a/3.png"))
    assert len(Folder(tmp_path, max_members=3).members()) == 3
    with pytest.raises(DataError, match="holds more than 2 files"):
        Folder(tmp_path, max_members=2).members()


def test_a_file_of_too_many_bytes_is_not_read(tmp_path: Path) -> None:
    write_files(tmp_path, numbered("1.png"))
    folder = Folder(tmp_path, max_file_bytes=50)
    (found,) = folder.read(folder.members())
    assert isinstance(found, PictureError)
    assert re.fullmatch(r"\d+ bytes, at most 50 are read", str(found))


@pytest.mark.skipif(sys.platform == "win32", reason="links and pipes of POSIX")
def test_links_are_followed_but_not_in_circles_and_pipes_are_not_read(tmp_path: Path) -> None:
    inside, outside = tmp_path / "in", tmp_path / "out"
    write_files(inside, numbered("1.png"))
    write_files(outside, numbered("2.png"))
    (inside / "linked.png").symlink_to(outside / "2.png")
    (inside / "more").symlink_to(outside)
    (inside / "circle").symlink_to(inside)
    assert read_folder(inside).names == ("1.png", "linked.png", "more/2.png")
    os.mkfifo(inside / "pipe.png")
    (inside / "gone.png").symlink_to(tmp_path / "gone")
    found = read_folder(inside, max_bad=0.5)
    assert [bad.name for bad in found.refused] == ["gone.png", "pipe.png"]
    assert {bad.reason for bad in found.refused} == {"no regular file, or a link to none"}


def test_a_file_that_goes_away_is_counted(tmp_path: Path) -> None:
    write_files(tmp_path, numbered("1.png", "2.png"))
    folder = Folder(tmp_path)
    members = folder.members()
    (tmp_path / "2.png").unlink()
    first, second = folder.read(members)
    assert isinstance(first, bytes)
    assert "cannot be read: No such file" in str(second)
    for size in (members[0].size - 1, members[0].size + 1):
        (tmp_path / "1.png").write_bytes(bytes(size))
        (found,) = folder.read(members[:1])
        assert "changed while it was read" in str(found)
