"""Downloads that go wrong: nothing of them stays, and one line says why."""

import errno
import os
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

import pytest

from ganvas.data.named.download import download
from ganvas.data.named.part_file import PartFile
from ganvas.errors import DataError
from tests.download_helpers import CONTENT, LIMIT, Server, check, files, get, serving


@pytest.fixture
def server() -> Iterator[Server]:
    with serving() as says:
        yield says


@pytest.fixture
def target(tmp_path: Path) -> Path:
    return tmp_path / "cache" / "file.bin"


def test_wrong_bytes_are_refused_once_and_not_kept(server: Server, target: Path) -> None:
    server.content = bytes(len(CONTENT))
    wrong = sha256(server.content).hexdigest()
    with pytest.raises(DataError) as caught:
        get(server, target)
    assert str(caught.value) == (
        f"cannot download file.bin from {server.url}: expected another digest, found {wrong}; "
        "ask a friend"
    )
    assert (files(target.parent), len(server.asked)) == ([], 1)


def test_a_missing_file_is_asked_for_once(server: Server, target: Path) -> None:
    server.statuses = [404, 404]
    with pytest.raises(DataError, match=r"file\.bin: the server answered 404 Not Found; ask"):
        get(server, target)
    assert (files(target.parent), len(server.asked)) == ([], 1)


def test_a_busy_server_is_asked_again_but_not_for_ever(server: Server, target: Path) -> None:
    server.statuses = [503, 500]
    get(server, target)
    assert target.read_bytes() == CONTENT
    target.unlink()
    server.statuses = [503] * 10
    with pytest.raises(DataError, match="answered 503"):
        get(server, target)
    assert len(server.asked) == 6


def test_what_arrived_before_giving_up_is_kept(server: Server, target: Path) -> None:
    server.cuts = [1000, 1000, 1000]
    with pytest.raises(DataError, match="the connection broke after 3000 of 600000 bytes"):
        get(server, target)
    assert (target.parent / "file.bin.part").read_bytes() == CONTENT[:3000]


@pytest.mark.parametrize(
    ("says_length", "message"),
    [(True, "600000 bytes announced, at most 5000 expected"), (False, "more than the 5000 bytes")],
)
def test_more_bytes_than_expected_are_refused(
    server: Server, target: Path, says_length: bool, message: str
) -> None:
    server.says_length = says_length
    with pytest.raises(DataError, match=message):
        get(server, target, max_bytes=5000)
    assert files(target.parent) == []


def test_the_next_address_is_tried_and_its_bytes_may_follow_the_first_ones(
    server: Server, target: Path
) -> None:
    server.cuts = [1000, 1000]
    urls = [f"{server.address}/a/file.bin", f"{server.address}/b/file.bin"]
    download(urls, target, max_bytes=LIMIT, check=check, remedy="-", attempts=2)
    assert target.read_bytes() == CONTENT
    assert [ask.get("If-Range") for ask in server.asked] == [None, '"v1"', None]


def test_bytes_of_one_address_that_do_not_fit_the_next_are_thrown_away(
    server: Server, target: Path
) -> None:
    server.first_contents, server.cuts = [bytes(len(CONTENT))] * 2, [1000, 1000]
    urls = [f"{server.address}/a/file.bin", f"{server.address}/b/file.bin"]
    download(urls, target, max_bytes=LIMIT, check=check, remedy="-", attempts=2)
    assert target.read_bytes() == CONTENT


def test_offline_names_file_address_and_remedy(target: Path) -> None:
    with pytest.raises(
        DataError,
        match=r"^cannot download file\.bin from http://127\.0\.0\.1:9/file\.bin: no connection "
        r"\(.*\); ask a friend$",
    ):
        get(Server(address="http://127.0.0.1:9"), target)
    assert files(target.parent) == []


def test_a_second_process_does_not_write_the_same_part(server: Server, target: Path) -> None:
    with PartFile(target) as other:
        other.write(b"busy")
        with pytest.raises(DataError, match=r"another process is writing .*part; wait"):
            get(server, target)
        assert other.size == 4
    assert server.asked == []


def test_a_full_disk_leaves_nothing_behind(
    server: Server, target: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real_write = os.write
    written = 0

    def write(descriptor: int, data: bytes) -> int:
        nonlocal written
        written += len(data)
        if written > 300_000:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return real_write(descriptor, data)

    monkeypatch.setattr("ganvas.data.named.part_file.os.write", write)
    with pytest.raises(DataError, match=r"cannot write .*file\.bin: No space left on device"):
        get(server, target)
    monkeypatch.undo()
    assert files(target.parent) == []


def test_a_folder_that_cannot_be_made_is_named(server: Server, tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("a file")
    with pytest.raises(DataError, match=r"cannot write .*taken/file\.bin: .*GANVAS_CACHE"):
        get(server, tmp_path / "taken" / "file.bin")
