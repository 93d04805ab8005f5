"""Some classes of a data set: nothing the whole one holds out is ever trained on."""

from dataclasses import replace
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ganvas.data import load
from ganvas.data.images import DataSet, Images
from ganvas.data.refused import Refused
from ganvas.data.whole import Whole
from ganvas.errors import UsageError

NAMES = ("ant", "bee", "cow", "dog, wet")


def made_up(labels: list[int], held_out: int | None = None) -> Whole:
    """Images whose first pixel is their row; a test split of the same ones."""
    count = len(labels)
    images = np.zeros((count, 1, 8, 8), np.uint8)
    images[:, 0, 0, 0] = np.arange(count)
    ids = np.array(labels, dtype=np.int64)
    return Whole(
        name="farm",
        images=images,
        labels=ids,
        test_images=images[::-1],
        test_labels=ids[::-1],
        class_names=NAMES,
        digest="sha256:0",
        source="memory",
        reference="/data/farm",
        held_out=held_out,
    )


def rows(part: Images) -> list[int]:
    return [int(row) for row in part.images[:, 0, 0, 0]]


many = st.lists(st.integers(0, 3), min_size=30, max_size=120).map(
    lambda few: few + [0, 1, 2, 3] * 5
)
chosen = st.sampled_from([c for n in (1, 2, 3, 4) for c in combinations(range(4), n)])


@given(many, chosen, st.integers(0, 20))
def test_a_subset_is_the_wholes_splits_filtered(
    labels: list[int], classes: tuple[int, ...], held_out: int
) -> None:
    whole = made_up(labels, held_out)
    parent, subset = whole.split(), whole.only([str(c) for c in classes])
    try:
        part = subset.split()
    except UsageError:  # all images of the classes are held out
        assert not set(classes) & {labels[row] for row in rows(parent.train)}
        return
    assert parent.test is not None
    assert part.test is not None
    for mine, theirs in (
        (part.train, parent.train), (part.held_out, parent.held_out), (part.test, parent.test),
    ):  # fmt: skip
        assert rows(mine) == [row for row in rows(theirs) if labels[row] in classes]
        assert mine.labels is not None
        assert [classes[label] for label in mine.labels] == [labels[row] for row in rows(mine)]
    assert part.class_names == tuple(NAMES[c] for c in classes)


@given(many, chosen)
def test_the_count_that_came_out_gives_the_same_split_again(
    labels: list[int], classes: tuple[int, ...]
) -> None:
    subset = made_up(labels, 8).only([NAMES[c] for c in classes])
    count = subset.default_held_out
    if count < len(subset.images):
        again = subset.split(count)
        assert rows(again.train) == rows(subset.split().train)
        if count:
            assert rows(subset.split(count - 1).held_out) == rows(again.held_out)[:-1]


def test_it_knows_what_it_is_of() -> None:
    whole = made_up([0, 1, 2, 3] * 10)
    part = whole.only(["3", "bee"]).split()
    assert part.parent is not None
    assert (part.parent.name, part.parent.digest) == ("farm", "sha256:0")
    assert part.parent.class_names == NAMES
    assert (part.name, part.reference) == ("farm:bee,3", "/data/farm:bee,3")
    assert whole.split().parent is None
    digests = {whole.only(list(c)).digest for c in ("0", "1", "01", "012", "0123")}
    assert len(digests | {whole.digest}) == 6
    assert whole.only(["1", "0"]).digest == whole.only(["ant", "bee"]).digest


def test_a_class_without_test_images_has_no_test_split() -> None:
    whole = made_up([0, 0, 0, 1, 1, 1], 0)
    assert whole.test_images is not None
    whole = Whole(
        **{name: getattr(whole, name) for name in Whole.__slots__}
        | {"test_images": whole.images[:3], "test_labels": np.zeros(3, np.int64)}
    )
    assert whole.only(["1"]).split().test is None


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        (["cat"], "farm has no class 'cat'; did you mean 'ant'|choose"),
        (["4"], "farm has no class '4'"),
        (["9" * 5000], "farm has no class"),
        (["0", "ant"], "class 'ant' is asked for twice"),
        (["cow"], "no training image of class cow"),
    ],
)
def test_classes_that_are_not_there_are_refused(asked: list[str], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        made_up([0, 1] * 10).only(asked)


def test_without_labels_there_is_nothing_to_choose() -> None:
    plain = Whole(
        name="x", images=np.zeros((3, 1, 8, 8), np.uint8), labels=None, class_names=(),
        digest="", source="",
    )  # fmt: skip
    with pytest.raises(UsageError, match="x has no classes to choose 'a' from"):
        plain.only(["a"])


def test_digits_of_mnist() -> None:
    some, whole = load("mnist:5,3"), load("mnist")
    assert (some.name, some.reference, some.class_names) == ("mnist:3,5", "mnist:3,5", ("3", "5"))
    for part in ("train", "held_out", "test"):
        mine, theirs = getattr(some, part), getattr(whole, part)
        keep = np.isin(theirs.labels, [3, 5])
        np.testing.assert_array_equal(mine.images, theirs.images[keep])
        np.testing.assert_array_equal(mine.labels, theirs.labels[keep] == 5)
    again: DataSet = load(some.reference, held_out=len(some.held_out))
    np.testing.assert_array_equal(again.train.images, some.train.images)
    assert again.digest == some.digest


def test_files_left_out_are_those_of_the_chosen_classes() -> None:
    bad = tuple(
        Refused(name, "no picture")
        for name in ("ant/1.png", "train/bee/deep/2.png", "test/ant/3.png", "4.png")
    )
    whole = replace(made_up([0, 1, 2, 3] * 5), refused=bad)
    assert [one.name for one in whole.only(["ant"]).refused] == ["ant/1.png", "test/ant/3.png"]
    assert [one.name for one in whole.only(["bee", "cow"]).refused] == ["train/bee/deep/2.png"]
