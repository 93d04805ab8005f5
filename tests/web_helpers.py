"""A server of ours in a thread, and requests to it that no browser would make."""

import http.client
import re
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from ganvas.web.server import Address, Server

TOKEN = "a-token-for-tests_0123456789"


@dataclass(frozen=True, kw_only=True)
class Answer:
    status: int
    headers: Mapping[str, str]
    content: bytes

    @property
    def text(self) -> str:
        return self.content.decode()


@dataclass(frozen=True, kw_only=True)
class Client:
    """Asks the server at `port`; unless told otherwise as a page that has the cookie would."""

    port: int

    @property
    def origin(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def cookie(self) -> str:
        return f"ganvas-{self.port}={TOKEN}"

    def ask(
        self,
        path: str,
        method: str = "GET",
        *,
        body: bytes | None = None,
        **headers: str | None,
    ) -> Answer:
        """Send a request with the path as it is; a header None is left out."""
        sent: dict[str, str | None] = {
            "Host": f"127.0.0.1:{self.port}",
            "Cookie": self.cookie,
            **{name.replace("_", "-").title(): value for name, value in headers.items()},
        }
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            connection.putrequest(method, path, skip_host=True, skip_accept_encoding=True)
            for name, value in sent.items():
                if value is not None:
                    connection.putheader(name, value)
            if body is not None:
                connection.putheader("Content-Length", str(len(body)))
            connection.endheaders(body)
            answer = connection.getresponse()
            return Answer(
                status=answer.status,
                headers={name.lower(): value for name, value in answer.getheaders()},
                content=answer.read(),
            )
        finally:
            connection.close()

    def post(self, path: str, body: bytes, **headers: str | None) -> Answer:
        sent = {"origin": self.origin, "content_type": "application/json", **headers}
        return self.ask(path, "POST", body=body, **sent)


@contextmanager
def serving(routes: Sequence[Any], address: Address | None = None) -> Iterator[Client]:
    """Serve `routes` in a thread while the context lasts."""
    server = Server(routes, address or Address(port=0, token=TOKEN))
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        yield Client(port=server.port)
    finally:
        server.stop()
        thread.join()


def token_of(url: str) -> str:
    """Return the token of a printed address."""
    found = re.search(r"[?&]token=([\w-]+)$", url)
    assert found, url
    return found.group(1)


def port_of(url: str) -> int:
    port = urlsplit(url).port
    assert port is not None
    return port
