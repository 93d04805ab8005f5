"""What commands with pages share: what they need, and a page beside a training."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from ganvas.cli.main import main
from ganvas.cli.serving import page_beside
from ganvas.errors import GanvasError
from ganvas.events import Started
from tests.run_helpers import write_run
from tests.web_helpers import Client, port_of, token_of


def started(folder: Path) -> Started:
    return Started(
        directory=folder, recipe="swift", data="mnist", images=0, total_images=9, machine="", seed=0
    )


class FakeDisplay(SimpleNamespace):
    """Keeps what is said to whoever trains."""

    on_start: Any = None

    def say(self, line: str) -> None:
        self.__dict__.setdefault("said", []).append(line)


def test_without_the_extra_it_says_what_to_install(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ganvas.cli.serving.find_spec", lambda name: None)
    for command in (["watch"], ["train", "--watch"]):
        assert main(command) == 2
        assert "pip install 'ganvas[web]'" in capsys.readouterr().err


def test_a_page_beside_a_training_is_told_once_the_run_begins(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[str] = []
    monkeypatch.setattr("ganvas.web.server.can_open_browser", lambda: True)
    monkeypatch.setattr("ganvas.web.server.open_browser", opened.append)
    write_run(tmp_path, "a", images=100, samples=())
    display: Any = FakeDisplay()
    with page_beside(tmp_path, display, quiet=False):
        display.on_start(started(tmp_path / "a"))
        (line,) = display.said
        url = line.removeprefix("watch:").strip()
        assert opened == [url]
        client = Client(port=port_of(url))
        cookie = f"ganvas-{client.port}={token_of(url)}"
        assert client.ask("/api/runs/a/reals.png", cookie=cookie).status == 200


def test_a_training_does_not_fail_for_its_page(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def refuse(beside: object, name: str) -> str:
        raise GanvasError("no port is free")

    monkeypatch.setattr("ganvas.web.beside.Beside.url", refuse)
    with page_beside(tmp_path, FakeDisplay(), quiet=True) as page:  # type: ignore[arg-type]
        assert page is None
    display: Any = FakeDisplay()
    with page_beside(tmp_path, display, quiet=True):
        display.on_start(started(tmp_path / "a"))
    assert capsys.readouterr().err == "no page:       no port is free\n"
