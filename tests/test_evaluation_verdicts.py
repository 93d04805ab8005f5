"""What D says of the pictures that people look at, written beside them."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor, nn

import ganvas
from ganvas.conditions import real_examples
from ganvas.data.images import DataSet
from ganvas.evaluation.verdicts import Verdicts
from ganvas.losses import LOSSES
from ganvas.recipe import DiscriminatorSettings, EvaluationSettings, LossSettings, Recipe
from tests.training_helpers import TINY, tiny_data, tiny_trainer

DIGITS = tiny_data(600)
CONDITIONAL = replace(TINY, conditioning="class")
PLAIN = replace(TINY, conditioning="none")


class Brightness(nn.Module):
    """A D whose logit is the mean of a picture's signal, less a tenth of its class."""

    def __init__(self) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.zeros(()))

    def forward(self, images: Tensor, labels: Tensor | None) -> Tensor:
        assert not self.training
        logits = images.mean(dim=(1, 2, 3))
        return logits if labels is None else logits - labels / 10


def grey(data: DataSet, values: list[int]) -> np.ndarray:
    shape = (data.channels, data.height, data.width)
    return np.stack([np.full(shape, value, np.uint8) for value in values])


def labels_of(data: DataSet) -> np.ndarray:
    assert data.train.labels is not None
    return data.train.labels


def test_each_image_has_its_own_verdict_in_the_pictures_order() -> None:
    samples = grey(DIGITS, [0, 255, 127, 0])
    said = Verdicts(PLAIN, DIGITS)(samples, Brightness())
    assert said["of"] == "probability"
    expected = torch.sigmoid(torch.tensor([-1.0, 1.0, 127 / 127.5 - 1, -1.0]))
    assert said["fake"] == pytest.approx(expected.tolist(), abs=1e-4)
    shown = torch.from_numpy(real_examples(PLAIN, DIGITS.train)).float().mean(dim=(1, 2, 3))
    assert said["real"] == pytest.approx(torch.sigmoid(shown / 127.5 - 1).tolist(), abs=1e-4)


def test_classes_go_with_the_rows() -> None:
    rows = len(np.unique(labels_of(DIGITS)))
    samples = grey(DIGITS, [255] * 10 * DIGITS.num_classes)
    said = Verdicts(CONDITIONAL, DIGITS)(samples, Brightness())
    expected = torch.sigmoid(1 - torch.arange(DIGITS.num_classes).repeat_interleave(10) / 10)
    assert said["fake"] == pytest.approx(expected.tolist(), abs=1e-4)
    assert len(said["real"]) == 10 * rows


@pytest.mark.parametrize("loss", list(LOSSES))
def test_what_is_no_probability_is_not_called_one(loss: str) -> None:
    recipe: Recipe = replace(PLAIN, loss=LossSettings(name=loss))  # type: ignore[arg-type]
    said = Verdicts(recipe, DIGITS)(grey(DIGITS, [0, 255]), Brightness())
    game = LOSSES[loss]
    assert (said["of"] == "probability") is (game.probability is not None)
    assert (said["boundary"] is None) is (game.boundary is None)
    if game.probability is None:
        assert said["fake"] == [-1.0, 1.0]


def test_a_packed_d_is_not_asked_for_single_images() -> None:
    packed = replace(TINY, discriminator=DiscriminatorSettings(architecture="swift", pack=2))
    assert Verdicts.can_be(TINY)
    assert not Verdicts.can_be(packed)


def test_d_is_as_it_was() -> None:
    trainer = tiny_trainer(CONDITIONAL, DIGITS)
    before = {
        name: value.clone() for name, value in trainer.step.discriminator.state_dict().items()
    }
    modes = [part.training for part in trainer.step.discriminator.modules()]
    samples, *_ = trainer.fixed_samples()
    said = Verdicts(CONDITIONAL, DIGITS)(samples, trainer.step.discriminator)
    assert all(0 <= value <= 1 for value in said["real"] + said["fake"])
    assert modes == [part.training for part in trainer.step.discriminator.modules()]
    after = trainer.step.discriminator.state_dict()
    assert all(torch.equal(value, after[name]) for name, value in before.items())


def test_a_run_leaves_them_beside_its_samples(tmp_path: Path) -> None:
    recipe = replace(TINY, evaluation=EvaluationSettings(validation_images=0, probe_samples=0))
    run = ganvas.train(
        DIGITS,
        recipe=recipe,
        out=tmp_path,
        images=64,
        settings={"log.samples_every_images": 32, "evaluation.samples": 0},
    )
    samples = sorted(path.stem for path in (run.directory / "samples").glob("*.png"))
    assert samples == ["000000032", "000000064"]
    for stem in samples:
        said = json.loads((run.directory / "samples" / f"{stem}.json").read_text())
        assert said["images"] == int(stem)
        assert len(said["fake"]) == 10 * DIGITS.num_classes
