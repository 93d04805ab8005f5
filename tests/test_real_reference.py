"""Real images through a judge's eyes: what is kept under what, and whose classes are whose."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from ganvas import data
from ganvas.data.images import DataSet, Images
from ganvas.errors import DataError
from ganvas.evaluation.compute import GROUPS
from ganvas.judge import judge_for
from ganvas.metrics.cells import features_to_cells
from ganvas.metrics.frechet import features_to_statistics, frechet_distance
from ganvas.metrics.neighbours import nearest_other
from ganvas.real.cache import find_cached
from ganvas.real.reference import Reference, rows_of
from tests.judge_helpers import CLASSES, FakeJudge, some_data


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("GANVAS_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache" / "real"


@pytest.fixture
def judge() -> FakeJudge:
    return FakeJudge()


def reference_of(judge: FakeJudge, **values: Any) -> Reference:
    return Reference(some_data(**values), judge())


def test_a_view_is_what_the_judge_says_row_by_row(judge: FakeJudge) -> None:
    reference = reference_of(judge)
    part = reference.dataset.held_out
    features, predicted = judge.features_and_labels(part.images)
    for view in (reference.view(part), reference.see(part.images, part.labels)):
        assert np.array_equal(view.features, features)
        assert predicted is not None
        assert view.predicted is not None
        assert np.array_equal(view.predicted, predicted)
        assert view.asked is not None
        assert part.labels is not None
        assert np.array_equal(view.asked, part.labels)
        assert len(view) == 140
    some = reference.view(part).take(np.array([5, 2]))
    assert np.array_equal(some.features, features[[5, 2]])


def test_statistics_are_mean_and_covariance_of_the_split(judge: FakeJudge) -> None:
    reference = reference_of(judge)
    features, _ = judge.features_and_labels(reference.dataset.train.images)
    found = reference.statistics(reference.dataset.train)
    np.testing.assert_allclose(found.mean, features.mean(0, np.float64), atol=1e-12)
    np.testing.assert_allclose(
        found.covariance, np.cov(features.astype(np.float64), rowvar=False), atol=1e-12
    )
    assert found.count == 300


def test_each_image_is_judged_once_and_found_again_to_the_bit(judge: FakeJudge) -> None:
    def everything(reference: Reference) -> list[bytes]:
        train, bins = reference.dataset.train, reference.bins(6)
        return [
            reference.view(train).features.tobytes(),
            reference.statistics(train).covariance.tobytes(),
            reference.spacing.tobytes(),
            bins.centres.tobytes(),
            bins.counts.tobytes(),
        ]

    first = everything(reference_of(judge))
    assert judge.seen == 300
    assert everything(reference_of(judge)) == first
    assert judge.seen == 300


@pytest.mark.parametrize("order", ["whole first", "some first"])
def test_fewer_images_are_a_fixed_random_choice(judge: FakeJudge, order: str) -> None:
    reference = reference_of(judge)
    train = reference.dataset.train
    if order == "whole first":
        whole = reference.view(train)
        some = reference.view(train, 150)
        assert judge.seen == 300  # rows of what is known
    else:
        some = reference.view(train, 150)
        whole = reference.view(train)
    rows = rows_of(train, 150)
    assert np.array_equal(some.features, whole.features[rows])
    assert some.predicted is not None
    assert whole.predicted is not None
    assert np.array_equal(some.predicted, whole.predicted[rows])
    assert some.asked is not None
    assert train.labels is not None
    assert np.array_equal(some.asked, train.labels[rows])
    assert len(set(rows.tolist())) == 150
    assert (np.diff(rows) > 0).all()
    assert rows[-1] > 150
    assert np.array_equal(rows_of(train, 300), np.arange(300))
    assert np.array_equal(rows_of(train, 999), np.arange(300))


def statistics_key(dataset: DataSet, part: Images, digest: str = "f" * 64) -> tuple[str | int, ...]:
    return tuple(Reference(dataset, FakeJudge(digest=digest)()).statistics_key(part))


def test_the_key_changes_with_everything_that_the_numbers_depend_on() -> None:
    dataset = some_data()
    other_data = replace(dataset, digest="sha256:" + "1" * 64)
    fewer = some_data(held_out=139)
    assert dataset.test is not None
    keys = [
        statistics_key(dataset, dataset.train),
        statistics_key(dataset, dataset.held_out),
        statistics_key(dataset, dataset.test),
        statistics_key(other_data, dataset.train),
        statistics_key(dataset, dataset.train, "e" * 64),
        statistics_key(fewer, fewer.train),
    ]
    assert len(set(keys)) == len(keys)


def test_the_test_split_is_the_same_however_many_are_held_out() -> None:
    one, other = some_data(held_out=140), some_data(held_out=0)
    assert one.test is not None
    assert other.test is not None
    assert statistics_key(one, one.test) == statistics_key(other, other.test)


def test_figures_of_real_images_depend_on_what_is_held_out(judge: FakeJudge) -> None:
    def one(value: float) -> Callable[[], dict[str, np.ndarray]]:
        return lambda: {"fd": np.array([value])}

    whole, fewer = reference_of(judge), reference_of(judge, held_out=139)
    assert whole.figures(("fd",), [200, "fd"], one(1.0))["fd"] == 1.0
    assert whole.figures(("fd",), [200, "fd"], one(2.0))["fd"] == 1.0
    assert whole.figures(("fd",), [199, "fd"], one(3.0))["fd"] == 3.0
    assert fewer.figures(("fd",), [200, "fd"], one(4.0))["fd"] == 4.0


def test_figures_of_real_images_depend_on_what_the_classes_are_called(judge: FakeJudge) -> None:
    def figure(names: tuple[str, ...], value: float) -> float:
        reference = reference_of(judge, class_names=names)
        found = reference.figures(["x"], [5], lambda: {"x": np.array([value])})
        return float(found["x"][0])

    assert figure(CLASSES, 1.0) == 1.0
    assert figure(CLASSES[::-1], 2.0) == 2.0
    assert figure(CLASSES, 3.0) == 1.0
    assert figure(CLASSES[::-1], 4.0) == 2.0


def test_unseen_images_are_the_test_split_or_else_the_held_out_one(judge: FakeJudge) -> None:
    assert reference_of(judge).unseen.split == "test"
    assert reference_of(judge, test=None).unseen.split == "held_out"


def test_frequencies_are_the_shares_of_the_classes_trained_on(judge: FakeJudge) -> None:
    reference = reference_of(judge)
    labels = reference.dataset.train.labels
    assert labels is not None
    assert reference.frequencies.tolist() == [(labels == k).mean() for k in range(3)]


@pytest.mark.parametrize(
    ("judges", "datas", "known"),
    [
        (CLASSES, CLASSES, True),
        (("bright", "dark", "grey"), CLASSES, True),
        ((*CLASSES, "more"), CLASSES, True),
        (("dark", "grey", "other"), CLASSES, False),
        ((), CLASSES, False),
        (CLASSES, (), False),
    ],
)
def test_classes_are_known_where_the_judge_has_all_of_them(
    judges: tuple[str, ...], datas: tuple[str, ...], known: bool
) -> None:
    reference = Reference(some_data(class_names=datas), FakeJudge(class_names=judges)())
    assert reference.knows_classes is known
    assert (reference.view(reference.dataset.train).predicted is not None) is known


def test_predicted_classes_are_numbered_as_the_datas() -> None:
    judge = FakeJudge(class_names=("bright", "strange", "dark"))
    dataset = some_data(class_names=("dark", "bright"))
    reference = Reference(dataset, judge())
    images = np.stack([np.full((1, 8, 8), value, np.uint8) for value in (0, 120, 255)])
    view = reference.see(images, None)  # the judge finds its own 0, 1, 2
    assert view.predicted is not None
    assert view.predicted.tolist() == [1, -1, 0]


def test_the_witnesses_of_copying_are_held_out_and_the_others_are_test_images(
    judge: FakeJudge,
) -> None:
    reference = reference_of(judge)
    witnesses, others = reference.copy_test(150)
    dataset = reference.dataset
    assert dataset.test is not None
    assert np.array_equal(witnesses.features, reference.view(dataset.held_out).features)
    assert np.array_equal(others.features, reference.view(dataset.test, 150).features)


@pytest.mark.parametrize("values", [{"test": None}, {"held_out": 0}])
def test_with_one_unseen_split_its_halves_share_no_image(
    judge: FakeJudge, values: dict[str, Any]
) -> None:
    reference = reference_of(judge, **values)
    witnesses, others = reference.copy_test(1000)
    rows = [row.tobytes() for view in (witnesses, others) for row in view.features]
    assert len(set(rows)) == len(rows) == len(reference.unseen)
    assert len(reference.copy_test(20)[1]) == 20


def test_features_that_are_not_finite_are_never_kept(cache: Path, judge: FakeJudge) -> None:
    judge.breaks_on = 300
    reference = reference_of(judge)
    for _ in range(2):
        with pytest.raises(DataError, match="features of 1 of 300 images are not finite"):
            reference.view(reference.dataset.train)
    assert not cache.exists()


def test_statistics_of_the_shipped_data_ship(cache: Path) -> None:
    dataset = data.load("mnist")
    judge = judge_for(dataset)
    reference = Reference(dataset, judge)
    assert dataset.test is not None
    for part in (dataset.train, dataset.held_out, dataset.test):
        names = ("mean", "covariance", "count")
        assert find_cached(reference.statistics_key(part), names) is not None
    shipped = reference.statistics(dataset.test)
    assert not cache.exists()
    some = features_to_statistics(judge.features(dataset.test.images[::20]))
    error = shipped.covariance.diagonal() ** 0.5 / some.count**0.5
    assert (np.abs(some.mean - shipped.mean) < 5 * error + 1e-6).all()


def test_what_ships_of_mnist_agrees_with_itself_and_with_some_images(cache: Path) -> None:
    dataset = data.load("mnist")
    judge = judge_for(dataset)
    reference, train = Reference(dataset, judge), dataset.train
    spacing, bins = reference.spacing, reference.bins(100)
    assert not cache.exists()  # all of it ships
    assert (len(spacing), len(bins.centres), bins.counts.sum()) == (55_000, 100, 55_000)
    rows = np.arange(0, 55_000, 25)
    some = judge.features(train.images[rows])
    # Among fewer images the nearest other one is as far or farther; the slack is for rounding.
    assert (nearest_other(some) >= spacing[rows] * (1 - 1e-3) - 1e-6).all()
    shares = np.bincount(features_to_cells(some, bins.centres), minlength=100) / len(some)
    deviation = np.sqrt(bins.counts / 55_000 / len(some))
    assert (np.abs(shares - bins.counts / 55_000) < 6 * deviation).all()


def test_the_shipped_figures_of_real_digits_are_those_of_the_shipped_statistics() -> None:
    dataset = data.load("mnist")
    reference = Reference(dataset, judge_for(dataset))
    assert dataset.test is not None

    def never() -> dict[str, np.ndarray]:
        raise AssertionError("the figures ship")

    shipped = {
        name: float(reference.figures(names, [10_000, *names], never)[name][0])
        for names, _ in GROUPS
        for name in names
    }
    assert shipped["fd"] == pytest.approx(
        frechet_distance(
            real=reference.statistics(dataset.train), fake=reference.statistics(dataset.test)
        ),
        rel=1e-6,
    )
    card = reference.judge.card["accuracy"]
    assert shipped["label_accuracy"] == card["correct"] / card["count"]
