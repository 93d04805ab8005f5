"""A server of one file that can be told to misbehave."""

import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import numpy as np

from ganvas.data.named.download import download
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


@contextmanager
def serving() -> Iterator[Server]:
    """A server on this machine while the context lasts; what it is given says how it answers."""
    says = Server()
    handler = type("Told", (Handler,), {"says": says})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as http:
        says.address = f"http://127.0.0.1:{http.server_address[1]}"
        thread = threading.Thread(target=http.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield says
        http.shutdown()
        thread.join()
