"""Ways through the pages of a server of ours in a browser."""

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from playwright.sync_api import BrowserContext, Page

from ganvas.web.server import Address
from tests.web_helpers import TOKEN, Client, serving


@contextmanager
def served(
    context: BrowserContext, routes: Sequence[Any], address: Address | None = None
) -> Iterator[Client]:
    """Serve `routes` to the pages of `context`, which leave before the server ends.

    A picture on its way and a stream that is followed would be refused then, and one more complaint
    of a page, in some runs of the test and not in others. Who tests that uses `serving`.
    """
    with serving(routes, address) as client:
        yield client
        for page in context.pages:
            page.goto("about:blank")


def visit(page: Page, client: Client, path: str = "/") -> None:
    """Open `path` as somebody does who was given the address with the token."""
    mark = "&" if "?" in path else "?"
    page.goto(f"{client.origin}{path}{mark}token={TOKEN}")
    page.wait_for_url(f"{client.origin}{path}")


def ends_at(images: str) -> re.Pattern[str]:
    """What the sentence of a curve says that comes to so many images."""
    return re.compile(rf"at {images} images")
