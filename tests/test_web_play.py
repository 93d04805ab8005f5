"""What the page of `ganvas play` is told: pictures as the command makes them, and nothing odd."""

import json
import shlex
from base64 import b64decode
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ganvas.cli.main import main
from ganvas.explore import LatentPoint
from ganvas.losses import NO_PROBABILITY
from ganvas.model import load_discriminator
from ganvas.recipe import DiscriminatorSettings
from ganvas.web.play import play_routes
from ganvas.web.playground import Playground
from tests.play_helpers import small_playground
from tests.web_helpers import Client, serving

POINT = {
    "corners": [1, 2, 3, 4],
    "at": [0.25, 0.7],
    "directions": [[1, 1.5], [3, -2]],
    "label": 2,
    "truncation": 0.8,
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("play") / "a model"


@pytest.fixture(scope="module")
def playground(folder: Path) -> Playground:
    return small_playground(folder)


@pytest.fixture(scope="module")
def client(playground: Playground) -> Iterator[Client]:
    with serving(play_routes(playground)) as client:
        yield client


def ask(client: Client, path: str, point: Any = POINT) -> Any:
    answer = client.post(path, json.dumps(point).encode())
    assert answer.status == 200, answer.text
    return json.loads(answer.content)


def image_of(pixels: str, *shape: int) -> np.ndarray:
    return np.frombuffer(b64decode(pixels), np.uint8).reshape(shape)


def test_the_page_knows_its_model(client: Client, folder: Path) -> None:
    facts = json.loads(client.ask("/api/model").content)
    assert facts["model"] == str(folder)
    assert facts["shape"] == [8, 8, 1]
    assert facts["classes"] == ["circle", "square", "7"]
    assert facts["directions"] == 4
    assert facts["no_verdict"] is None
    start = LatentPoint.from_json(facts["point"])
    assert (start.at, start.label) == ((0.5, 0.5), 0)
    assert len(ask(client, "/api/picture", facts["point"])["pixels"]) > 0


def test_the_shares_of_directions_fall_and_are_parts_of_one(client: Client) -> None:
    shares = json.loads(client.ask("/api/directions").content)["shares"]
    assert len(shares) == 4
    assert shares == sorted(shares, reverse=True)
    assert sum(shares) == pytest.approx(1)  # all four of four


def test_picture_map_and_file_are_of_the_same_point(client: Client, playground: Playground) -> None:
    middle = {**POINT, "at": [0.5, 0.5]}
    picture = image_of(ask(client, "/api/picture", middle)["pixels"], 8, 8, 1)
    pictures = ask(client, "/api/map", middle)["images"]
    assert len(pictures) == 25
    tile = image_of(pictures[12], 8, 8, 1)  # made among others, so rounded on its own
    np.testing.assert_allclose(tile.astype(int), picture.astype(int), rtol=0, atol=1)
    answer = client.post("/api/picture.png", json.dumps(middle).encode())
    assert answer.headers["content-type"] == "image/png"
    assert answer.content == playground.png(LatentPoint.from_json(middle))


def test_the_command_writes_the_file_that_the_page_saves(
    client: Client, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    words = shlex.split(ask(client, "/api/picture")["command"])
    assert words[:2] == ["ganvas", "sample"]
    assert words[-2:] == ["-o", "picture.png"]
    assert main(words[1:]) == 0
    saved = client.post("/api/picture.png", json.dumps(POINT).encode()).content
    assert (tmp_path / "picture.png").read_bytes() == saved


def test_the_verdict_is_what_the_discriminator_says(client: Client, folder: Path) -> None:
    answer = ask(client, "/api/picture")
    image = image_of(answer["pixels"], 1, 8, 8, 1)
    scores = load_discriminator(folder)(image, POINT["label"])  # type: ignore[arg-type]
    assert scores.probabilities is not None
    assert answer["verdict"]["logit"] == pytest.approx(float(scores.logits[0]), abs=1e-5)
    assert answer["verdict"]["probability"] == pytest.approx(float(scores.probabilities[0]))
    assert answer["verdict"]["real"] == (answer["verdict"]["logit"] > 0)


@pytest.mark.parametrize("loss", ["hinge", "wasserstein"])
def test_a_loss_without_probabilities_says_why(loss: str, tmp_path: Path) -> None:
    playground = small_playground(tmp_path / "model", loss=loss)
    verdict = playground.picture(LatentPoint(label=0))["verdict"]
    assert verdict["probability"] is None
    assert (verdict["real"] is None) is (loss == "wasserstein")
    assert playground.facts()["no_probability"] == NO_PROBABILITY[loss]


def test_models_without_a_verdict_say_why_and_have_pictures(tmp_path: Path) -> None:
    packed = small_playground(
        tmp_path / "packed",
        class_names=(),
        channels=3,
        discriminator=DiscriminatorSettings(width=4, pack=2),
    )
    small_playground(tmp_path / "lone")
    (tmp_path / "lone" / "discriminator.safetensors").unlink()
    lone = Playground(str(tmp_path / "lone"))
    shipped = Playground("smooth-ez")
    for playground, words in (
        (packed, "judges 2 images at once"),
        (lone, "the discriminator's file in this model is missing or damaged"),
        (shipped, "kept without its discriminator"),
    ):
        facts = playground.facts()
        assert words in facts["no_verdict"]
        found = playground.picture(LatentPoint.from_json(facts["point"]))
        assert found["verdict"] is None
        assert len(b64decode(found["pixels"])) == np.prod(facts["shape"])
    assert packed.facts()["point"]["label"] is None
    assert packed.facts()["clustered"] is False


def test_an_auxiliary_discriminator_is_told_no_class(tmp_path: Path) -> None:
    settings = DiscriminatorSettings(width=4, classes="auxiliary")
    playground = small_playground(tmp_path / "model", discriminator=settings)
    assert playground.picture(LatentPoint(label=1))["verdict"]["probability"] is not None


def test_a_shipped_model_is_named_and_another_by_its_whole_path(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "run").mkdir()
    small_playground(tmp_path / "run" / "model")
    monkeypatch.chdir(tmp_path)
    assert Playground("mnist").command(LatentPoint()).startswith("ganvas sample mnist --corners")
    for where in ("run", "run/model"):
        words = shlex.split(Playground(where).command(LatentPoint(label=1)))
        assert words[2] == str(tmp_path / where)


@pytest.mark.parametrize("path", ["picture", "map", "nearest", "picture.png"])
@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"{",
        b'"../../etc/passwd"',
        b'{"model": "../../etc/passwd"}',
        b'{"at": [NaN, 0]}',
        b'{"at": [2, 0]}',
        b'{"corners": [1, 2, 3, 1e9]}',
        b'{"corners": [1, 2, 3, ' + b"9" * 6000 + b"]}",
        b'{"directions": [[9, 1]]}',
        b'{"label": 3}',
        b"[" * 50_000,
        b'{"at": ' + b"[" * 400 + b"]" * 400 + b"}",
        b"\xff\xfe",
    ],
    ids=range(14),
)
def test_what_is_no_point_of_the_model_is_refused_in_a_line(
    client: Client, path: str, body: bytes
) -> None:
    answer = client.post(f"/api/{path}", body)
    assert answer.status == 400
    words = json.loads(answer.content)["error"]
    assert 0 < len(words) < 300
    assert "\n" not in words
    assert "Traceback" not in words


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    body=st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
        lambda inner: (
            st.lists(inner, max_size=4)
            | st.dictionaries(
                st.sampled_from(["corners", "at", "directions", "label", "truncation", "x"]), inner
            )
        ),
        max_leaves=12,
    )
)
def test_nothing_that_json_can_say_breaks_the_server(client: Client, body: Any) -> None:
    assert client.post("/api/picture", json.dumps(body).encode()).status in (200, 400)


def test_a_request_too_long_is_refused(client: Client) -> None:
    assert client.post("/api/picture", b" " * 70_000).status == 413


def test_pictures_need_the_token_and_a_page_of_ours(client: Client) -> None:
    body = json.dumps(POINT).encode()
    assert client.post("/api/picture", body, cookie=None).status == 403
    assert client.post("/api/picture", body, origin="http://evil.example").status == 403
    assert client.post("/api/picture", body, content_type="text/plain").status == 415
    assert client.ask("/api/picture").status == 405
    assert client.ask("/", cookie=None).status == 403
    for path in ("/../etc/passwd", "/static/../play.py", "/static/play/%2e%2e/%2e%2e/play.py"):
        assert client.ask(path).status in (400, 404)
