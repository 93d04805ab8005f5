"""The table of figures: its shape, what may be asked, and that real images score as real."""

import json
from pathlib import Path
from typing import Any, cast

import numpy as np
import pytest

from ganvas import data as data_room
from ganvas import evaluation as room
from ganvas.data.images import DataSet, Images
from ganvas.errors import UsageError
from ganvas.evaluation import METRICS, evaluate_generator, in_words
from ganvas.judge import load_judge
from ganvas.model import Generator, ModelConfig
from tests.judge_helpers import FakeJudge, some_data
from tests.model_helpers import networks_of, small_config

CLASSES = ("dark", "grey", "bright")


class Replay:
    """A generator that gives images it was given: stands in for `ganvas.model.Generator`."""

    def __init__(self, images: np.ndarray, labels: np.ndarray | None, **config: Any) -> None:
        _, channels, height, width = images.shape
        names = CLASSES if labels is not None else ()
        self.images, self.labels = images, labels
        self.config: ModelConfig = small_config(
            channels, height, width, **{"class_names": names, **config}
        )
        self.asked: list[tuple[int, int | None]] = []

    def sample(self, n: int, *, seed: int | None) -> tuple[np.ndarray, np.ndarray | None]:
        self.asked.append((n, seed))
        return self.images[:n], None if self.labels is None else self.labels[:n]


def replay(part: Images) -> Replay:
    return Replay(part.images, part.labels)


def evaluate(generator: Replay | Generator, dataset: DataSet, **options: Any) -> dict[str, Any]:
    found = evaluate_generator(cast(Generator, generator), dataset, **options)
    assert found is not None
    return found


@pytest.fixture(autouse=True)
def judge(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> FakeJudge:
    monkeypatch.setenv("GANVAS_CACHE", str(tmp_path / "cache"))
    made = FakeJudge()
    monkeypatch.setattr(room, "judge_for", lambda _: made)
    return made


@pytest.fixture
def dataset() -> DataSet:
    return some_data()


def test_the_figures_have_the_agreed_shape(dataset: DataSet) -> None:
    config = small_config(class_names=CLASSES)
    generator = Generator(config, networks_of(config)[0])
    found = evaluate(generator, dataset, samples=150, seed=7)
    assert json.loads(json.dumps(found, allow_nan=False)) == found
    assert {name: value for name, value in found.items() if name != "metrics"} == {
        "data": "thirds",
        "split": "test",
        "judge": {"name": "fake", "digest": FakeJudge.digest},
        "samples": 150,
        "real_samples": 150,
        "seed": 7,
    }
    assert set(found["metrics"]) == {"fd", "label_accuracy"} == set(METRICS)
    for name, figure in found["metrics"].items():
        assert set(figure) == {"value", "real", "higher_is_better"}
        assert figure["higher_is_better"] is METRICS[name]
        assert type(figure["value"]) is type(figure["real"]) is float
    assert found == evaluate(generator, dataset, samples=150, seed=7)
    assert found["metrics"]["fd"] != evaluate(generator, dataset, samples=150)["metrics"]["fd"]


def test_real_images_as_samples_score_exactly_as_real_images(dataset: DataSet) -> None:
    assert dataset.test is not None
    metrics = evaluate(replay(dataset.test), dataset, samples=200)["metrics"]
    for figure in metrics.values():
        assert figure["value"] == figure["real"]
    assert metrics["label_accuracy"]["value"] == 0.9


def test_the_images_trained_on_score_no_distance_at_all(dataset: DataSet) -> None:
    metrics = evaluate(replay(dataset.train), dataset, samples=300)["metrics"]
    assert metrics["fd"]["value"] == pytest.approx(0, abs=1e-6)
    assert metrics["fd"]["real"] > 1e-3


def test_the_order_of_the_samples_does_not_matter(dataset: DataSet) -> None:
    part = dataset.held_out
    order = np.random.default_rng(0).permutation(len(part))
    assert part.labels is not None
    shuffled = Replay(part.images[order], part.labels[order])
    one = evaluate(replay(part), dataset, samples=140)["metrics"]
    other = evaluate(shuffled, dataset, samples=140)["metrics"]
    assert other["fd"]["value"] == pytest.approx(one["fd"]["value"], abs=1e-8)
    assert other["label_accuracy"] == one["label_accuracy"]


def test_worse_images_score_worse(dataset: DataSet) -> None:
    part = dataset.held_out
    values = []
    for amount in (0, 30, 90):
        noise = np.random.default_rng(0).integers(-amount, amount + 1, part.images.shape)
        noisy = np.clip(part.images + noise, 0, 255).astype(np.uint8)
        found = evaluate(Replay(noisy, part.labels), dataset, samples=140)
        values.append(found["metrics"]["fd"]["value"])
    assert values == sorted(values)
    assert values[2] > 2 * values[0]


def test_wrong_labels_cost_accuracy_and_nothing_else(dataset: DataSet) -> None:
    assert dataset.test is not None
    assert dataset.test.labels is not None
    right = evaluate(replay(dataset.test), dataset, samples=200)["metrics"]
    other = Replay(dataset.test.images, (dataset.test.labels + 1) % 3)
    wrong = evaluate(other, dataset, samples=200)["metrics"]
    assert wrong["fd"] == right["fd"]
    assert wrong["label_accuracy"]["value"] <= 0.1
    assert wrong["label_accuracy"]["real"] == right["label_accuracy"]["real"]


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
    evaluate(replay(dataset.train), dataset, samples=200)
    assert judge.seen == 300 + 200 + 200
    evaluate(replay(dataset.held_out), dataset, samples=140)
    assert judge.seen == 700 + 140 + 140  # the samples, and another choice of test images
    evaluate(replay(dataset.held_out), dataset, samples=140)
    assert judge.seen == 980 + 140


def test_without_a_test_split_the_held_out_images_are_the_unseen_ones() -> None:
    dataset = some_data(test=None)
    found = evaluate(replay(dataset.held_out), dataset, samples=140)
    assert found["split"] == "held_out"
    assert found["metrics"]["fd"]["value"] == found["metrics"]["fd"]["real"]


@pytest.mark.parametrize(
    "sizes",
    [{"test": None, "held_out": 0}, {"test": None, "held_out": 128}, {"test": 50}, {"train": 128}],
    ids=str,
)
def test_too_few_real_images_cannot_be_measured_against(sizes: dict[str, Any]) -> None:
    dataset = some_data(**sizes)
    generator = replay(dataset.train)
    assert evaluate_generator(cast(Generator, generator), dataset, samples=200) is None
    assert generator.asked == []


def test_without_a_judge_there_is_nothing_to_measure(
    dataset: DataSet, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(room, "judge_for", lambda _: None)
    generator = cast(Generator, replay(dataset.train))
    assert evaluate_generator(generator, dataset, samples=10) is None


def test_without_classes_label_accuracy_is_left_out(dataset: DataSet) -> None:
    generator = Replay(dataset.train.images, None)
    assert set(evaluate(generator, dataset, samples=200)["metrics"]) == {"fd"}


@pytest.mark.parametrize(
    ("names", "data_names"), [((), CLASSES), (("a", "b", "c"), CLASSES), (CLASSES, ())], ids=str
)
def test_label_accuracy_needs_a_model_with_the_datas_classes(
    names: tuple[str, ...], data_names: tuple[str, ...]
) -> None:
    dataset = some_data(class_names=data_names)
    labels = np.zeros(300, np.int64) if names else None
    generator = Replay(dataset.train.images, labels, class_names=names)
    assert set(evaluate(generator, dataset, samples=200)["metrics"]) == {"fd"}
    message = "label_accuracy needs a conditional model with the classes of thirds"
    with pytest.raises(UsageError, match=message):
        evaluate(generator, dataset, samples=200, metrics=["fd", "label_accuracy"])


@pytest.mark.parametrize(
    ("metrics", "found"),
    [
        (["fd"], ["fd"]),
        (["label_accuracy", "fd"], ["fd", "label_accuracy"]),
        (("fd", "fd"), ["fd"]),
        ("fd", ["fd"]),
        ("label_accuracy", ["label_accuracy"]),
        (None, ["fd", "label_accuracy"]),
        ([], []),
    ],
    ids=str,
)
def test_only_what_is_asked_for_is_told(dataset: DataSet, metrics: Any, found: list[str]) -> None:
    told = evaluate(replay(dataset.train), dataset, samples=200, metrics=metrics)["metrics"]
    assert list(told) == found


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("label_acuracy", "unknown metric 'label_acuracy'; did you mean 'label_accuracy'"),
        ("FD", "unknown metric 'FD'; choose from fd, label_accuracy"),
        ("", "unknown metric ''"),
    ],
)
def test_an_unknown_metric_is_refused_before_any_work(
    dataset: DataSet, judge: FakeJudge, name: str, message: str
) -> None:
    generator = replay(dataset.train)
    with pytest.raises(UsageError, match=message):
        evaluate(generator, dataset, samples=200, metrics=["fd", name])
    assert (generator.asked, judge.seen) == ([], 0)


@pytest.mark.parametrize("samples", [128, 1, 0, -5])
def test_too_few_samples_are_refused_before_any_work(
    dataset: DataSet, judge: FakeJudge, samples: int
) -> None:
    generator = replay(dataset.train)
    with pytest.raises(UsageError, match="samples must be more than the judge's 128 features, not"):
        evaluate(generator, dataset, samples=samples)
    assert (generator.asked, judge.seen) == ([], 0)


@pytest.mark.parametrize(
    ("shape", "message"),
    [
        ((1, 8, 9), "makes 8x9 grey images, thirds has 8x8 grey; compare it with the data"),
        ((3, 8, 8), "makes 8x8 3-channel images, thirds has 8x8 grey"),
    ],
)
def test_images_of_another_size_are_refused(
    dataset: DataSet, judge: FakeJudge, shape: tuple[int, int, int], message: str
) -> None:
    generator = Replay(np.zeros((200, *shape), np.uint8), np.zeros(200, np.int64))
    with pytest.raises(UsageError, match=message):
        evaluate(generator, dataset, samples=200)
    assert judge.seen == 0


def test_the_words_say_every_figure(dataset: DataSet) -> None:
    assert dataset.test is not None
    found = evaluate(replay(dataset.held_out), dataset, samples=140, seed=3)
    fd = found["metrics"]["fd"]
    first, second, third = in_words(found)
    assert first == (
        f"Fréchet distance to the training images {fd['value']:.4f}, "
        f"{fd['value'] / fd['real']:.1f} times that of real test images ({fd['real']:.4f}); "
        "lower is better."
    )
    assert second.startswith("90.00% of the samples show the class that was asked for")
    assert third == (
        "Measured on 140 samples and 140 test images of thirds, judge fake (ffffffff), seed 3."
    )


def test_the_words_leave_out_what_was_not_measured(dataset: DataSet) -> None:
    only = evaluate(replay(dataset.train), dataset, samples=200, metrics=["label_accuracy"])
    assert [sentence.split()[0] for sentence in in_words(only)] == ["90.00%", "Measured"]
    held_out = evaluate(replay(dataset.train), some_data(test=None), samples=200, metrics=["fd"])
    assert "of real held-out images" in in_words(held_out)[0]


def test_the_words_can_say_no_distance_at_all(dataset: DataSet) -> None:
    found = evaluate(replay(dataset.train), dataset, samples=200)
    found["metrics"]["fd"]["real"] = 0.0
    assert "beside real test images (0.0000)" in in_words(found)[0]


def test_real_digits_score_as_real_and_noise_does_not(monkeypatch: pytest.MonkeyPatch) -> None:
    mnist, digits = data_room.load("mnist"), load_judge("mnist")
    monkeypatch.setattr(room, "judge_for", lambda _: digits)
    part = mnist.held_out
    assert part.labels is not None
    names = mnist.class_names
    real = Replay(part.images[:500], part.labels[:500], class_names=names)
    noise = np.random.default_rng(0).integers(0, 256, (500, 1, 28, 28), dtype=np.uint8)
    scores = [
        evaluate(generator, mnist, samples=500)["metrics"]
        for generator in (real, Replay(noise, part.labels[:500], class_names=names))
    ]
    assert scores[0]["fd"]["value"] < 2 * scores[0]["fd"]["real"]
    assert scores[0]["label_accuracy"]["value"] > 0.97
    assert scores[1]["fd"]["value"] > 20 * scores[1]["fd"]["real"]
    assert scores[1]["label_accuracy"]["value"] < 0.3
