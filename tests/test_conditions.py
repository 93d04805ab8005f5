"""What is asked for: classes, clusters, or nothing; how often each is among images and points."""

import numpy as np
import pytest

from ganvas.clusters import fit_clusters
from ganvas.conditions import (
    class_frequencies,
    compared,
    conditioned,
    num_conditions,
    real_examples,
)
from ganvas.data.images import Images
from ganvas.data.points import Points
from ganvas.data.request import to_data
from tests.training_helpers import TINY, tiny_data, tiny_trainer


def test_frequencies_are_the_training_splits_own() -> None:
    data = tiny_data()
    frequencies = class_frequencies(data.train, 3)
    assert data.train.labels is not None
    counts = [int((data.train.labels == label).sum()) for label in range(3)]
    assert frequencies == tuple(count / len(data.train) for count in counts)
    assert class_frequencies(tiny_data(classes=0).train, 0) == ()


@pytest.mark.parametrize(("settings", "count"), [
    ({"conditioning": "class"}, 3), ({"conditioning": "none"}, 0),
    ({"conditioning": "clusters", "clusters.count": 5}, 5),
])  # fmt: skip
def test_so_many_are_told_apart(settings: dict[str, object], count: int) -> None:
    assert num_conditions(TINY.with_settings(settings), tiny_data()) == count


def test_without_clusters_labels_are_the_data_s_own() -> None:
    part = tiny_data().train
    assert conditioned(part, None) is part


def test_with_clusters_labels_are_those_of_each_image_and_nothing_else_changes() -> None:
    part = tiny_data(classes=0).train
    clusters = fit_clusters(part.images, count=4, components=3, seed=0)
    told = conditioned(part, clusters)
    assert told.labels is not None
    assert np.array_equal(told.labels, clusters.of(part.images))
    assert compared(told) is compared(part)


def test_points_are_compared_as_networks_see_them() -> None:
    points = to_data("ring").train
    assert isinstance(points, Points)
    assert np.array_equal(compared(points), points.signal)


def test_frequencies_add_up_to_one() -> None:
    trainer = tiny_trainer()
    shares = class_frequencies(trainer.train_images, 7)
    assert len(shares) == 7
    assert sum(shares) == pytest.approx(1)
    assert shares[3:] == (0, 0, 0, 0)


def sorted_by_class(count: int) -> Images:
    """Images that lie as in class folders, each all of its number's grey."""
    pixels = np.arange(count, dtype=np.uint8)[:, None, None, None]
    labels = np.arange(count) * 4 // count
    return Images(images=np.broadcast_to(pixels, (count, 1, 8, 8)), labels=labels, split="train")


def test_real_images_are_shown_a_row_for_each_class_where_samples_are() -> None:
    part = sorted_by_class(200)
    shown = real_examples(TINY.with_settings({"conditioning": "class"}), part)[:, 0, 0, 0]
    assert shown.tolist() == [50 * row + column for row in range(4) for column in range(10)]


@pytest.mark.parametrize("conditioning", ["none", "clusters"])
def test_elsewhere_they_are_drawn_as_samples_are(conditioning: str) -> None:
    settings = {"conditioning": conditioning, "clusters.count": 5}
    recipe, part = TINY.with_settings(settings), sorted_by_class(200)
    assert part.labels is not None
    shown = real_examples(recipe, part)
    rows = shown[:, 0, 0, 0]
    assert len(np.unique(rows)) == len(rows) == 100
    for row in rows.reshape(10, 10):
        assert len(np.unique(part.labels[row])) > 1  # no row is of one class
    assert np.array_equal(real_examples(recipe, part), shown)
    assert not np.array_equal(real_examples(recipe.with_settings({"seed": 1}), part), shown)
    few = real_examples(recipe, sorted_by_class(30))[:, 0, 0, 0]
    assert sorted(few.tolist()) == list(range(30))
