"""What commands with a page in the browser share: where it listens, and running it."""

import argparse
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ganvas.cli.arguments import whole_number
from ganvas.cli.output import note
from ganvas.errors import GanvasError, UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ganvas.cli.display import Display
    from ganvas.events import Started
    from ganvas.web.server import Address

__all__ = ["add_server_options", "address_of", "page_beside", "require_web", "serve"]


def add_server_options(parser: argparse.ArgumentParser) -> None:
    """Add --host, --port, --token, --no-browser and --quiet."""
    parser.add_argument(
        "--host",
        default="127.0.0.1",
        metavar="H",
        help="where to listen (default 127.0.0.1, this machine alone); any other needs --token",
    )
    parser.add_argument(
        "--port",
        type=whole_number(0, 65535),
        metavar="P",
        help="port to listen at, 0 for any (default: the first free one from 8460 on)",
    )
    parser.add_argument(
        "--token", metavar="T", help="what the first address must carry (default: random)"
    )
    parser.add_argument("--no-browser", action="store_true", help="do not open the browser")
    parser.add_argument(
        "--quiet", action="store_true", help="print the address alone, and do not open the browser"
    )


def require_web() -> None:
    """Raise UsageError, saying how to install the server, where it is missing."""
    if find_spec("starlette") is None or find_spec("uvicorn") is None:
        raise UsageError(
            "pages need starlette and uvicorn, which are not installed: pip install 'ganvas[web]'"
        )


def address_of(options: argparse.Namespace) -> "Address":
    """Return where the options say to listen. Raises UsageError for what may not be."""
    from ganvas.web.server import Address

    return Address(host=options.host, port=options.port, token=options.token)


def serve(
    routes: "Sequence[Any]", options: argparse.Namespace, *, path: str = "/", lifespan: Any = None
) -> int:
    """Serve a page's `routes` until Ctrl-C; its address is the first line of standard output."""
    from ganvas.web.security import is_loopback
    from ganvas.web.server import Server, can_open_browser, open_browser

    server = Server(routes, address_of(options), path=path, lifespan=lifespan)
    print(server.url, flush=True)
    if not options.quiet:
        if not is_loopback(options.host):
            note("other machines can reach this page: whoever has the token sees what it shows")
        if not options.no_browser and can_open_browser():
            open_browser(server.url)
            note("opening it in the browser; Ctrl-C ends the page")
        else:
            note("open this address in a browser; Ctrl-C ends the page")
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:  # as shells start what runs in the back
        signal.signal(signal.SIGINT, signal.default_int_handler)
    server.run()
    return 0


@contextmanager
def page_beside(runs: Path, display: "Display", *, quiet: bool) -> Iterator[None]:
    """Serve the runs below `runs` while the context lasts, and say where once the run begins.

    It goes on as long as the page is open. A training does not fail for its page. Raises
    UsageError where the server is not installed.
    """
    require_web()
    from ganvas.web.beside import Beside
    from ganvas.web.server import can_open_browser, open_browser

    beside = Beside(runs)
    say = note if quiet else display.say  # asked for by --watch, so not silenced by --quiet

    def say_where(event: "Started") -> None:
        try:
            url = beside.url(event.directory.name)
        except GanvasError as error:
            say(f"no page:       {error}")
            return
        say(f"watch:         {url}")
        if can_open_browser() and not quiet:
            open_browser(url)

    display.on_start = say_where
    try:
        yield
    finally:
        beside.close()
