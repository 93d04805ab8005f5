"""Stacks of three images: each channel is one of them, whatever its class says."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ganvas.data import load
from ganvas.data.named.kinds import StackedSource
from ganvas.data.named.sources import MNIST, STACKED_MNIST
from ganvas.data.named.stacked import stack
from ganvas.data.whole import Whole
from tests.picture_helpers import noise


def grey(classes: int) -> Whole:
    """Images whose first pixel is their row and second their class."""
    images = noise(200, 1, 8, 8)
    images[:, 0, 0, 0] = np.arange(200)
    labels = np.arange(200) % classes
    images[:, 0, 0, 1] = labels
    return Whole(
        name="grey",
        images=images,
        labels=labels,
        test_images=images[::-1].copy(),
        test_labels=labels[::-1].copy(),
        class_names=tuple("abcdefgh"[:classes]),
        digest="",
        source="memory",
    )


def small(num_train: int, num_test: int) -> StackedSource:
    return StackedSource(
        name="s", title="", licence="", of=MNIST, num_train=num_train, num_test=num_test
    )


@given(st.integers(2, 8))
def test_channels_are_images_and_classes_are_triples(classes: int) -> None:
    of = grey(classes)
    found = stack(small(300, 50), of)
    assert found.test_images is not None
    assert found.test_labels is not None
    for images, labels, plain in (
        (found.images, found.labels, of.images),
        (found.test_images, found.test_labels, of.images),
    ):
        np.testing.assert_array_equal(images, plain[images[:, :, 0, 0], 0])
        digits = images[:, :, 0, 1].astype(int)
        assert labels is not None
        np.testing.assert_array_equal(labels, digits @ [classes**2, classes, 1])
        for row in (0, 7):
            assert found.class_names[labels[row]] == "".join(
                of.class_names[digit] for digit in digits[row]
            )


def test_the_draw_is_fixed_and_uniform() -> None:
    first, again = stack(small(6000, 10), grey(4)), stack(small(6000, 10), grey(4))
    assert first.digest == again.digest
    counts = np.bincount(first.images[:, :, 0, 0].ravel(), minlength=200)
    assert np.abs(counts - 90).max() < 5.5 * np.sqrt(90)
    assert first.test_images is not None
    assert not np.array_equal(first.images[:10], first.test_images)


@pytest.mark.slow
def test_stacked_mnist_is_the_published_size_and_holds_out_without_a_copy() -> None:
    dataset = load("stacked-mnist")
    assert dataset.train.images.shape == (123_000, 3, 28, 28)
    assert dataset.held_out.images.shape == (5_000, 3, 28, 28)
    assert np.shares_memory(dataset.train.images.base, dataset.held_out.images.base)
    assert dataset.num_classes == 1000
    assert dataset.train.labels is not None
    assert len(np.unique(dataset.train.labels)) == 1000
    assert dataset.digest == (
        "sha256:7021d32790c428dce2a9cdcd299949586e39343ef27e2298853a248c68077d9c"
    )
    assert len(load("stacked-mnist:123").train) < 200
    assert dataset.test is not None
    assert (len(dataset.test), STACKED_MNIST.num_test) == (26_000, 26_000)
