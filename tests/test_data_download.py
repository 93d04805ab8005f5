"""Downloads from a real server on this machine that can be told to misbehave."""

import errno
import os
import re
import threading
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import numpy as np
import pytest

from ganvas.data.named.download import download
from ganvas.data.named.part_file import PartFile
from ganvas.errors import DataError

CONTENT = np.random.default_rng(0).bytes(600_000)
LIMIT = len(CONTENT) + 1000


@dataclass
class Server:
    """What the server does, and what it was asked."""

    address: str = ""
    content: bytes = CONTENT
    first_contents: list[bytes] = field(default_factory=list)  # instead, one a request
    etag: str = '"v1"'
    takes_ranges: bool = True
    says_length: bool = True
    statuses: list[int] = field(default_factory=list)  # answered first, one a request
    cuts: list[int] = field(default_factory=list)  # bytes sent before hanging up, one a request
    wrong_range: bool = False
    asked: list[dict[str, str]] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"{self.address}/file.bin"


class Handler(BaseHTTPRequestHandler):
    says: Server

    def do_GET(self) -> None:
        says = self.says
        says.asked.append(dict(self.headers))
        if says.statuses:
            self.send_error(says.statuses.pop(0))
            return
        content = says.first_contents.pop(0) if says.first_contents else says.content
        total, start = len(content), self._start()
        if start is not None and start >= total:
            self.send_response(416)
            self.send_header("Content-Range", f"bytes */{total}")
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        if start is None:
            self.send_response(200)
            start = 0
        else:
            self.send_response(206)
            shown = start + 1 if says.wrong_range else start
            self.send_header("Content-Range", f"bytes {shown}-{total - 1}/{total}")
        if says.etag:
            self.send_header("ETag", says.etag)
        if says.says_length:
            self.send_header("Content-Length", str(total - start))
        self.end_headers()
        body = content[start:]
        with suppress(ConnectionError):  # the client may stop first
            self.wfile.write(body[: says.cuts.pop(0)] if says.cuts else body)

    def _start(self) -> int | None:
        span = re.fullmatch(r"bytes=(\d+)-", self.headers.get("Range", ""))
        if span is None or not self.says.takes_ranges:
            return None
        if self.headers.get("If-Range", self.says.etag) != self.says.etag:
            return None
        return int(span[1])

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Say nothing."""


@pytest.fixture
def server() -> Iterator[Server]:
    says = Server()
    handler = type("Told", (Handler,), {"says": says})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as http:
        says.address = f"http://127.0.0.1:{http.server_address[1]}"
        thread = threading.Thread(target=http.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield says
        http.shutdown()
        thread.join()


def check(path: Path) -> None:
    found = sha256(path.read_bytes()).hexdigest()
    if found != sha256(CONTENT).hexdigest():
        raise DataError(f"expected another digest, found {found}")


@dataclass
class Counter:
    """A progress callback that remembers, and can stop like Ctrl-C does."""

    stop_at: int | None = None
    calls: list[tuple[int, int | None]] = field(default_factory=list)

    def __call__(self, done: int, total: int | None) -> None:
        self.calls.append((done, total))
        if self.stop_at is not None and done >= self.stop_at:
            raise KeyboardInterrupt


def get(
    server: Server, target: Path, progress: Counter | None = None, *, max_bytes: int = LIMIT
) -> None:
    download(
        [server.url],
        target,
        max_bytes=max_bytes,
        check=check,
        remedy="ask a friend",
        progress=progress,
        timeout_seconds=10,
    )


def files(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


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
