"""A new run: its directory, what training begins from, and that none stays half made."""

import json
from pathlib import Path
from typing import Any

import pytest
import torch

import ganvas
from ganvas.conditions import real_examples
from ganvas.data import load
from ganvas.errors import GanvasError, UsageError
from ganvas.events import Event, Noted
from ganvas.grid import COLUMNS
from ganvas.runlog import RunDirectory
from ganvas.session import rehearse
from ganvas.weights import read_tensors
from tests.judge_helpers import some_data
from tests.picture_helpers import numbered, write_files
from tests.session_helpers import train, weights
from tests.training_helpers import TINY, tiny_data


def test_a_directory_that_cannot_be_begun_is_removed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*arguments: Any) -> None:
        raise GanvasError("no space left")

    monkeypatch.setattr(RunDirectory, "write_environment", fail)
    with pytest.raises(GanvasError, match="no space"):
        train(tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_run_begins_from_the_networks_of_another_with_fresh_optimisers(tmp_path: Path) -> None:
    first = train(tmp_path)
    still = {f"optimizer.{player}.learning_rate": 0.0 for player in ("generator", "discriminator")}
    second = train(tmp_path, seed=5, init_from=first.directory, settings=still)
    for name in ("model.safetensors", "discriminator.safetensors"):
        begun, saved = (run.directory / "model" / name for run in (second, first))
        # Spectral norm and batch statistics aside, nothing has moved at a rate of 0.
        assert read_tensors(begun, None).keys() == read_tensors(saved, None).keys()
        for key, tensor in read_tensors(begun, None).items():
            if "running" not in key and "num_batches" not in key:
                assert torch.allclose(tensor, read_tensors(saved, None)[key], atol=1e-6), key
    noted = json.loads((second.directory / "env.json").read_text())["init_from"]
    assert noted["model"] == str(first.directory)
    assert weights(train(tmp_path, seed=5)) != weights(
        train(tmp_path, seed=5, init_from=first.directory)
    )


def test_networks_of_another_shape_are_refused_in_a_line(tmp_path: Path) -> None:
    first = train(tmp_path)
    with pytest.raises(UsageError, match=r"cannot begin from .* its generator has") as caught:
        train(tmp_path, init_from=first.directory, settings={"generator.width": 12})
    assert "\n" not in str(caught.value)
    with pytest.raises(UsageError, match="its discriminator has"):
        train(tmp_path, init_from=first.directory, settings={"discriminator.width": 6})
    with pytest.raises(UsageError, match="no model"):
        train(tmp_path, init_from=tmp_path / "nothing")
    with pytest.raises(UsageError, match="no model"):
        rehearse(TINY, tiny_data(), init_from=tmp_path / "nothing")
    assert len(list(tmp_path.iterdir())) == 1


@pytest.mark.parametrize("unconditional", [False, True])
def test_real_images_are_kept_laid_out_like_the_samples(
    tmp_path: Path, unconditional: bool
) -> None:
    data = tiny_data(200)
    run = train(tmp_path, data=data, unconditional=unconditional)
    expected = {
        conditioning: RunDirectory(tmp_path).write_grid(
            f"{conditioning}.png",
            real_examples(run.recipe.with_settings({"conditioning": conditioning}), data.train),
            COLUMNS,
        )[0]
        for conditioning in ("class", "none")
    }
    laid_out = expected["none" if unconditional else "class"].read_bytes()
    assert (run.directory / "reals.png").read_bytes() == laid_out
    assert len({path.read_bytes() for path in expected.values()}) == 2


def test_a_run_says_which_pictures_it_does_without(tmp_path: Path) -> None:
    place = write_files(tmp_path / "x", numbered(*(f"{i}.png" for i in range(24))))
    write_files(place, {"bad.png": b""})
    told: list[Event] = []
    dataset = load(place, max_bad=0.1)
    run = ganvas.train(dataset, recipe=TINY, out=tmp_path / "runs", watcher=told.append)
    words = "1 picture left out that cannot be read ('bad.png': zero bytes)"
    assert Noted(text=words) in told
    assert words in (run.directory / "log.txt").read_text()
    noted = json.loads((run.directory / "env.json").read_text())
    assert noted["num_refused"] == 1
    assert noted["refused"] == [{"name": "bad.png", "reason": "zero bytes"}]


def test_a_model_of_classes_is_no_start_for_data_without_and_it_is_said_what_is(
    tmp_path: Path,
) -> None:
    labelled = train(tmp_path, data=some_data())
    wide = {"clusters.count": 3}
    for data, words in (
        (some_data(class_names=()), "thirds has no labels, so begin from a model without classes"),
        (some_data(), "set conditioning to class"),
    ):
        with pytest.raises(UsageError, match=words):
            train(
                tmp_path,
                data=data,
                init_from=labelled,
                settings={"conditioning": "clusters", **wide},
            )
