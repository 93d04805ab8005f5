"""Ways through the pages of a server of ours in a browser."""

import re

from playwright.sync_api import Page

from tests.web_helpers import TOKEN, Client


def visit(page: Page, client: Client, path: str = "/") -> None:
    """Open `path` as somebody does who was given the address with the token."""
    mark = "&" if "?" in path else "?"
    page.goto(f"{client.origin}{path}{mark}token={TOKEN}")
    page.wait_for_url(f"{client.origin}{path}")


def ends_at(images: str) -> re.Pattern[str]:
    """What the sentence of a curve says that comes to so many images."""
    return re.compile(rf"at {images} images")
