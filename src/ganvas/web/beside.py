"""Pages beside a training: a process of its own serves them, and the training is none the slower.

It reads the run directories as `ganvas watch` does, at a low priority. It ends with the process
that started it, however that ends, by the closing of a pipe; as long as a page is open, it waits.
"""

import contextlib
import json
import math
import os
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any
from urllib.parse import quote

from ganvas.errors import GanvasError
from ganvas.web.security import new_token

__all__ = ["Beside"]

_SECONDS_WITHOUT_A_PAGE = 5.0  # a page that is loaded again has no stream for a moment
_LOOK_SECONDS = 0.5


class Beside:
    """Starts to serve the runs below `folder`; `close` lets it end when nobody looks any more."""

    def __init__(self, folder: Path) -> None:
        self._token = new_token()
        self._port: int | None = None
        self._process = subprocess.Popen(
            [sys.executable, "-m", "ganvas.web.beside"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            start_new_session=True,  # a Ctrl-C in the terminal is for the training
        )
        assert self._process.stdin is not None
        request = {"folder": str(folder.absolute()), "token": self._token}
        with contextlib.suppress(BrokenPipeError):
            # By the pipe: what stands in a command line is seen by all users of the machine.
            self._process.stdin.write(json.dumps(request).encode() + b"\n")
            self._process.stdin.flush()

    def url(self, name: str) -> str:
        """Return the address of a run's page. Raises GanvasError when it cannot be served."""
        if self._port is None:
            assert self._process.stdout is not None
            try:
                told = json.loads(self._process.stdout.readline())
                self._port = int(told["port"])
            except (ValueError, KeyError, TypeError):
                raise GanvasError("the process that serves the page did not start") from None
        return f"http://127.0.0.1:{self._port}/run/{quote(name)}?token={self._token}"

    def close(self) -> None:
        """Let the process end, at once or when its last page is closed; does not wait for it."""
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                with contextlib.suppress(OSError):
                    pipe.close()
        self._process.returncode = 0  # it may outlive us, and that is no leak to warn about


def main() -> None:
    """Serve what the first line of standard input asks for, until that ends and nobody looks."""
    from ganvas.web.folder import RunsFolder
    from ganvas.web.server import Address, Server
    from ganvas.web.watch import watch_routes

    if hasattr(os, "nice"):
        os.nice(10)
    asked: dict[str, Any] = json.loads(sys.stdin.readline())
    routes = watch_routes(RunsFolder(Path(asked["folder"])))
    server = Server(routes, Address(token=asked["token"]))
    sys.stdout.write(json.dumps({"port": server.port}) + "\n")
    sys.stdout.close()
    threading.Thread(target=_end, args=(server,), daemon=True).start()
    server.run()


def _end(server: Any) -> None:
    """Stop the server once standard input has ended and no page was open for a while."""
    sys.stdin.read()
    looked_at = time.monotonic() if server.num_streams else -math.inf
    while time.monotonic() - looked_at < _SECONDS_WITHOUT_A_PAGE:
        time.sleep(_LOOK_SECONDS)
        if server.num_streams:
            looked_at = time.monotonic()
    server.stop()


if __name__ == "__main__":
    main()
