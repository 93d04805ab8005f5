"""Any pictures to what a discriminator says of each."""

import math
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

import ganvas
from ganvas.errors import DataError, GanvasError, UsageError
from ganvas.losses import LOSSES
from ganvas.model import Discriminator, load_discriminator
from ganvas.recipe import DiscriminatorSettings
from tests.model_helpers import NAMES, networks_of, small_config, write_model
from tests.scoring_helpers import CLASSES, PICTURES, save, write_pictures

Captured = pytest.CaptureFixture[str]


@pytest.fixture
def model(tmp_path: Path) -> Path:
    """A conditional model of 8x8 grey pictures in three classes."""
    write_model(tmp_path / "model", small_config(loss="non_saturating"))
    return tmp_path / "model"


@pytest.fixture
def plain(tmp_path: Path) -> Path:
    config = small_config(class_names=(), loss="non_saturating")
    write_model(tmp_path / "plain", config)
    return tmp_path / "plain"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write_pictures(tmp_path)


def logits(found: dict[str, Any]) -> dict[str, float]:
    return {Path(entry["picture"]).stem: entry["logit"] for entry in found["scores"]}


def close(first: Any, second: Any) -> bool:
    """Equal but for rounding, which a picture's place among others may change."""
    return bool(first == pytest.approx(second, rel=1e-5, abs=1e-6))


@pytest.mark.parametrize("loss", LOSSES)
def test_logits_are_the_networks_own_and_probabilities_follow(loss: str) -> None:
    config = small_config(loss=loss)
    _, network = networks_of(config)
    found = Discriminator(config, network)(PICTURES[..., None], CLASSES)

    with torch.no_grad():
        signal = torch.from_numpy(PICTURES[:, None]).float() / 127.5 - 1
        own = network(signal, torch.from_numpy(CLASSES)).numpy()
    np.testing.assert_allclose(found.logits, own, rtol=1e-4, atol=1e-5)
    boundary = LOSSES[loss].boundary
    if boundary is None:
        assert found.are_real is found.probabilities is None
        return
    assert found.are_real is not None
    np.testing.assert_array_equal(found.are_real, found.logits > boundary)
    if loss == "non_saturating":
        assert found.probabilities is not None
        expected = [1 / (1 + math.exp(-logit)) for logit in found.logits.tolist()]
        np.testing.assert_allclose(found.probabilities, expected, rtol=1e-12)
    elif loss == "least_squares":
        np.testing.assert_array_equal(found.probabilities, found.logits.clip(0, 1))
    else:
        assert found.probabilities is None


@pytest.mark.parametrize("loss", LOSSES)
def test_no_probability_has_a_reason(loss: str) -> None:
    config = small_config(loss=loss)
    discriminator = Discriminator(config, networks_of(config)[1])
    has_one = discriminator(PICTURES[..., None], 0).probabilities is not None
    assert has_one == (discriminator.no_probability is None)
    assert has_one == (LOSSES[loss].probability is not None)


def test_a_picture_scores_the_same_whatever_is_scored_with_it(model: Path) -> None:
    many = np.random.default_rng(1).integers(0, 256, (60, 8, 8, 1), dtype=np.uint8)
    discriminator = load_discriminator(model)
    whole = discriminator(many, 1).logits
    for first, last in ((0, 1), (13, 40), (59, 60)):
        again = discriminator(many[first:last], 1).logits
        np.testing.assert_allclose(again, whole[first:last], rtol=1e-5, atol=1e-6)
    assert discriminator(many[:0], 1).logits.shape == (0,)


def test_every_source_of_the_same_pictures_gives_the_same_scores(model: Path, folder: Path) -> None:
    shutil.make_archive(str(folder / "packed"), "zip", folder / "classes")
    np.savez(folder / "some.npz", images=PICTURES, labels=CLASSES, class_names=np.array(NAMES))
    found = [
        logits(ganvas.score(model, folder / name)) for name in ("classes", "packed.zip", "some.npz")
    ]
    assert close(found[0], found[1])
    assert close(found[0], found[2])
    assert len(found[0]) == len(PICTURES)
    ones = {str(n) for n in range(len(PICTURES)) if CLASSES[n] == 1}
    flat = logits(ganvas.score(model, folder / "flat", label="square"))
    assert {name for name in flat if close(flat[name], found[0][name])} == ones
    single = ganvas.score(model, folder / "flat" / "4.png", label=1)
    assert close(logits(single), {"4": flat["4"]})
    assert close(logits(ganvas.score(load_discriminator(model), PICTURES, label=1)), flat)


def test_a_label_rules_over_folders(model: Path, folder: Path) -> None:
    found = ganvas.score(model, folder / "classes", label="7")
    assert {entry["label"] for entry in found["scores"]} == {"7"}
    assert close(logits(found), logits(ganvas.score(model, folder / "flat", label=2)))


def test_without_classes_none_are_asked_for(plain: Path, folder: Path) -> None:
    found = ganvas.score(plain, folder / "classes")
    assert {entry["label"] for entry in found["scores"]} == {None}
    assert close(logits(found), logits(ganvas.score(plain, folder / "flat")))
    with pytest.raises(UsageError, match="has no classes"):
        ganvas.score(plain, folder / "flat", label=0)


def test_the_class_is_asked_for_where_it_is_not_known(model: Path, folder: Path) -> None:
    with pytest.raises(UsageError, match=r"3 classes \(circle, square, 7\).*--label"):
        ganvas.score(model, folder / "flat")
    (folder / "classes" / "7").rename(folder / "classes" / "cat")
    with pytest.raises(UsageError, match=r"'cat' is none of the model's classes.*--label"):
        ganvas.score(model, folder / "classes")
    with pytest.raises(UsageError, match="no class 'cat'"):
        ganvas.score(model, folder / "flat", label="cat")


def test_an_auxiliary_discriminator_judges_without_classes(tmp_path: Path, folder: Path) -> None:
    config = small_config(
        loss="hinge", discriminator=DiscriminatorSettings(width=4, classes="auxiliary")
    )
    write_model(tmp_path / "auxiliary", config)
    model = tmp_path / "auxiliary"
    flat = ganvas.score(model, folder / "flat")
    assert {entry["label"] for entry in flat["scores"]} == {None}
    (folder / "classes" / "7").rename(folder / "classes" / "cat")  # no class is compared
    assert close(logits(ganvas.score(model, folder / "classes")), logits(flat))
    with pytest.raises(UsageError, match=r"judges an image without its class.*takes no labels"):
        ganvas.score(model, folder / "flat", label=1)
    with pytest.raises(UsageError, match="takes no labels"):
        load_discriminator(model)(PICTURES[..., None], CLASSES)


@pytest.mark.parametrize("name", ["large", "large/a.png"])
def test_pictures_beyond_all_sizes_are_told_of_fit_which_brings_them_there(
    name: str, model: Path, tmp_path: Path
) -> None:
    save(tmp_path / "large" / "a.png", np.full((300, 200), 9, np.uint8))
    with pytest.raises(DataError, match=r"300x200 pixels.*the model takes 8x8, --fit") as caught:
        ganvas.score(model, tmp_path / name, label=0)
    assert "--size" not in str(caught.value)
    assert len(ganvas.score(model, tmp_path / name, label=0, fit="crop")["scores"]) == 1


@pytest.mark.parametrize("name", ["wide", "colour", "wide.npz", "mixed"])
def test_other_sizes_and_channels_are_refused_or_fitted_as_asked(
    name: str, model: Path, tmp_path: Path
) -> None:
    wide = np.full((10, 30), 9, np.uint8)
    save(tmp_path / "wide" / "a.png", wide)
    save(tmp_path / "colour" / "a.png", np.full((8, 8, 3), 9, np.uint8))
    np.savez(tmp_path / "wide.npz", images=wide[None])
    save(tmp_path / "mixed" / "a.png", wide)
    save(tmp_path / "mixed" / "b.png", PICTURES[0])
    with pytest.raises(GanvasError, match=r"the model takes pictures of 8x8 grey.*--fit"):
        ganvas.score(model, tmp_path / name, label=0)
    scores = ganvas.score(model, tmp_path / name, label=0, fit="crop")["scores"]
    even = ganvas.score(model, np.full((1, 8, 8), 9, np.uint8), label=0)["scores"]
    assert close(scores[0]["logit"], even[0]["logit"])


def test_damaged_pictures_are_refused_or_left_out_as_allowed(model: Path, folder: Path) -> None:
    (folder / "flat" / "3.png").write_bytes(b"no picture")
    with pytest.raises(DataError, match=r"3\.png"):
        ganvas.score(model, folder / "flat", label=0)
    with pytest.raises(DataError, match=r"3\.png cannot be read"):
        ganvas.score(model, folder / "flat" / "3.png", label=0)
    found = ganvas.score(model, folder / "flat", label=0, max_bad=0.2)
    assert [bad["picture"] for bad in found["refused"]] == ["3.png"]
    assert sorted(logits(found)) == ["0", "1", "2", "4", "5", "6"]


@pytest.mark.parametrize(
    ("images", "message"),
    [
        (np.zeros((2, 8, 8, 1)), "must be uint8"),
        (np.zeros((2, 8, 8), np.uint8), "must be uint8 of shape"),
        (np.zeros((2, 8, 9, 1), np.uint8), "are 8x9 grey, the model's are 8x8 grey"),
        (np.zeros((2, 8, 8, 3), np.uint8), "are 8x8 RGB"),
    ],
)
def test_a_discriminator_takes_its_own_kind_of_images(
    images: np.ndarray, message: str, model: Path
) -> None:
    discriminator = load_discriminator(model)
    with pytest.raises(UsageError, match=message):
        discriminator(images, 0)
    with pytest.raises(UsageError, match="3 classes"):
        discriminator(PICTURES[..., None])


def test_no_points_at_all_are_refused(tmp_path: Path) -> None:
    run = ganvas.train("ring", images=640, out=tmp_path, settings={"evaluation.samples": 0})
    with pytest.raises(UsageError, match="there are no points to score"):
        ganvas.score(run, np.zeros((0, 2), np.float32))


def test_weights_that_give_no_numbers_are_refused() -> None:
    config = small_config(loss="hinge")
    _, network = networks_of(config)
    for parameter in network.parameters():
        parameter.data.fill_(float("nan"))
    with pytest.raises(GanvasError, match="not finite"):
        Discriminator(config, network)(PICTURES[..., None], 0)


def test_the_shipped_discriminator_tells_its_fakes_from_noise(tmp_path: Path) -> None:
    fakes, labels = ganvas.load("mnist").sample(50, seed=0)
    noise = np.random.default_rng(0).integers(0, 256, (50, 28, 28, 1), dtype=np.uint8)
    discriminator = ganvas.load_discriminator("mnist")
    assert labels is not None
    made = discriminator(fakes.transpose(0, 2, 3, 1), labels)
    wrong = discriminator(fakes.transpose(0, 2, 3, 1), (labels + 1) % 10)
    assert made.probabilities is not None
    assert made.logits.mean() > wrong.logits.mean() + 2
    assert made.logits.mean() > discriminator(noise, labels).logits.mean() + 2
