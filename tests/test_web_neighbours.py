"""The nearest training images of a picture: found for what a run learned, never downloaded."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import ganvas
from ganvas.data import load
from ganvas.explore import LatentPoint
from ganvas.judge import judge_for
from ganvas.recipe import MachineSettings
from ganvas.web.neighbours import Neighbours
from ganvas.web.playground import Playground, to_pixels
from tests.play_helpers import small_playground
from tests.training_helpers import TINY

SMALL = replace(TINY, machine=MachineSettings(threads=1))


@pytest.fixture(scope="module")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of 60 small pictures in two classes."""
    folder, drawn = tmp_path_factory.mktemp("pictures"), np.random.default_rng(0)
    for number in range(60):
        below = folder / ("cat", "dog")[number % 2]
        below.mkdir(exist_ok=True)
        pixels = drawn.integers(0, 256, (8, 8), dtype=np.uint8)
        Image.fromarray(pixels).save(below / f"{number:02d}.png")
    return folder


@pytest.fixture(scope="module")
def run(pictures: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return ganvas.train(str(pictures), recipe=SMALL, out=tmp_path_factory.mktemp("runs")).directory


@pytest.fixture
def neighbours(run: Path) -> Neighbours:
    found = Neighbours(str(run), Playground(str(run)).config)
    found.begin()
    found.wait()
    return found


def test_a_training_image_is_its_own_nearest(neighbours: Neighbours, pictures: Path) -> None:
    train = load(pictures).train
    for row in (0, 17):
        found = neighbours.find(train.images[row : row + 1])
        assert found is not None
        assert found.among == len(train)
        np.testing.assert_array_equal(found.images[0], train.images[row])
        assert found.distances[0] == 0
        assert found.distances.tolist() == sorted(found.distances)
        assert found.labels is not None
        assert train.labels is not None
        assert found.labels[0] == train.labels[row]


def test_they_are_those_of_a_plain_search(neighbours: Neighbours, pictures: Path) -> None:
    dataset, image = load(pictures), np.full((1, 1, 8, 8), 90, np.uint8)
    judge, train = judge_for(dataset), dataset.train
    far = np.linalg.norm(judge.features(train.images) - judge.features(image), axis=1)
    found = neighbours.find(image)
    assert found is not None
    np.testing.assert_array_equal(found.images, train.images[np.argsort(far)[:6]])
    np.testing.assert_allclose(found.distances, np.sort(far)[:6], rtol=1e-5)


def test_the_page_is_told_that_they_are_prepared_and_then_which(run: Path) -> None:
    playground, point = Playground(str(run)), LatentPoint(label=1)
    assert playground.neighbours.find(np.zeros((1, 1, 8, 8), np.uint8)) is None
    assert playground.nearest(point)["state"] in ("preparing", "ready")
    playground.neighbours.wait()
    answer = playground.nearest(point)
    assert answer["state"] == "ready"
    assert {found["class"] for found in answer["images"]} <= {"cat", "dog"}
    found = playground.neighbours.find(playground._explorer.picture(point)[0])
    assert found is not None
    assert answer["images"][0]["pixels"] == to_pixels(found.images[0])


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ("arrays", "the images were arrays, which are not kept"),
        ("nowhere/at/all", "nowhere/at/all"),
        ("mnist", "mnist is no longer what the model was trained on"),
        ("cifar10", "not found"),
    ],
)
def test_where_there_are_none_the_page_is_told_why(
    data: str, words: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_network(*parts: object, **options: object) -> None:
        raise AssertionError("a page downloads nothing")

    monkeypatch.setattr("urllib.request.urlopen", no_network)
    monkeypatch.setattr("ganvas.data.named.fetch.download", no_network)
    monkeypatch.setattr("ganvas.data.named.cifar.find_batches", lambda *parts: None)
    playground = small_playground(tmp_path / "model", data=data)
    playground.neighbours.begin()
    playground.neighbours.wait()
    answer = playground.nearest(LatentPoint(label=0))
    assert answer["state"] == "missing"
    assert words in answer["why"]
