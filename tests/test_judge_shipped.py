"""The judge that comes with the package: what its card says must be so."""

from pathlib import Path

import numpy as np
import pytest

from ganvas.data import DataSet, load
from ganvas.judge import Judge, judge_folders, judge_for, load_judge
from ganvas.metrics.frechet import features_to_statistics, frechet_distance


@pytest.fixture(scope="module")
def mnist() -> DataSet:
    return load("mnist", download=False)


@pytest.fixture(scope="module")
def judge() -> Judge:
    found = load_judge("mnist")
    assert isinstance(found, Judge)
    return found


def test_card_names_the_data_it_was_trained_on(judge: Judge, mnist: DataSet) -> None:
    data = judge.card["data"]
    assert data["digest"] == mnist.digest
    assert data["split"] == "train"
    assert data["images"] == len(mnist.train) == 55_000
    assert judge.class_names == mnist.class_names
    assert judge.card["command"] == "ganvas judge train mnist"


def test_it_is_found_for_the_data_set_and_small(judge: Judge, mnist: DataSet) -> None:
    found = judge_for(mnist)
    assert found is not None
    assert found.digest == judge.digest
    folder = judge_folders()["mnist"]
    assert sorted(file.name for file in folder.iterdir()) == [
        "README.md",
        "config.json",
        "model.safetensors",
    ]
    assert size_of(folder) < 3_000_000


def test_accuracy_on_the_test_images_is_what_the_card_says(judge: Judge, mnist: DataSet) -> None:
    assert mnist.test is not None
    assert mnist.test.labels is not None
    accuracy = judge.card["accuracy"]
    correct = int((judge.predict(mnist.test.images) == mnist.test.labels).sum())
    assert accuracy["split"] == "test"
    assert accuracy["count"] == len(mnist.test) == 10_000
    # another processor rounds otherwise, which may tip a picture on the edge of two classes
    assert abs(correct - accuracy["correct"]) <= 2
    assert accuracy["correct"] >= 9_950


def test_distance_tells_real_digits_from_damaged_ones(judge: Judge, mnist: DataSet) -> None:
    some, others = mnist.held_out.images[:1500], mnist.held_out.images[1500:3000]
    real = features_to_statistics(judge.features(some))
    distances = []
    for amount in (0, 40, 120):
        noise = np.random.default_rng(0).normal(0.0, amount, others.shape)
        damaged = np.clip(np.rint(others + noise), 0, 255).astype(np.uint8)
        fake = features_to_statistics(judge.features(damaged))
        distances.append(frechet_distance(real=real, fake=fake))
    assert distances[0] * 2 < distances[1]
    assert distances[1] * 2 < distances[2]


def test_a_missing_class_is_far_away(judge: Judge, mnist: DataSet) -> None:
    held_out = mnist.held_out
    assert held_out.labels is not None
    real = features_to_statistics(judge.features(held_out.images[:2500]))
    others, labels = held_out.images[2500:], held_out.labels[2500:]
    whole = frechet_distance(real=real, fake=features_to_statistics(judge.features(others)))
    for missing in (1, 8):
        kept = features_to_statistics(judge.features(others[labels != missing]))
        assert frechet_distance(real=real, fake=kept) > 3 * whole


def test_the_judge_of_fashion_ships_with_the_accuracy_that_was_asked_of_it() -> None:
    found = load_judge("fashion-mnist")
    accuracy = found.card["accuracy"]
    assert (accuracy["split"], accuracy["count"]) == ("test", 10_000)
    assert accuracy["correct"] >= 9_250
    assert found.card["data"]["split"] == "train"
    assert found.card["command"].startswith("ganvas judge train fashion-mnist")
    assert len(found.class_names) == 10
    assert size_of(judge_folders()["fashion-mnist"]) < 3_000_000


def size_of(folder: Path) -> int:
    return sum(file.stat().st_size for file in folder.iterdir())
