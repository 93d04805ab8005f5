"""What the names of files say: order, classes, splits."""

from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ganvas.data.archives.container import Member
from ganvas.data.pictures.arrange import Arrangement, arrange, natural_key
from ganvas.errors import DataError


def arranged(*names: str) -> Arrangement:
    return arrange([Member(name, 1, i) for i, name in enumerate(names)], Path("pets"))


def rows(members: Sequence[Member]) -> list[str]:
    return [member.name for member in members]


@given(st.permutations(["a1.png", "a2.png", "a10.png", "b/c.png", "b/d2e.png", "b/d10e.png"]))
def test_order_counts_and_does_not_depend_on_the_systems(names: list[str]) -> None:
    found = arranged(*names)
    assert rows(found.train.members) == [
        "a1.png", "a2.png", "a10.png", "b/c.png", "b/d2e.png", "b/d10e.png",
    ]  # fmt: skip
    assert (found.train.labels, found.class_names, found.test) == (None, (), None)


@given(st.lists(st.text(st.sampled_from("ab012/.")), unique=True))
def test_the_order_is_total(names: list[str]) -> None:
    keys = [natural_key(name) for name in names]
    assert len(set(keys)) == len(names)
    sorted(keys)


def test_two_folders_are_classes_with_numbers_in_order() -> None:
    found = arranged("10/x.png", "9/x.JPG", "1/deep/er.png", "9/b.tif", "readme.txt")
    assert found.class_names == ("1", "9", "10")
    assert found.train.labels is not None
    assert found.train.labels.tolist() == [0, 1, 1, 2]
    assert rows(found.train.members) == ["1/deep/er.png", "9/b.tif", "9/x.JPG", "10/x.png"]
    assert found.num_ignored == 1


def test_folders_that_hold_one_folder_are_passed_through() -> None:
    assert arranged("top/in/cat/1.png", "top/in/dog/1.png").class_names == ("cat", "dog")
    assert arranged("top/cat/1.png", "top/cat/2.png").class_names == ()
    split = arranged(
        "top/train/a/1.png", "top/train/b/1.png", "top/test/b/1.png", "top/test/a/2.png"
    )
    assert split.class_names == ("a", "b")
    assert split.test is not None


def test_pictures_beside_folders_make_those_no_classes() -> None:
    assert arranged("x.png", "a/1.png", "b/1.png").class_names == ()


def test_train_and_test_are_splits_of_the_same_classes() -> None:
    found = arranged(
        "Train/a/1.png", "Train/b/1.png", "Train/c/1.png", "test/b/1.png", "test/c/2.png"
    )
    assert found.class_names == ("a", "b", "c")
    assert found.test is not None
    assert found.test.labels is not None
    assert found.test.labels.tolist() == [1, 2]
    flat = arranged("train/1.png", "test/2.png", "test/1.png")
    assert flat.test is not None
    assert (rows(flat.train.members), flat.train.labels) == (["train/1.png"], None)
    assert (rows(flat.test.members), flat.test.labels) == (["test/1.png", "test/2.png"], None)


def test_train_alone_is_a_folder_like_any_other() -> None:
    found = arranged("train/a/1.png", "train/b/1.png")
    assert (found.class_names, found.test) == (("a", "b"), None)


def test_letters_composed_or_not_are_one_class() -> None:
    found = arranged("caf\u00e9/1.png", "cafe\u0301/2.png", "tea/1.png")
    assert found.class_names == ("caf\u00e9", "tea")


@pytest.mark.parametrize(
    ("names", "message"),
    [
        ((), "no pictures in pets: it is empty; give a folder of"),
        (("a.txt", "b.txt", "c.GIF", "d"), r"it holds 2 \.txt, 1 \.gif, 1 no ending"),
        (
            ("train/1.png", "test/1.png", "valid/1.png", "valid/2.png"),
            r"which are splits, and 2 pictures in 'valid' beside them",
        ),
        (("train/1.png", "test/1.png", "x.png"), r"1 picture in '\.' beside them"),
        (
            ("train/a/1.png", "train/b/1.png", "test/1.png"),
            "train/ has two or more class folders and test/ has not",
        ),
        (("train/1.png", "test/a/1.png", "test/b/1.png"), "test/ has two or more"),
        (
            ("train/cat/1.png", "train/dog/1.png", "test/cat/1.png", "test/dogs/1.png"),
            "class 'dogs' is in test/ and not in train/; did you mean 'dog'",
        ),
    ],
)
def test_what_cannot_be_told_is_refused(names: tuple[str, ...], message: str) -> None:
    with pytest.raises(DataError, match=message):
        arranged(*names)


@pytest.mark.parametrize(
    ("train", "test"), [("training", "testing"), ("Training", "Test"), ("train", "TESTING")]
)
def test_training_and_testing_are_splits_too(train: str, test: str) -> None:
    found = arranged(
        *(f"net/{split}/{kind}/{i}.png" for split in (train, test) for kind in "ab" for i in (1, 2))
    )
    assert found.class_names == ("a", "b")
    assert found.test is not None
    assert (len(found.train.members), len(found.test.members)) == (4, 4)
    assert all(train in member.name for member in found.train.members)


@pytest.mark.parametrize("other", ["val", "valid", "Validation", "dev", "eval"])
def test_splits_by_another_name_are_not_taken_for_classes(other: str) -> None:
    names = [f"net/train/cat/{i}.png" for i in range(3)] + [f"net/{other}/cat/1.png"]
    with pytest.raises(DataError, match=f"has train/ and {other}/, and ganvas knows the splits"):
        arrange([Member(name, 1, i) for i, name in enumerate(names)], Path("net.zip"))


def test_splits_inside_the_class_folders_are_not_pooled() -> None:
    names = [
        f"{kind}/{split}/{i}.png"
        for kind in ("a", "b")
        for split in ("train", "test")
        for i in (1, 2)
    ]
    with pytest.raises(DataError, match="has train/, test/ inside its folders"):
        arrange([Member(name, 1, i) for i, name in enumerate(names)], Path("x"))
    pooled = [f"{kind}/{split}/1.png" for kind in "ab" for split in ("training", "testing")]
    with pytest.raises(DataError, match="has training/, testing/ inside its folders"):
        arrange([Member(name, 1, i) for i, name in enumerate(pooled)], Path("x"))
    lone = [f"{kind}/{i}.png" for kind in ("train", "bus", "dev") for i in (1, 2)]
    with pytest.raises(DataError, match="has train/ and dev/"):
        arrange([Member(name, 1, i) for i, name in enumerate(lone)], Path("x"))
    vehicles = [f"{kind}/{i}.png" for kind in ("train", "bus") for i in (1, 2)]
    found = arrange([Member(name, 1, i) for i, name in enumerate(vehicles)], Path("x"))
    assert found.class_names == ("bus", "train")
