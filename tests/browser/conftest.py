"""A headless Chromium, and pages in it that may neither complain nor ask anyone but this machine.

The Chromium is the system's (Debian's package, say), found by its name or by GANVAS_CHROMIUM.
Without one the tests here are skipped, and fail where CI=true.
"""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Page,
    Request,
    expect,
    sync_playwright,
)

from ganvas.web.folder import RunsFolder
from ganvas.web.watch import watch_routes
from tests.browser_helpers import served
from tests.web_helpers import Client

_NAMES = ("chromium", "chromium-browser", "google-chrome")
_OWN = ("127.0.0.1", "localhost", "")  # the last one: data: and blob:
_PATIENCE_MS = 60_000  # for what a page comes to show: the machine may be busy

expect.set_options(timeout=_PATIENCE_MS)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.needs_browser)


def find_chromium() -> str | None:
    wanted = os.environ.get("GANVAS_CHROMIUM")
    return wanted or next(filter(None, map(shutil.which, _NAMES)), None)


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """The browser that all tests share."""
    path = find_chromium()
    if path is None:
        told = "no Chromium: install the package chromium, or name one in GANVAS_CHROMIUM"
        if os.environ.get("CI") == "true":
            pytest.fail(told)
        pytest.skip(told)
    with sync_playwright() as driver:
        # Its sandbox does not start for root, as in containers. No name leads anywhere.
        arguments = ["--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"]
        if hasattr(os, "geteuid") and os.geteuid() == 0:
            arguments.append("--no-sandbox")
        browser = driver.chromium.launch(executable_path=path, args=arguments)
        yield browser
        browser.close()


@pytest.fixture
def complaints() -> Iterator[list[str]]:
    """What pages complain of, and what they ask for elsewhere: the test fails for each of them."""
    found: list[str] = []
    yield found
    assert found == []


@pytest.fixture
def runs_vanish(complaints: list[str]) -> Iterator[None]:
    """For a test that takes runs away: a picture may be on its way when its run goes.

    That it is missing then is the browser's own word, and no complaint of the page's.
    """
    yield
    complaints[:] = [line for line in complaints if "404" not in line]


@pytest.fixture
def context(chromium: Browser, complaints: list[str]) -> Iterator[BrowserContext]:
    """A fresh profile of the browser."""

    def hear(said: ConsoleMessage) -> None:
        if said.type in ("error", "warning"):
            complaints.append(said.text)

    def see(asked: Request) -> None:
        if (urlsplit(asked.url).hostname or "") not in _OWN:
            complaints.append(f"asked {asked.url}")

    context = chromium.new_context(viewport={"width": 1200, "height": 900})
    context.set_default_timeout(_PATIENCE_MS)
    context.on("console", hear)
    context.on("weberror", lambda error: complaints.append(str(error.error)))
    context.on("request", see)
    yield context
    context.close()


@pytest.fixture
def runs(tmp_path: Path) -> Path:
    """An empty folder for runs."""
    folder = tmp_path / "runs"
    folder.mkdir()
    return folder


@pytest.fixture
def client(context: BrowserContext, runs: Path) -> Iterator[Client]:
    """A server of the pages of `ganvas watch` over `runs`."""
    with served(context, watch_routes(RunsFolder(runs))) as client:
        yield client


@pytest.fixture
def page(context: BrowserContext) -> Page:
    """A page of a fresh profile."""
    return context.new_page()
