"""Downloads from a real server on this machine that can be told to misbehave."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.download_helpers import CONTENT, Counter, Server, files, get, serving


@pytest.fixture
def server() -> Iterator[Server]:
    with serving() as says:
        yield says


@pytest.fixture
def target(tmp_path: Path) -> Path:
    return tmp_path / "cache" / "file.bin"


def test_a_plain_download_leaves_the_file_alone(server: Server, target: Path) -> None:
    progress = Counter()
    get(server, target, progress)
    assert target.read_bytes() == CONTENT
    assert files(target.parent) == ["file.bin"]
    done = [count for count, _ in progress.calls]
    assert done == sorted(done)
    assert progress.calls[0] == (0, len(CONTENT))
    assert progress.calls[-1] == (len(CONTENT), len(CONTENT))


def test_a_file_that_is_there_is_not_asked_for(server: Server, target: Path) -> None:
    target.parent.mkdir()
    target.write_bytes(b"here")
    get(server, target)
    assert (target.read_bytes(), server.asked) == (b"here", [])
    assert files(target.parent) == ["file.bin"]


def test_a_cut_connection_goes_on_where_it_broke(server: Server, target: Path) -> None:
    server.cuts = [250_000, 100_000]
    get(server, target)
    assert target.read_bytes() == CONTENT
    assert [ask.get("Range") for ask in server.asked] == [None, "bytes=250000-", "bytes=350000-"]
    assert [ask.get("If-Range") for ask in server.asked] == [None, '"v1"', '"v1"']


def test_a_stopped_download_is_resumed_by_the_next_call(server: Server, target: Path) -> None:
    progress = Counter(stop_at=200_000)
    with pytest.raises(KeyboardInterrupt):
        get(server, target, progress)
    have = progress.calls[-1][0]
    assert files(target.parent) == ["file.bin.part", "file.bin.part.tag"]
    assert (target.parent / "file.bin.part").read_bytes() == CONTENT[:have]
    again = Counter()
    get(server, target, again)
    assert target.read_bytes() == CONTENT
    assert files(target.parent) == ["file.bin"]
    assert server.asked[-1]["Range"] == f"bytes={have}-"
    assert again.calls[0] == (have, len(CONTENT))


def test_a_new_version_on_the_server_starts_again(server: Server, target: Path) -> None:
    server.content, server.etag = bytes(len(CONTENT)), '"old"'
    with pytest.raises(KeyboardInterrupt):
        get(server, target, Counter(stop_at=200_000))
    server.content, server.etag = CONTENT, '"new"'
    get(server, target)
    assert target.read_bytes() == CONTENT
    assert len(server.asked) == 2


def test_a_server_without_ranges_starts_again(server: Server, target: Path) -> None:
    server.takes_ranges, server.cuts = False, [250_000]
    get(server, target)
    assert target.read_bytes() == CONTENT


@pytest.mark.parametrize("tag", ["", "another address\nv0"])
def test_a_part_of_unknown_origin_that_does_not_fit_is_thrown_away(
    server: Server, target: Path, tag: str
) -> None:
    target.parent.mkdir()
    (target.parent / "file.bin.part").write_bytes(bytes(1000))
    (target.parent / "file.bin.part.tag").write_text(tag)
    get(server, target)
    assert target.read_bytes() == CONTENT
    assert [ask.get("Range") for ask in server.asked] == ["bytes=1000-", None]
    assert "If-Range" not in server.asked[0]


def test_a_complete_part_is_only_checked(server: Server, target: Path) -> None:
    target.parent.mkdir()
    (target.parent / "file.bin.part").write_bytes(CONTENT)
    get(server, target)
    assert target.read_bytes() == CONTENT
    assert len(server.asked) == 1


def test_a_part_longer_than_the_file_starts_again(server: Server, target: Path) -> None:
    target.parent.mkdir()
    (target.parent / "file.bin.part").write_bytes(CONTENT + b"x")
    get(server, target)
    assert target.read_bytes() == CONTENT


def test_another_range_than_asked_for_starts_again(server: Server, target: Path) -> None:
    server.wrong_range, server.cuts = True, [1000]
    get(server, target)
    assert target.read_bytes() == CONTENT
    assert [ask.get("Range") for ask in server.asked] == [None, "bytes=1000-", None]


def test_without_a_length_the_end_of_the_connection_is_the_end(
    server: Server, target: Path
) -> None:
    server.says_length = False
    progress = Counter()
    get(server, target, progress)
    assert target.read_bytes() == CONTENT
    assert progress.calls[-1] == (len(CONTENT), None)
