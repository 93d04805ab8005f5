"""Starts a server, says where it is, and ends it cleanly: by Ctrl-C, whoever still listens."""

import asyncio
import errno
import logging
import os
import socket
import sys
import threading
import webbrowser
from collections.abc import Sequence
from dataclasses import dataclass

import uvicorn
from starlette.applications import Starlette
from starlette.routing import BaseRoute
from starlette.types import Lifespan

from ganvas.errors import GanvasError, UsageError
from ganvas.web.app import make_app
from ganvas.web.security import Guard, check_token, is_loopback, new_token, url_host

__all__ = ["Address", "Server", "can_open_browser", "open_browser"]

_FIRST_PORT = 8460
_TRIED_PORTS = 20
_SECONDS_TO_END = 2


@dataclass(frozen=True, kw_only=True, slots=True)
class Address:
    """Where to listen. `port` None: the first free one of a few; 0: any. `token` None: random.

    Raises UsageError where other machines could listen in and no token was chosen.
    """

    host: str = "127.0.0.1"
    port: int | None = None
    token: str | None = None

    def __post_init__(self) -> None:
        if self.token is not None:
            check_token(self.token)
        elif not is_loopback(self.host):
            raise UsageError(
                f"--host {self.host} lets other machines in: choose the word they need with "
                "--token, and mind that it goes over the network unencrypted"
            )


class Server:
    """A server that listens from its making on, so that its address is known, and then runs.

    `path` is where the browser begins. An endpoint that streams asks
    `request.app.state.is_closing()` between two messages, so that the server need not wait for it.

    Raises GanvasError when it cannot listen there.
    """

    def __init__(
        self,
        routes: Sequence[BaseRoute],
        address: Address,
        *,
        path: str = "/",
        lifespan: Lifespan[Starlette] | None = None,
    ) -> None:
        self._socket = _listen(address)
        self.port: int = self._socket.getsockname()[1]
        self._token = address.token or new_token()
        self._base = f"http://{url_host(address.host)}:{self.port}"
        self._path = path
        app = make_app(routes, lifespan=lifespan)
        self._uvicorn = uvicorn.Server(
            uvicorn.Config(
                Guard(app, token=self._token, host=address.host, port=self.port),
                log_level="error",
                log_config=None,  # errors go where Python's logging leads, by default to stderr
                access_log=False,
                proxy_headers=False,  # nobody stands between the browser and us
                server_header=False,
                date_header=False,
                timeout_graceful_shutdown=_SECONDS_TO_END,
            )
        )
        self._state = app.state
        app.state.is_closing = lambda: self._uvicorn.should_exit

    @property
    def url(self) -> str:
        """The address that opens the first page, with the token."""
        mark = "&" if "?" in self._path else "?"
        return f"{self._base}{self._path}{mark}token={self._token}"

    @property
    def num_streams(self) -> int:
        """How many pages are listening now."""
        return int(getattr(self._state, "streams", 0))

    def run(self) -> None:
        """Answer until a signal comes, which then takes its usual course (KeyboardInterrupt)."""
        log = logging.getLogger("uvicorn.error")
        log.addFilter(self._is_worth_telling)
        try:
            self._uvicorn.run(sockets=[self._socket])
        finally:
            log.removeFilter(self._is_worth_telling)

    def _is_worth_telling(self, record: logging.LogRecord) -> bool:
        """Whether a line of uvicorn's is news: that the end cut an answer short is not."""
        if not self._uvicorn.should_exit:
            return True
        kind = record.exc_info[0] if record.exc_info else None
        was_cut = kind is not None and issubclass(kind, asyncio.CancelledError)
        return not was_cut and "graceful shutdown" not in record.getMessage()

    def stop(self) -> None:
        """Let `run` return, from another thread."""
        self._uvicorn.should_exit = True

    def close(self) -> None:
        """Give the port back without having run."""
        self._socket.close()


def open_browser(url: str) -> None:
    """Open an address in the user's browser, which may take its time."""
    threading.Thread(target=webbrowser.open, args=(url,), daemon=True).start()


def can_open_browser() -> bool:
    """Return whether there is a screen that a browser could open on."""
    if sys.platform in ("darwin", "win32"):
        return True
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


def _listen(address: Address) -> socket.socket:
    """Return a socket that listens. Raises GanvasError naming the host or the port."""
    if address.port is not None:
        ports: Sequence[int] = [address.port]
    else:
        ports = [*range(_FIRST_PORT, _FIRST_PORT + _TRIED_PORTS), 0]
    for port in ports:
        try:
            family, *_, place = socket.getaddrinfo(
                address.host or "0.0.0.0", port, type=socket.SOCK_STREAM
            )[0]
            return socket.create_server(place[:2], family=family)
        except OSError as error:
            if error.errno != errno.EADDRINUSE:
                raise GanvasError(
                    f"cannot listen at {address.host}, port {port}: {error.strerror or error}"
                ) from None
    raise GanvasError(
        f"port {address.port} of {address.host} is taken; leave --port out, or choose another"
    )
