from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from ganvas.data.arrays import from_arrays
from ganvas.data.images import DataSet, ImageArray, LabelArray
from ganvas.errors import UsageError


def pixels(*shape: int) -> ImageArray:
    return np.random.default_rng(0).integers(0, 256, shape, dtype=np.uint8)


def all_images(dataset: DataSet) -> ImageArray:
    """The images of a set that holds out none: (N, C, H, W) in the order given."""
    assert len(dataset.held_out) == 0
    return dataset.train.images


small = hnp.arrays(np.uint8, st.tuples(st.integers(2, 4), st.integers(8, 10), st.integers(8, 10)))


@given(small)
def test_every_type_of_the_same_picture_gives_the_same_bytes(images: ImageArray) -> None:
    digest = from_arrays(images, held_out=0).digest
    for same in (
        images.astype(np.int64),
        images.astype(np.uint16),
        images / np.float64(255),
        images.astype(np.float32) / np.float32(255),
        (images / 255).astype(np.float16),
    ):
        assert from_arrays(same, held_out=0).digest == digest


@given(small)
def test_floats_below_zero_mean_minus_one_to_one(images: ImageArray) -> None:
    images[0, 0, 0] = 0
    for dtype in (np.float64, np.float32, np.float16):
        signed = (images.astype(np.float64) / 127.5 - 1).astype(dtype)
        np.testing.assert_array_equal(all_images(from_arrays(signed, held_out=0))[:, 0], images)


def test_floats_round_to_the_nearest_byte_halves_up() -> None:
    images = np.zeros((2, 8, 8))
    images[0, 0, :6] = np.array([0.49, 0.5, 1.5, 127.51, 254.49, 254.5]) / 255
    assert all_images(from_arrays(images, held_out=0))[0, 0, 0, :6].tolist() == [
        0, 1, 2, 128, 254, 255,
    ]  # fmt: skip


def test_bool_is_black_and_white() -> None:
    images = pixels(3, 8, 9) > 127
    np.testing.assert_array_equal(
        all_images(from_arrays(images, held_out=0))[:, 0], np.where(images, 255, 0)
    )


def test_layouts_agree() -> None:
    nchw = pixels(5, 3, 8, 9)
    nhwc = nchw.transpose(0, 2, 3, 1)
    for images, layout in ((nchw, "auto"), (nhwc, "auto"), (nchw, "NCHW"), (nhwc, "NHWC")):
        dataset = from_arrays(images, layout=layout, held_out=0)  # type: ignore[arg-type]
        np.testing.assert_array_equal(all_images(dataset), nchw)
        assert (dataset.channels, dataset.height, dataset.width) == (3, 8, 9)


def test_three_axes_are_grey() -> None:
    grey = pixels(5, 8, 9)
    for images in (grey, grey[:, None], grey[..., None]):
        np.testing.assert_array_equal(all_images(from_arrays(images, held_out=0))[:, 0], grey)


def test_the_result_is_a_copy() -> None:
    images = pixels(4, 8, 8)
    labels = np.zeros(4, dtype=np.int64)
    dataset = from_arrays(images, labels, held_out=0)
    images[:], labels[:] = 7, 7
    assert dataset.train.labels is not None
    assert dataset.train.labels.max() == 0
    assert (dataset.train.images != 7).any()


@pytest.mark.parametrize(("total", "expected"), [(2, 0), (24, 2), (120, 10), (60_012, 5000)])
def test_held_out_default(total: int, expected: int) -> None:
    images = np.broadcast_to(np.zeros((), np.uint8), (total, 8, 8))
    dataset = from_arrays(images)
    assert (len(dataset.train), len(dataset.held_out)) == (total - expected, expected)
    assert dataset.test is None


@given(st.integers(2, 5), st.data(), st.sampled_from([np.uint8, np.int32, np.int64, np.uint64]))
def test_labels_follow_and_name_themselves(
    num_classes: int, data: st.DataObject, dtype: type
) -> None:
    labels = np.array([*range(num_classes), *data.draw(st.lists(st.integers(0, num_classes - 1)))])
    images = np.zeros((len(labels), 8, 8), np.uint8) + labels[:, None, None].astype(np.uint8)
    dataset = from_arrays(images, labels.astype(dtype), held_out=len(labels) // 2)
    assert dataset.class_names == tuple(str(label) for label in range(num_classes))
    for part in (dataset.train, dataset.held_out):
        assert part.labels is not None
        np.testing.assert_array_equal(part.images[:, 0, 0, 0], part.labels)


def test_class_names_may_have_classes_without_images() -> None:
    dataset = from_arrays(pixels(3, 8, 8), [0, 2, 0], class_names=["a", "b", "c"])
    assert dataset.class_names == ("a", "b", "c")
    assert dataset.num_classes == 3


def test_without_labels_there_are_no_classes() -> None:
    dataset = from_arrays(pixels(3, 8, 8), name="mine")
    assert (dataset.train.labels, dataset.num_classes, dataset.name) == (None, 0, "mine")


good = pixels(6, 8, 8)
nan, infinite = good / 255, good / 255
nan[2, 3, 4], infinite[1, 1, :3] = np.nan, np.inf


@pytest.mark.parametrize(
    ("images", "message"),
    [
        (good.astype(float), r"float images must lie in \[0, 1\].* found 0 to 25\d"),
        (good / 255 * 1.01, r"found .* to 1\.0"),
        (good / 127.5 - 1.1, r"or in \[-1, 1\] when any value is below 0; found -1\.1 to"),
        (nan, "hold 1 values that are NaN"),
        (infinite, "hold 3 values that are NaN or infinite"),
        (good.astype(int) + 1, "integer images must be 0 to 255, found 1 to 256"),
        (-good.astype(int), r"integer images must be 0 to 255, found -25\d to"),
        (good.astype(complex), "got complex128"),
        (np.array([["a"]]), r"shape \(1, 1\)"),
        ([[1, 2], [3]], "cannot be read as one NumPy array"),
        (pixels(4, 3, 8, 3), r"both of the second and the last axis.*layout='NHWC'"),
        (pixels(4, 8, 8, 8), r"neither of the second and the last axis"),
        (pixels(4, 8, 8, 2), r"neither of"),
        (pixels(1, 8, 8), "at least 2 images are needed, got 1"),
        (pixels(2, 0, 8)[:0], "at least 2 images are needed, got 0"),
        (pixels(4, 7, 8), "7x8 pixels, the networks take sides of 8 to 128"),
        (pixels(2, 8, 129), "8x129 pixels"),
        (pixels(4, 2, 8, 8, 3), "3 axes .* or 4"),
    ],
)
def test_bad_images_are_refused_with_what_was_found(images: Any, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        from_arrays(images)


@pytest.mark.parametrize(
    ("shape", "layout", "message"),
    [
        ((4, 8, 8), "NHWC", r"NHWC has 4 axes, but the images have shape \(4, 8, 8\)"),
        ((4, 1, 8, 8), "NHW", "NHW has 3 axes"),
        ((4, 8, 8, 3), "NCHW", "read as NCHW have 8 channels"),
        ((4, 8, 8), "NWH", r"unknown layout 'NWH'; did you mean 'NHW'\?"),
    ],
)
def test_a_layout_that_does_not_fit_is_refused(
    shape: tuple[int, ...], layout: Any, message: str
) -> None:
    with pytest.raises(UsageError, match=message):
        from_arrays(pixels(*shape), layout=layout)


@pytest.mark.parametrize(
    ("labels", "class_names", "message"),
    [
        ([0, 1, 2, 0, 1], (), r"each of the 6 images, shape \(6,\), got shape \(5,\)$"),
        (np.eye(6, dtype=int), (), r"one-hot rows take \.argmax"),
        ([0.0, 1, 0, 1, 0, 1], (), "labels must be integers from 0, got float64"),
        ([True, False] * 3, (), "got bool"),
        ([0, 1, -1, 0, 1, 0], (), "at least 0, found -1"),
        ([0, 1, 3, 0, 1, 3], (), "there are 4 classes, but class 2 has no image"),
        ([1, 1, 1, 1, 1, 1], (), "there are 2 classes, but class 0 has no image"),
        ([0, 1, 2, 0, 1, 2], ("a", "b"), r"labels must be 0 to 1 .*, found 2"),
        ([0, 1, 0, 1, 0, 1], ("a", "a"), "must differ"),
        (None, ("a", "b"), "class_names were given without labels"),
        (np.full(6, 2**63, np.uint64), (), "class 0 has no image"),
    ],
)
def test_bad_labels_are_refused_with_the_rule(
    labels: npt.ArrayLike | None, class_names: tuple[str, ...], message: str
) -> None:
    with pytest.raises(UsageError, match=message):
        from_arrays(good, labels, class_names=class_names)


def test_too_many_held_out_are_refused() -> None:
    with pytest.raises(UsageError, match="got 6; lower it"):
        from_arrays(good, held_out=6)


def test_digest_does_not_depend_on_the_split_and_sees_labels() -> None:
    labels: LabelArray = np.array([0, 1, 0, 1, 0, 1])
    plain = from_arrays(good, labels).digest
    assert from_arrays(good, labels, held_out=3).digest == plain
    assert from_arrays(good, 1 - labels).digest != plain
    assert from_arrays(good).digest != plain
