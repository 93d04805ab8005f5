"""The table of figures: its shape, what may be asked, and that real images score as real."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from ganvas import data as data_room
from ganvas.data.images import DataSet
from ganvas.evaluation import METRICS, evaluate_generator
from ganvas.judge import load_judge
from ganvas.model import Generator
from tests.evaluation_helpers import DEFAULT, evaluate
from tests.judge_helpers import CLASSES, FakeJudge, Replay, replay, some_data
from tests.model_helpers import networks_of, small_config


@pytest.fixture(autouse=True)
def _cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GANVAS_CACHE", str(tmp_path / "cache"))


@pytest.fixture
def judge() -> FakeJudge:
    return FakeJudge()


@pytest.fixture
def dataset() -> DataSet:
    return some_data()


def test_the_figures_have_the_agreed_shape(dataset: DataSet) -> None:
    config = small_config(class_names=CLASSES)
    generator = Generator(config, networks_of(config)[0])

    def measured(seed: int) -> dict[str, Any]:
        return evaluate_generator(generator, dataset, judge=FakeJudge()(), samples=150, seed=seed)

    found = measured(7)
    assert json.loads(json.dumps(found, allow_nan=False)) == found
    assert {name: value for name, value in found.items() if name != "metrics"} == {
        "data": "thirds",
        "split": "test",
        "judge": {"name": "fake", "digest": FakeJudge().digest, "kind": "judge"},
        "samples": 150,
        "real_samples": 150,
        "seed": 7,
        "left_out": {},
    }
    assert list(found["metrics"]) == DEFAULT
    for name, figure in found["metrics"].items():
        assert figure["higher_is_better"] is METRICS[name].higher_is_better
        assert type(figure["value"]) is type(figure["real"]) is float
    assert found == measured(7)
    assert found["metrics"]["fd"] != measured(8)["metrics"]["fd"]


def test_real_images_as_samples_score_exactly_as_real_images(dataset: DataSet) -> None:
    assert dataset.test is not None
    metrics = evaluate(replay(dataset.test), dataset, samples=200)["metrics"]
    assert list(metrics) == DEFAULT
    for figure in metrics.values():
        assert figure["value"] == figure["real"]
    assert metrics["label_accuracy"]["value"] == 0.9


def test_the_images_trained_on_score_no_distance_and_no_authenticity() -> None:
    dataset = some_data(test=300)  # as many as are scored
    metrics = evaluate(replay(dataset.train), dataset, samples=300)["metrics"]
    assert metrics["fd"]["value"] == pytest.approx(0, abs=1e-6)
    assert metrics["fd"]["real"] > 1e-3
    for name in ("precision", "recall", "coverage"):
        assert metrics[name]["value"] == 1.0
    assert metrics["authenticity"]["value"] == 0.0
    assert metrics["authenticity"]["real"] > 0.2
    assert metrics["ct"]["value"] < -5 < metrics["ct"]["real"]


def test_what_depends_on_the_number_is_of_as_many_images_as_there_are_real_ones() -> None:
    few, many = some_data(test=60), some_data(test=400)
    assert many.test is not None
    images, labels = many.test.images, many.test.labels
    found = evaluate(Replay(images, labels), few, samples=400, seed=3)
    again = evaluate(Replay(images, labels), few, samples=400, seed=3)
    assert found == again
    metrics = found["metrics"]
    assert (found["samples"], found["real_samples"]) == (400, 60)
    of_few = {name for name, figure in metrics.items() if figure.get("samples") == 60}
    assert of_few == {"fd", "precision", "recall", "density", "coverage", "class_kl", "ndb"}
    # In 6 cells there are fewer than 20 of 60: so all count, and there is nothing to set beside.
    assert metrics["ct"]["real"] is None
    assert "samples" not in metrics["ct"]
    # All are of one law: no more than chance lies between the images and the real ones beside
    # them. Of 400 images the distance would be a fraction of that of 60.
    assert 0.5 < metrics["fd"]["value"] / metrics["fd"]["real"] < 2
    whole = evaluate(Replay(images, labels), many, samples=400)["metrics"]
    assert whole["fd"]["value"] < metrics["fd"]["value"] / 2
    for name in ("kid", "label_accuracy", "authenticity"):
        assert "samples" not in metrics[name]
    assert metrics["label_accuracy"]["value"] == whole["label_accuracy"]["value"]


def test_where_real_images_are_too_few_all_samples_count_and_stand_alone() -> None:
    many = some_data(test=400).test
    assert many is not None
    found = evaluate(replay(many), some_data(test=10), samples=400)
    assert found["metrics"]["fd"]["real"] is None
    assert "samples" not in found["metrics"]["fd"]


def test_a_class_that_the_data_does_not_have_is_left_out_of_the_shares(dataset: DataSet) -> None:
    assert dataset.test is not None
    images = dataset.test.images
    grey = np.minimum(images.mean((1, 2, 3)) / 255 * 3, 2).astype(int) == 1
    mostly = np.concatenate([images[~grey], images[grey][:5]])
    two = some_data(class_names=("dark", "bright"))  # grey ones are seen, and are none of these
    metrics = evaluate(Replay(mostly, None), two, samples=len(mostly))["metrics"]
    assert metrics["class_kl"]["unknown"] == 5 / len(mostly)
    assert metrics["class_kl"]["floor"] == 2 / (2 * (len(mostly) - 5))  # of three labels
    left_out = evaluate(Replay(images, None), two, samples=200)["left_out"]
    assert f"{int(grey.sum())} of 200 images look like a class that" in left_out["class_kl"]


def test_one_image_over_and_over_is_precise_and_covers_nothing(dataset: DataSet) -> None:
    assert dataset.test is not None
    image = np.repeat(dataset.test.images[7:8], 200, axis=0)
    metrics = evaluate(Replay(image, np.zeros(200, np.int64)), dataset, samples=200)["metrics"]
    assert metrics["precision"]["value"] == 1.0
    assert metrics["recall"]["value"] == 0.0
    assert metrics["coverage"]["value"] < 0.1 < metrics["coverage"]["real"]
    assert metrics["authenticity"]["different"] == 1


def test_the_order_of_the_samples_does_not_matter(dataset: DataSet) -> None:
    part = dataset.held_out
    order = np.random.default_rng(0).permutation(len(part))
    assert part.labels is not None
    shuffled = Replay(part.images[order], part.labels[order])
    one = evaluate(replay(part), dataset, samples=140)["metrics"]
    other = evaluate(shuffled, dataset, samples=140)["metrics"]
    # the extrapolation draws subsets of the samples by their place
    for name in [name for name in DEFAULT if name != "fd_infinity"]:
        assert other[name]["value"] == pytest.approx(one[name]["value"], abs=1e-8)


def test_worse_images_score_worse(dataset: DataSet) -> None:
    part = dataset.held_out
    values = []
    for amount in (0, 60, 200):
        noise = np.random.default_rng(0).integers(-amount, amount + 1, part.images.shape)
        noisy = np.clip(part.images + noise, 0, 255).astype(np.uint8)
        metrics = evaluate(Replay(noisy, part.labels), dataset, samples=140)["metrics"]
        values.append({name: figure["value"] for name, figure in metrics.items()})
    assert values[0]["fd"] < values[1]["fd"] < values[2]["fd"]
    for name in ("fd", "fd_infinity", "kid", "ndb"):
        assert values[2][name] > max(0.0, values[0][name])
    for name in ("precision", "density", "coverage", "label_accuracy"):
        assert values[2][name] < values[0][name]


def test_wrong_labels_cost_accuracy_and_nothing_else(dataset: DataSet) -> None:
    assert dataset.test is not None
    assert dataset.test.labels is not None
    right = evaluate(replay(dataset.test), dataset, samples=200)["metrics"]
    other = Replay(dataset.test.images, (dataset.test.labels + 1) % 3)
    wrong = evaluate(other, dataset, samples=200)["metrics"]
    assert wrong["label_accuracy"]["value"] <= 0.1
    assert wrong["label_accuracy"]["real"] == right["label_accuracy"]["real"]
    for name in [name for name in DEFAULT if name != "label_accuracy"]:
        assert wrong[name] == right[name]


def test_a_class_left_out_is_told_by_the_classes(dataset: DataSet) -> None:
    assert dataset.test is not None
    assert dataset.test.labels is not None
    kept = dataset.test.labels != 0
    images, labels = dataset.test.images[kept], dataset.test.labels[kept]
    metrics = evaluate(Replay(images, labels), dataset, samples=len(images))["metrics"]
    assert metrics["class_kl"]["value"] > 10 * metrics["class_kl"]["real"]
    assert metrics["class_kl"]["floor"] == 2 / (2 * len(images))
    assert metrics["label_accuracy"]["value"] > 0.85


def test_as_many_real_images_are_compared_as_samples_or_all_there_are(dataset: DataSet) -> None:
    assert evaluate(replay(dataset.train), dataset, samples=130)["real_samples"] == 130
    assert evaluate(replay(dataset.train), dataset, samples=300)["real_samples"] == 200


def test_the_generator_is_asked_once_for_what_was_asked(dataset: DataSet) -> None:
    generator = replay(dataset.train)
    evaluate(generator, dataset, samples=250, seed=11)
    assert generator.asked == [(250, 11)]


def test_real_images_are_judged_once_for_all_evaluations(
    dataset: DataSet, judge: FakeJudge
) -> None:
    only = {"metrics": ["fd", "label_accuracy"], "judge": judge}
    evaluate(replay(dataset.train), dataset, samples=200, **only)
    assert judge.seen == 300 + 200 + 200
    evaluate(replay(dataset.held_out), dataset, samples=140, **only)
    assert judge.seen == 700 + 140  # the samples: another choice of test images is known, too
    evaluate(replay(dataset.held_out), dataset, samples=140, **only)
    assert judge.seen == 840 + 140


def test_without_a_test_split_the_held_out_images_are_the_unseen_ones() -> None:
    dataset = some_data(test=None)
    found = evaluate(replay(dataset.held_out), dataset, samples=140)
    assert found["split"] == "held_out"
    for name in [name for name in DEFAULT if name != "ct"]:  # whose witnesses are half of these
        assert found["metrics"][name]["value"] == found["metrics"][name]["real"]


def test_without_unseen_images_figures_stand_alone() -> None:
    dataset = some_data(test=None, held_out=0)
    found = evaluate(replay(dataset.train), dataset, samples=200)
    assert found["real_samples"] == 0
    assert {figure["real"] for figure in found["metrics"].values()} == {None}
    assert list(found["left_out"]) == ["ct"]
    assert "neither test images nor held-out ones" in found["left_out"]["ct"]


def test_the_nearest_pairs_are_drawn(dataset: DataSet, tmp_path: Path) -> None:
    file = tmp_path / "nearest.png"
    evaluate(replay(dataset.train), dataset, samples=40, metrics=["kid"], nearest=file)
    assert file.read_bytes().startswith(b"\x89PNG")


def test_real_digits_score_as_real_and_noise_does_not() -> None:
    mnist, judge = data_room.load("mnist"), load_judge("mnist")
    part = mnist.held_out
    assert part.labels is not None
    names = mnist.class_names
    real = Replay(part.images[:500], part.labels[:500], class_names=names)
    noise = np.random.default_rng(0).integers(0, 256, (500, 1, 28, 28), dtype=np.uint8)
    scores = [
        evaluate_generator(
            generator(), mnist, judge=judge, samples=500, metrics=["fd", "label_accuracy"]
        )["metrics"]
        for generator in (real, Replay(noise, part.labels[:500], class_names=names))
    ]
    assert scores[0]["fd"]["value"] < 2 * scores[0]["fd"]["real"]
    assert scores[0]["label_accuracy"]["value"] > 0.97
    assert scores[1]["fd"]["value"] > 20 * scores[1]["fd"]["real"]
    assert scores[1]["label_accuracy"]["value"] < 0.3
