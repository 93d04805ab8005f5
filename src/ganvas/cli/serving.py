"""What commands with a page in the browser share: where it listens, and running it."""

import argparse
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from ganvas.cli.arguments import whole_number
from ganvas.cli.output import note
from ganvas.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ganvas.web.server import Address

__all__ = ["add_server_options", "address_of", "require_web", "serve"]


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
    from ganvas.web.server import Server, can_open_browser

    server = Server(routes, address_of(options), path=path, lifespan=lifespan)
    print(server.url, flush=True)
    if not options.quiet:
        if not is_loopback(options.host):
            note("other machines can reach this page: whoever has the token sees what it shows")
        if not options.no_browser and can_open_browser():
            server.open_browser()
            note("opening it in the browser; Ctrl-C ends the page")
        else:
            note("open this address in a browser; Ctrl-C ends the page")
    server.run()
    return 0
