"""Figures that cannot be had: left out or refused, with the rule."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from ganvas.data.images import DataSet
from ganvas.errors import DataError, UsageError
from ganvas.evaluation import evaluate_generator, evaluate_pictures
from ganvas.judge import load_judge, random_judge
from tests.evaluation_helpers import DEFAULT, evaluate
from tests.judge_helpers import FakeJudge, Replay, replay, some_data


@pytest.fixture(autouse=True)
def _cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GANVAS_CACHE", str(tmp_path / "cache"))


@pytest.fixture
def judge() -> FakeJudge:
    return FakeJudge()


@pytest.fixture
def dataset() -> DataSet:
    return some_data()


def test_too_few_unseen_images_leave_a_figure_without_its_real_value() -> None:
    found = evaluate(replay(some_data().train), some_data(test=16), samples=200)
    assert found["metrics"]["fd"]["real"] is None
    assert found["metrics"]["kid"]["real"] is not None


def test_too_few_training_images_are_told_by_the_rule() -> None:
    dataset = some_data(train=16)
    found = evaluate(replay(some_data().train), dataset, samples=200)
    reason = "fd needs 17 training images or more, and thirds has 16"
    assert found["left_out"]["fd"] == reason
    with pytest.raises(UsageError, match=reason):
        evaluate(replay(some_data().train), dataset, samples=200, metrics=["fd"])


def test_without_labels_what_needs_them_is_left_out(dataset: DataSet) -> None:
    unlabelled = some_data(class_names=())
    generator = Replay(dataset.train.images, None)
    found = evaluate(generator, unlabelled, samples=200)
    assert found["left_out"] == {
        name: f"{name} needs labels, and thirds has none" for name in ("label_accuracy", "class_kl")
    }
    with pytest.raises(UsageError, match="label_accuracy needs labels, and thirds has none"):
        evaluate(generator, unlabelled, samples=200, metrics=["label_accuracy"])


@pytest.mark.parametrize("names", [(), ("a", "b", "c")], ids=str)
def test_label_accuracy_needs_a_model_with_the_datas_classes(
    dataset: DataSet, names: tuple[str, ...]
) -> None:
    labels = np.zeros(300, np.int64) if names else None
    generator = Replay(dataset.train.images, labels, class_names=names)
    found = evaluate(generator, dataset, samples=200)
    message = "label_accuracy needs a conditional model, or labelled images, with the classes of"
    assert message in found["left_out"]["label_accuracy"]
    assert "class_kl" in found["metrics"]  # asks the judge only
    with pytest.raises(UsageError, match=message):
        evaluate(generator, dataset, samples=200, metrics=["fd", "label_accuracy"])


def test_a_random_judge_gives_no_figure_of_classes_and_says_so(dataset: DataSet) -> None:
    judge = random_judge(channels=1, height=8, width=8)
    found = evaluate_pictures(
        dataset.held_out.images, dataset.held_out.labels, dataset, judge=judge
    )
    assert found["judge"]["kind"] == "random-network"
    assert list(found["left_out"]) == ["fd_infinity", "label_accuracy", "class_kl"]
    assert "'random-network' does not" in found["left_out"]["class_kl"]
    assert "got 140" in found["left_out"]["fd_infinity"]


@pytest.mark.parametrize(
    ("metrics", "found"),
    [
        (["fd"], ["fd"]),
        (["label_accuracy", "fd"], ["fd", "label_accuracy"]),
        (("fd", "fd"), ["fd"]),
        ("fd", ["fd"]),
        (["coverage"], ["coverage"]),
        (None, DEFAULT),
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
        ("FD", "unknown metric 'FD'; choose from authenticity, cas,"),
        ("", "unknown metric ''"),
    ],
)
def test_an_unknown_metric_is_refused_before_any_work(
    dataset: DataSet, judge: FakeJudge, name: str, message: str
) -> None:
    generator = replay(dataset.train)
    with pytest.raises(UsageError, match=message):
        evaluate(generator, dataset, samples=200, metrics=["fd", name], judge=judge)
    assert (generator.asked, judge.seen) == ([], 0)


@pytest.mark.parametrize(
    ("name", "enough"),
    [
        ("fd", 17),
        ("fd_infinity", 34),
        ("kid", 2),
        ("precision", 6),
        ("coverage", 6),
        ("label_accuracy", 1),
        ("class_kl", 3),
        ("ndb", 6),
        ("authenticity", 1),
    ],
)
def test_a_figure_has_its_fewest_samples_and_refuses_fewer_before_any_work(
    dataset: DataSet, judge: FakeJudge, name: str, enough: int
) -> None:
    found = evaluate(replay(dataset.test or dataset.train), dataset, samples=enough, metrics=name)
    assert list(found["metrics"]) == [name]
    if enough == 1:
        return
    generator = replay(dataset.train)
    message = rf"{name} needs {enough} images or more.*, got {enough - 1}; use more"
    with pytest.raises(UsageError, match=message):
        evaluate(generator, dataset, samples=enough - 1, metrics=name, judge=judge)
    assert (generator.asked, judge.seen) == ([], 0)


@pytest.mark.parametrize("samples", [0, -5])
def test_no_samples_at_all_are_refused(dataset: DataSet, samples: int) -> None:
    with pytest.raises(UsageError, match="number of samples must be 1 or more"):
        evaluate(replay(dataset.train), dataset, samples=samples)
    with pytest.raises(UsageError, match="number of images must be 1 or more"):
        evaluate_pictures(dataset.train.images[:0], None, dataset, judge=FakeJudge()())


def test_what_shows_only_while_computing_is_left_out_with_its_reason(dataset: DataSet) -> None:
    generator = replay(dataset.train)
    found = evaluate(generator, dataset, samples=21)
    assert "ct" in found["left_out"]  # 21 images do not share a cell
    with pytest.raises(UsageError, match=found["left_out"]["ct"].split(";")[0]):
        evaluate(generator, dataset, samples=21, metrics=["ct"])
    kept = evaluate(generator, dataset, samples=21, metrics=["ct"], strict=False)
    assert (kept["metrics"], kept["left_out"]) == ({}, {"ct": found["left_out"]["ct"]})


@pytest.mark.parametrize("count", [200, 300], ids=["of the samples", "of the training images"])
def test_features_that_are_not_finite_end_the_evaluation(dataset: DataSet, count: int) -> None:
    judge = FakeJudge()
    judge.breaks_on = count
    with pytest.raises(DataError, match=f"features of 1 of {count} images are not finite"):
        evaluate(replay(dataset.train), dataset, samples=200, judge=judge)


@pytest.mark.parametrize(
    ("shape", "message"),
    [
        ((1, 8, 9), "the images are 8x9 grey, those of thirds 8x8 grey; compare them with data"),
        ((3, 8, 8), "the images are 8x8 3-channel, those of thirds 8x8 grey"),
    ],
)
def test_images_of_another_size_are_refused(
    dataset: DataSet, judge: FakeJudge, shape: tuple[int, int, int], message: str
) -> None:
    generator = Replay(np.zeros((200, *shape), np.uint8), np.zeros(200, np.int64))
    with pytest.raises(UsageError, match=message):
        evaluate(generator, dataset, samples=200, judge=judge)
    with pytest.raises(UsageError, match=message):
        evaluate_pictures(generator.images, None, dataset, judge=judge())
    assert judge.seen == 0


@pytest.mark.parametrize(
    ("labels", "message"),
    [
        (np.zeros(199, np.int64), "one whole number for each of 200 images"),
        (np.zeros(200), "one whole number for each of 200 images"),
        (np.full(200, 3), r"labels must be 0\.\.2, the classes of thirds, found 3\.\.3"),
        (np.full(200, -1), "found -1..-1"),
    ],
)
def test_labels_that_are_not_the_datas_are_refused(
    dataset: DataSet, labels: np.ndarray, message: str
) -> None:
    with pytest.raises(UsageError, match=message):
        evaluate_pictures(dataset.train.images[:200], labels, dataset, judge=FakeJudge()())


def test_a_judge_that_does_not_take_the_images_is_refused_with_the_rule(dataset: DataSet) -> None:
    message = "judge 'mnist' takes 28x28 grey images, thirds has 8x8 grey; choose another judge$"
    with pytest.raises(UsageError, match=message):
        evaluate_generator(replay(dataset.train)(), dataset, judge=load_judge("mnist"))
