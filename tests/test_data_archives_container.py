"""Files of folders and archives: listed, in bounds, and read or told why not."""

from pathlib import Path

import pytest

from ganvas.data.archives.kinds import open_container
from ganvas.data.pictures.decode import PictureError
from ganvas.data.pictures.read import read_pictures
from ganvas.errors import DataError
from tests.archive_helpers import PACKERS, every
from tests.picture_helpers import numbered


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


@every
def test_too_many_members_are_refused(tmp_path: Path, name: str) -> None:
    path = PACKERS[name](tmp_path / name, dict.fromkeys(map(str, range(101)), b""))
    with pytest.raises(DataError, match=r"holds more than 100 files, the limit; .* --max-members"):
        open_container(path, max_members=100).members()
    assert len(open_container(path, max_members=101).members()) == 101


def test_one_huge_member_is_not_read(tmp_path: Path) -> None:
    files = numbered("1.png") | {"2.png": bytes(2_000_000)}
    for name, pack in PACKERS.items():
        container = open_container(pack(tmp_path / name, files), max_file_bytes=1_000_000)
        small, huge = container.read(container.members())
        assert isinstance(small, bytes)
        assert isinstance(huge, PictureError)
        assert str(huge) == "2,000,000 bytes, at most 1,000,000 are read"
