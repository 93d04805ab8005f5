import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from ganvas.cli.main import main
from ganvas.data import load
from ganvas.data.images import DataSet, Images
from ganvas.errors import DataError, UsageError
from ganvas.judge import Judge, judge_folders, judge_for, load_judge, save_judge
from ganvas.judge.architecture import Architecture
from ganvas.judge.card import read_card
from ganvas.judge.network import initialise
from ganvas.judge.untrained import RANDOM
from ganvas.rng import stream
from ganvas.weights import write_weights

SHAPE = (3, 9, 10)


def draw_images(count: int, shape: tuple[int, ...] = SHAPE) -> np.ndarray:
    return np.random.default_rng(count).integers(0, 256, (count, *shape), dtype=np.uint8)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A judge of 3x9x10 pictures with random weights."""
    architecture = Architecture(channels=3, height=9, width=10, num_classes=4, first_width=8)
    return save_judge(
        tmp_path / "blobs",
        initialise(architecture, stream(0, "test")),
        name="blobs",
        class_names=["a", "b", "c", "d"],
        data={
            "name": "blobs",
            "digest": "sha256:" + "1" * 64,
            "split": "train",
            "images": 7,
            "licence": "none",
        },
        training={"seed": 0, "threads": 1, "epochs": 0},
        accuracy=None,
        command="ganvas judge train blobs",
    )


def dataset(name: str, shape: tuple[int, ...], class_names: tuple[str, ...]) -> DataSet:
    labels = np.zeros(2, np.int64) if class_names else None
    return DataSet(
        name=name,
        train=Images(split="train", images=draw_images(2, shape), labels=labels),
        held_out=Images(split="held_out", images=draw_images(2, shape), labels=labels),
        test=None,
        class_names=class_names,
        digest="sha256:" + "2" * 64,
        source="drawn",
        licence="none",
    )


def edit(folder: Path, **entries: Any) -> None:
    path = folder / "config.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | entries))


def test_what_was_saved_judges_as_before(folder: Path) -> None:
    architecture = Architecture(channels=3, height=9, width=10, num_classes=4, first_width=8)
    network = initialise(architecture, stream(0, "test")).eval()
    images = draw_images(11)
    with torch.inference_mode():
        expected = network.features(torch.from_numpy(images).float())
    judge = load_judge(folder)
    assert isinstance(judge, Judge)
    np.testing.assert_allclose(judge.features(images), expected.numpy(), rtol=1e-5, atol=1e-6)
    assert judge.features(images).dtype == np.float32
    assert judge.channels == 3
    assert judge.size == (9, 10)
    assert judge.digest == judge.card["weights"]["digest"]


def test_the_same_weights_are_the_same_bytes(folder: Path) -> None:
    architecture = Architecture(channels=3, height=9, width=10, num_classes=4, first_width=8)
    state = initialise(architecture, stream(0, "test")).state_dict()
    again = folder / "again.safetensors"
    digest = write_weights(again, state, {"format": "pt"})
    assert digest == load_judge(folder).digest
    assert again.read_bytes() == (folder / "model.safetensors").read_bytes()


@pytest.mark.parametrize("count", [1, 3, 16, 501])
def test_the_features_of_a_picture_do_not_depend_on_those_beside_it(
    folder: Path, count: int
) -> None:
    judge, images = load_judge(folder), draw_images(17)
    features, labels = judge.features_and_labels(images)
    others = np.concatenate([images[4:5], draw_images(count)])
    assert np.array_equal(judge.features(others)[0], features[4])
    assert labels is not None
    assert judge.predict(others)[0] == labels[4]
    assert labels.dtype == np.int64


def test_images_that_may_not_be_written_to_and_none_at_all_are_judged(folder: Path) -> None:
    judge, images = load_judge(folder), draw_images(4)
    expected = judge.features(images)
    images.setflags(write=False)
    assert np.array_equal(judge.features(images), expected)
    assert judge.features(images[:0]).shape == (0, 128)
    assert judge.predict(images[:0]).shape == (0,)


@pytest.mark.parametrize(
    "images",
    [
        draw_images(2, (1, 9, 10)),
        draw_images(2, (3, 10, 9)),
        draw_images(2).astype(np.float32),
        draw_images(2)[0],
    ],
)
def test_images_that_do_not_fit_are_refused_with_the_rule(folder: Path, images: np.ndarray) -> None:
    with pytest.raises(UsageError, match=r"'blobs' takes uint8 images of shape \(N, 3, 9, 10\)"):
        load_judge(folder).features(images)


def test_one_changed_bit_is_found(folder: Path) -> None:
    path = folder / "model.safetensors"
    content = bytearray(path.read_bytes())
    digest = load_judge(folder).digest
    content[-1] ^= 1
    path.write_bytes(content)
    with pytest.raises(DataError, match=f"model.safetensors .*expected {digest}, found sha256:"):
        load_judge(folder)


def test_weights_of_another_architecture_are_refused_though_the_digest_fits(folder: Path) -> None:
    architecture = Architecture(channels=3, height=9, width=10, num_classes=5, first_width=8)
    state = initialise(architecture, stream(0, "test")).state_dict()
    digest = write_weights(folder / "model.safetensors", state, {})
    edit(folder, weights={"file": "model.safetensors", "digest": digest})
    with pytest.raises(DataError, match=r"'classify\.\w+' is float32 5.*, not float32 4"):
        load_judge(folder)


@pytest.mark.parametrize(
    ("entries", "message"),
    [
        ({"format_version": 2}, "format_version must be 1, found 2"),
        ({"architecture": {"channels": 3}}, "architecture must have exactly channels, height"),
        ({"architecture": [3]}, "architecture must be an object"),
        ({"architecture": None}, "architecture must be an object"),
        ({"size": [9, 9]}, r"size must be \[9, 10\]"),
        ({"features": 64}, "features must be 128, found 64"),
        ({"class_names": ["a", "b"]}, "class_names must be 4 names"),
        ({"class_names": 4}, "class_names must be 4 names"),
        ({"name": 7}, "name must be a text"),
        ({"data": []}, "data.name must be a text"),
        ({"weights": {"digest": "md5:0"}}, "weights.digest must be sha256"),
    ],
)
def test_a_wrong_entry_of_the_config_is_named(
    folder: Path, entries: dict[str, Any], message: str
) -> None:
    edit(folder, **entries)
    with pytest.raises(DataError, match=message) as caught:
        load_judge(folder)
    assert "config.json" in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "accuracy",
    [
        {"correct": 1},
        {"correct": 0, "count": 0, "split": "test"},
        {"correct": 5, "count": 4, "split": "test"},
        {"correct": -1, "count": 4, "split": "test"},
        {"correct": True, "count": 4, "split": "test"},
        {"correct": 3, "count": 4},
        "good",
    ],
)
def test_an_accuracy_that_cannot_be_is_refused_and_hides_no_other_judge(
    folder: Path, accuracy: Any, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    edit(folder, accuracy=accuracy)
    with pytest.raises(DataError, match="accuracy"):
        read_card(folder)
    monkeypatch.setattr("ganvas.judge.card.user_folders", lambda: [folder.parent])
    assert main(["judge", "list"]) == 0
    shown = capsys.readouterr()
    assert "mnist" in shown.out
    assert "blobs" not in shown.out
    assert "left out: " in shown.err


def test_an_architecture_too_large_to_build_is_refused(folder: Path) -> None:
    card = load_judge(folder).card
    edit(folder, architecture=card["architecture"] | {"first_width": 10**9})
    with pytest.raises(DataError, match=r"config.json.*first_width must be"):
        load_judge(folder)


@pytest.mark.parametrize("content", ["", "[]", "{", '"text"'])
def test_a_config_that_is_no_object_is_refused(folder: Path, content: str) -> None:
    (folder / "config.json").write_text(content)
    with pytest.raises(DataError, match=r"config\.json"):
        load_judge(folder)


def test_judges_are_found_by_name_path_and_near_name(folder: Path) -> None:
    folders = [folder.parent]
    assert load_judge("blobs", folders=folders).name == "blobs"
    assert load_judge(str(folder)).name == "blobs"
    assert set(judge_folders(folders)) == {"blobs", *judge_folders()}
    with pytest.raises(UsageError, match="did you mean 'blobs'"):
        load_judge("blob", folders=folders)


@pytest.mark.parametrize(
    ("shape", "class_names", "same_data", "fits"),
    [
        (SHAPE, ("a", "b", "c", "d"), True, True),
        (SHAPE, ("d", "b"), True, True),
        (SHAPE, (), True, True),
        (SHAPE, ("a", "b", "c", "e"), True, False),
        ((1, 9, 10), ("a", "b", "c", "d"), True, False),
        ((3, 9, 9), ("a", "b", "c", "d"), True, False),
        (SHAPE, ("a", "b", "c", "d"), False, False),
    ],
)
def test_own_data_gets_the_judge_trained_on_it_or_the_random_network(
    folder: Path,
    shape: tuple[int, ...],
    class_names: tuple[str, ...],
    same_data: bool,
    fits: bool,
) -> None:
    own = load_judge(folder)
    digest = own.card["data"]["digest"] if same_data else "sha256:" + "7" * 64
    asked = replace(dataset("blobs", shape, class_names), digest=digest)
    judge = judge_for(asked, folders=[folder.parent])
    if fits:
        assert judge.digest == own.digest
        return
    assert (judge.name, judge.class_names) == (RANDOM, ())
    assert judge.fits(channels=shape[0], height=shape[1], width=shape[2])
    assert judge.digest == judge_for(asked, folders=[folder.parent]).digest != own.digest


def test_a_subset_of_classes_has_its_parents_judge() -> None:
    for name in ("mnist:3,5", "mnist:7"):
        subset = load(name)
        judge = judge_for(subset)
        assert judge.digest == load_judge("mnist").digest


def test_a_judge_that_cannot_be_read_is_passed_over(folder: Path) -> None:
    broken = folder.parent / "broken"
    broken.mkdir()
    (broken / "config.json").write_text("{}")
    asked = dataset("blobs", SHAPE, ("a", "b", "c", "d"))
    assert judge_for(asked, folders=[folder.parent]).name == RANDOM


def test_inception_is_named_with_what_it_needs(folder: Path) -> None:
    with pytest.raises(UsageError, match=r"no judge 'inception'.*ganvas judge convert"):
        load_judge("inception", folders=[folder.parent])


def test_the_card_can_be_read_by_people(folder: Path) -> None:
    text = (folder / "README.md").read_text()
    for part in ("blobs", "3x9x10", "ganvas judge train blobs", load_judge(folder).digest):
        assert part in text


@pytest.mark.parametrize("name", ["config.json", "model.safetensors"])
def test_a_link_out_of_a_judges_folder_is_refused(name: str, folder: Path, tmp_path: Path) -> None:
    elsewhere = tmp_path / name
    (folder / name).rename(elsewhere)
    (folder / name).symlink_to(elsewhere)
    with pytest.raises(DataError, match=rf"{name} is a link out of its folder"):
        load_judge(folder)
    (folder / name).unlink()
    elsewhere.rename(folder / "inner")
    (folder / name).symlink_to("inner")  # within it, a link is followed
    assert isinstance(load_judge(folder), Judge)
