"""A file on its way: what arrived stays for the next attempt, and the name comes at the end."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ganvas.data.named.part_file import PartFile
from ganvas.errors import DataError
from tests.download_helpers import files


@given(st.lists(st.lists(st.binary(max_size=40), max_size=4), min_size=1, max_size=4))
def test_what_several_attempts_bring_is_the_file(
    tmp_path_factory: pytest.TempPathFactory, attempts: list[list[bytes]]
) -> None:
    target = tmp_path_factory.mktemp("part") / "file"
    whole = b""
    for chunks in attempts:
        with PartFile(target) as part:
            assert (part.size, part.is_inherited) == (len(whole), whole != b"")
            for chunk in chunks:
                part.write(chunk)
            whole += b"".join(chunks)
            assert part.size == len(whole)
        assert files(target.parent) == (["file.part"] if whole else [])
    with PartFile(target) as part:
        part.write(b"end")
        part.commit()
    assert files(target.parent) == ["file"]
    assert target.read_bytes() == whole + b"end"


def test_the_tag_is_that_of_the_bytes(tmp_path: Path) -> None:
    target = tmp_path / "file"
    with PartFile(target) as part:
        part.restart("v1")
        assert part.tag == ""  # there are no bytes yet
        part.write(b"old")
    with PartFile(target) as part:
        assert (part.tag, part.is_inherited) == ("v1", True)
        part.restart()
        part.write(b"new")
        assert (part.tag, part.is_inherited) == ("", False)
    assert (tmp_path / "file.part").read_bytes() == b"new"


def test_what_nothing_can_resume_from_is_removed(tmp_path: Path) -> None:
    with PartFile(tmp_path / "file") as part:
        part.restart("v1")
        part.write(b"bytes")
        part.remove()
    assert files(tmp_path) == []


def test_two_never_write_the_same_file(tmp_path: Path) -> None:
    with PartFile(tmp_path / "file") as first:
        first.write(b"mine")
        with pytest.raises(DataError, match=r"another process is writing .*file\.part"):
            PartFile(tmp_path / "file").__enter__()
    assert (tmp_path / "file.part").read_bytes() == b"mine"
