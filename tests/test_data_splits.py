from hashlib import sha256

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ganvas.data.images import ImageArray, Images, LabelArray
from ganvas.data.splits import arrays_to_digest, split_held_out
from ganvas.errors import UsageError
from ganvas.seeding import numpy_stream

counts = st.integers(1, 300).flatmap(lambda n: st.tuples(st.just(n), st.integers(0, n - 1)))


def numbered(total: int) -> tuple[ImageArray, LabelArray]:
    """Images that show their own row number in two pixels, and labels that equal it."""
    images = np.zeros((total, 1, 8, 8), dtype=np.uint8)
    rows = np.arange(total)
    images[:, 0, 0, 0], images[:, 0, 0, 1] = rows % 256, rows // 256
    return images, rows.astype(np.int64)


def rows_of(part: Images) -> list[int]:
    pixels = part.images[:, 0, 0, :2].astype(np.int64)
    return [int(row) for row in pixels @ np.array([1, 256])]


@given(counts)
def test_parts_are_disjoint_complete_and_labelled_as_before(count: tuple[int, int]) -> None:
    total, held_out = count
    train, rest = split_held_out(*numbered(total), held_out)
    assert (train.split, rest.split) == ("train", "held_out")
    assert (len(train), len(rest)) == (total - held_out, held_out)
    assert sorted(rows_of(train) + rows_of(rest)) == list(range(total))
    for part in (train, rest):
        assert part.labels is not None
        assert rows_of(part) == part.labels.tolist()


@given(counts)
def test_held_out_rows_start_the_fixed_permutation_and_train_keeps_its_order(
    count: tuple[int, int],
) -> None:
    total, held_out = count
    train, rest = split_held_out(*numbered(total), held_out)
    order = numpy_stream(0, "data.held_out").permutation(total)
    assert rows_of(rest) == order[:held_out].tolist()
    assert rows_of(train) == sorted(rows_of(train))


def test_a_larger_number_holds_out_a_superset() -> None:
    images, labels = numbered(100)
    few = rows_of(split_held_out(images, labels, 10)[1])
    more = rows_of(split_held_out(images, labels, 50)[1])
    assert more[:10] == few


def test_without_labels_both_parts_have_none() -> None:
    for part in split_held_out(numbered(20)[0], None, 5):
        assert part.labels is None


@pytest.mark.parametrize("held_out", [20, 21, -1, 2.0, "3", None])
def test_a_number_outside_the_rule_is_refused(held_out: int) -> None:
    with pytest.raises(UsageError, match=r"data\.held_out must be .* 0 to 19 .* got"):
        split_held_out(*numbered(20), held_out)


def test_digest_is_sha256_of_name_type_shape_and_bytes() -> None:
    labels = np.array([1, 258], dtype=np.int64)
    bytes_ = b"labels <i8 (2,)\n" + bytes([1, 0, 0, 0, 0, 0, 0, 0, 2, 1, 0, 0, 0, 0, 0, 0])
    assert arrays_to_digest(labels=labels) == f"sha256:{sha256(bytes_).hexdigest()}"


def test_digest_sees_content_and_shape_but_not_memory_layout() -> None:
    images, labels = numbered(12)
    digest = arrays_to_digest(images=images, labels=labels)
    strided = np.asfortranarray(images)
    swapped = labels.astype(">i8")
    assert arrays_to_digest(images=strided, labels=swapped) == digest
    assert arrays_to_digest(images=images, labels=labels, more=None) == digest
    changed = images.copy()
    changed[3, 0, 2, 2] ^= 1
    others = {
        arrays_to_digest(images=changed, labels=labels),
        arrays_to_digest(images=images.reshape(12, 1, 4, 16), labels=labels),
        arrays_to_digest(images=images, labels=labels[::-1]),
        arrays_to_digest(images=images),
    }
    assert len(others | {digest}) == 5
