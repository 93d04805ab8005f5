"""What the server of `ganvas watch` answers, and what it refuses."""

import http.client
import json
import shlex
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from ganvas.cli.main import make_parser
from ganvas.runlog import RunDirectory
from ganvas.web.folder import RunsFolder
from ganvas.web.watch import watch_routes
from tests.run_helpers import shade, write_line, write_run
from tests.web_helpers import Client, serving


@pytest.fixture
def runs(tmp_path: Path) -> Path:
    folder = tmp_path / "runs"
    write_run(folder, "a")
    write_run(folder, "b", images=500, samples=())
    return folder


@pytest.fixture
def client(runs: Path) -> Iterator[Client]:
    with serving(watch_routes(RunsFolder(runs))) as client:
        yield client


@contextmanager
def listening(client: Client, path: str) -> Iterator[Iterator[tuple[str, Any]]]:
    """The events of a stream, as they come."""
    connection = http.client.HTTPConnection("127.0.0.1", client.port, timeout=30)
    connection.request("GET", path, headers={"Cookie": client.cookie})
    answer = connection.getresponse()
    assert answer.status == 200
    assert answer.headers["content-type"].startswith("text/event-stream")

    def events() -> Iterator[tuple[str, Any]]:
        name = ""
        while line := answer.readline().decode():
            key, _, value = line.rstrip("\n").partition(": ")
            if key == "event":
                name = value
            elif key == "data":
                yield name, json.loads(value)

    try:
        yield events()
    finally:
        connection.close()


def test_the_list_tells_all_runs_and_then_what_changed(client: Client, runs: Path) -> None:
    with listening(client, "/api/runs") as events:
        name, listing = next(events)
        assert (name, listing["total"], listing["gone"]) == ("listing", 2, [])
        name, rows = next(events)
        assert [row["name"] for row in rows] == ["a", "b"]
        run = write_run(runs, "c", images=100, samples=())
        assert next(events)[1]["total"] == 3
        name, rows = next(events)
        assert (name, [row["name"] for row in rows]) == ("rows", ["c"])
        shutil.rmtree(run.path)
        name, listing = next(events)
        assert (name, listing["gone"]) == ("listing", ["c"])


@pytest.mark.parametrize("only", [None, "0001-a"])
def test_a_list_says_by_which_command_a_run_comes_to_it(tmp_path: Path, only: str | None) -> None:
    empty = tmp_path / "my runs; 2"
    with (
        serving(watch_routes(RunsFolder(empty, only=only))) as client,
        listening(client, "/api/runs") as events,
    ):
        _, told = next(events)
    assert (told["folder"], told["total"], told["only"]) == (str(empty), 0, only)
    words = shlex.split(told["command"])
    said = make_parser().parse_args(words[1:])
    where = said.runs if only else said.out  # a run alone: the list it is missing from
    assert (words[1], Path(where)) == ("watch" if only else "train", empty)


def test_a_run_is_told_whole_and_then_what_was_added(client: Client, runs: Path) -> None:
    with listening(client, "/api/runs/b") as events:
        name, told = next(events)
        assert (name, told["curves"]["d_loss"]["images"]) == ("run", [100, 200, 300, 400, 500])
        write_line(RunDirectory(runs / "b"), 600)
        name, more = next(events)
        assert (name, more["added"]["d_loss"]["images"]) == ("more", [600])
        shutil.move(runs / "b", runs / ".aside")
        assert next(events)[0] == "gone"
        shutil.move(runs / ".aside", runs / "b")
        name, told = next(events)
        assert (name, told["images"]) == ("run", 600)


def test_a_run_that_is_not_there_is_told_to_be_gone(client: Client) -> None:
    with listening(client, "/api/runs/no-such") as events:
        assert next(events)[0] == "gone"


def test_a_picture_is_the_one_of_its_place(client: Client) -> None:
    for images in (1_000, 2_000, 3_000):
        answer = client.ask(f"/api/runs/a/samples/{images}.png?v=1")
        assert answer.headers["content-type"] == "image/png"
        assert "immutable" in answer.headers["cache-control"]
        picture = Image.open(BytesIO(answer.content))
        middle = (picture.width // 20, picture.height // 20)
        assert picture.getpixel(middle) == shade(images)
    assert client.ask("/api/runs/a/reals.png").status == 200
    assert client.ask("/api/runs/a/samples.png").status == 200


@pytest.mark.parametrize(
    "path",
    [
        "/api/runs/../a/samples.png",
        "/api/runs/%2e%2e/outside.png",
        "/api/runs/..%2fruns%2fa/samples.png",
        "/api/runs/a/../b/samples.png",
        "/api/runs/a/samples/../reals.png",
        "/api/runs/a/samples/%2e%2e%2freals.png",
        "/api/runs/a/recipe.json",
        "/api/runs/a/checkpoints/last",
        "/api/runs/a/model/model.safetensors",
        "/api/runs/a/samples/1000.png/../../recipe.json",
        "/api/runs//etc/passwd",
        "/api/runs/a%00/samples.png",
        "/api/runs/no-such/samples.png",
        "/api/runs/a/samples/999.png",
        "/api/runs/a/samples/-1.png",
    ],
)
def test_only_the_pictures_of_listed_runs_are_served(client: Client, path: str) -> None:
    answer = client.ask(path)
    assert answer.status in (400, 404)
    assert not answer.content.startswith(b"\x89PNG")


def test_links_lead_nowhere(client: Client, runs: Path, tmp_path: Path) -> None:
    secret = tmp_path / "secret.png"
    secret.write_bytes(b"\x89PNG\r\n\x1a\nsecret")
    (runs / "b" / "samples.png").symlink_to(secret)
    (runs / "b" / "samples").symlink_to(runs / "a" / "samples")
    (runs / "linked").symlink_to(runs / "a")
    for path in ("b/samples.png", "b/samples/1000.png", "linked/samples.png"):
        assert client.ask(f"/api/runs/{path}").status == 404


def test_what_is_no_picture_is_not_served_as_one(client: Client, runs: Path) -> None:
    (runs / "a" / "samples.png").write_bytes(b"<script>alert(1)</script>")
    assert client.ask("/api/runs/a/samples.png").status == 404


def test_verdicts_are_told_where_there_are_any(client: Client, runs: Path) -> None:
    assert client.ask("/api/runs/a/samples/1000.json").text == "{}"
    verdicts = {"images": 1_000, "of": "probability", "fake": [0.25], "real": [0.75]}
    (runs / "a" / "samples" / "000001000.json").write_text(json.dumps(verdicts))
    assert json.loads(client.ask("/api/runs/a/samples/1000.json").text) == verdicts
    (runs / "a" / "samples" / "000002000.json").write_text("[1")
    assert client.ask("/api/runs/a/samples/2000.json").text == "{}"


@pytest.mark.parametrize("path", ["/", "/run/a", "/run/no-such", "/compare?a=a&b=b"])
def test_pages_are_whole_and_hold_no_script_of_their_own(client: Client, path: str) -> None:
    text = client.ask(path).text
    assert text.startswith("<!doctype html>")
    assert "<script>" not in text
    assert "style=" not in text
    assert "//" not in text.replace("<!doctype html>", "")
