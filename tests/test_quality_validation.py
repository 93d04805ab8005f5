"""D watched by a whole run: logged, drawn, told, and nothing else changed by it. Tiny runs."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

import ganvas
from ganvas.errors import UsageError
from ganvas.events import Event, Noted, Validated
from ganvas.recipe import EvaluationSettings
from tests.training_helpers import TINY, tiny_data

OFTEN = {"evaluation.validation_every_images": 16, "evaluation.validation_images": 8}
MODEL = ("model.safetensors", "discriminator.safetensors")
# Validations are planned to cost a hundredth; of a run of 64 images that is less than one image.
DEAR = "ganvas.evaluation.discriminator._SHARE"


@pytest.fixture(autouse=True)
def _dear(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(DEAR, 10.0)


def train(tmp_path: Path, **options: Any) -> ganvas.Run:
    options.setdefault("settings", OFTEN)
    return ganvas.train(options.pop("data", tiny_data()), recipe=TINY, out=tmp_path, **options)


def logged(run: ganvas.Run) -> list[tuple[int, dict[str, Any]]]:
    lines = (run.directory / "metrics.jsonl").read_text().splitlines()
    found = [json.loads(line) for line in lines]
    return [(line["images"], line["validation"]) for line in found if "validation" in line]


def test_a_run_with_validations_has_the_same_bytes_as_one_without(tmp_path: Path) -> None:
    off = train(tmp_path, settings={"evaluation.validation_images": 0})
    watched = train(tmp_path)
    assert logged(off) == []
    assert [images for images, _ in logged(watched)] == [16, 32, 48, 64]
    for name in MODEL:
        paths = [run.directory / "model" / name for run in (off, watched)]
        assert paths[0].read_bytes() == paths[1].read_bytes()


def test_a_resumed_run_logs_what_the_uninterrupted_one_does(tmp_path: Path) -> None:
    data = tiny_data()
    steady = {**OFTEN, "schedule.decay_from": 1.0}  # the end of the budget changes no rate
    whole = train(tmp_path, data=data, images=96, settings=steady)
    part = train(tmp_path, data=data, images=48, settings=steady)
    resumed = ganvas.resume(part.directory, data=data, images=96)
    assert logged(resumed) == logged(whole)


def test_it_is_told_logged_and_drawn(tmp_path: Path) -> None:
    events: list[Event] = []
    run = train(tmp_path, watcher=events.append)
    told = [(event.images, event.figures) for event in events if isinstance(event, Validated)]
    assert told == logged(run)
    assert all(figures["count"] == 8 for _, figures in told)
    assert (run.directory / "plots" / "validation.png").is_file()


def test_without_held_out_images_it_is_said_once(tmp_path: Path) -> None:
    events: list[Event] = []
    run = train(tmp_path, settings={**OFTEN, "data.held_out": 0}, data=tiny_data_all(),
                watcher=events.append)  # fmt: skip
    said = [e for e in events if isinstance(e, Noted) and "no images are held out" in e.text]
    assert len(said) == 1
    assert {figures["overfitting"] for _, figures in logged(run)} == {None}
    assert all(0 <= figures["d_accuracy_train"] <= 1 for _, figures in logged(run))


def tiny_data_all() -> Any:
    data = tiny_data()
    labels = data.held_out.labels
    assert labels is not None
    empty = replace(data.held_out, images=data.held_out.images[:0], labels=labels[:0])
    return replace(data, held_out=empty)


def test_without_matplotlib_a_run_ends_as_well(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ganvas.report.figures.find_spec", lambda name: None)
    run = train(tmp_path)
    assert run.status == "finished"
    assert not (run.directory / "plots").exists()


@pytest.mark.parametrize(
    "settings",
    [{"validation_images": 1}, {"validation_images": -1}, {"validation_every_images": 0}],
)
def test_settings_are_checked(settings: dict[str, int]) -> None:
    with pytest.raises(UsageError, match=f"evaluation.{next(iter(settings))}"):
        EvaluationSettings(**settings)
