"""Quality of a run on its way and at its end: what is logged, kept, told. Tiny runs."""

import json
from dataclasses import replace
from itertools import count
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import ganvas
from ganvas import quality
from ganvas.data.images import DataSet
from ganvas.errors import DiskFullError
from ganvas.evaluation.probe import Probe
from ganvas.events import Event, Noted, Probed
from ganvas.quality import FINAL_METRICS
from ganvas.recipe import EvaluationSettings
from ganvas.runlog import RunDirectory
from ganvas.trainer import Trainer
from tests.judge_helpers import FakeJudge, some_data
from tests.training_helpers import TINY

OFTEN = {"evaluation.probe_every_images": 16, "evaluation.probe_samples": 200}


@pytest.fixture(autouse=True)
def _cheap(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A share of a run of 64 images is less than a sample: let probes cost what they will."""
    monkeypatch.setenv("GANVAS_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr("ganvas.evaluation.probe._PROBE_SHARE", 1e6)
    monkeypatch.setattr("ganvas.evaluation.probe._FINAL_SHARE", 1e6)


@pytest.fixture(autouse=True)
def judge(monkeypatch: pytest.MonkeyPatch) -> FakeJudge:
    made = FakeJudge()
    monkeypatch.setattr(quality, "judge_for", lambda dataset, folders: made)
    return made


def train(tmp_path: Path, data: DataSet | None = None, **options: Any) -> ganvas.Run:
    recipe = replace(TINY, evaluation=EvaluationSettings(validation_images=0))
    options["settings"] = {**OFTEN, "evaluation.samples": 0, **options.pop("settings", {})}
    return ganvas.train(data or some_data(), recipe=recipe, out=tmp_path / "runs", **options)


def probes(run: ganvas.Run) -> list[tuple[int, dict[str, Any]]]:
    lines = (run.directory / "metrics.jsonl").read_text().splitlines()
    found = [json.loads(line) for line in lines]
    return [(line["images"], line["probe"]) for line in found if "probe" in line]


def test_probes_are_logged_with_how_they_were_made_and_told(tmp_path: Path) -> None:
    events: list[Event] = []
    run = train(tmp_path, watcher=events.append)
    found = probes(run)
    assert [images for images, _ in found] == [16, 32, 48, 64]
    for _, figures in found:
        assert {name: figures[name] for name in ("samples", "split", "seed", "judge")} == {
            "samples": 200,
            "split": "held_out",
            "seed": 0,
            "judge": FakeJudge().digest,
        }
        assert figures["fd"] > figures["real_fd"] > 0
        assert 0 <= figures["label_accuracy"] <= 1
    told = [(event.images, event.figures) for event in events if isinstance(event, Probed)]
    assert told == found


def test_the_best_model_is_the_first_of_the_nearest(tmp_path: Path) -> None:
    events: list[Event] = []
    run = train(tmp_path, watcher=events.append)
    images, figures = min(probes(run), key=lambda probe: probe[1]["fd"])
    best = RunDirectory(run.directory).read_best()
    assert best == {"images": images, **figures}
    assert [event.images for event in events if isinstance(event, Probed) and event.is_best][
        -1
    ] == images
    generator = ganvas.load(run.directory / "best")
    assert generator.config.images == images
    # It is the very model that was measured.
    kept = Probe(some_data(), FakeJudge()(), samples=200, seed=0)(generator)
    assert kept["fd"] == pytest.approx(figures["fd"], rel=1e-9)
    card = (run.directory / "best" / "README.md").read_text()
    assert f"Fréchet distance {figures['fd']:.4f} from 200 samples to the held-out" in card


def test_a_best_model_that_could_not_be_written_is_no_measure_for_the_next(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    save, look, place = Trainer.save_model, Probe.__call__, count(1)

    def worse_and_worse(self: Probe, generator: Any) -> dict[str, Any]:
        return {**look(self, generator), "fd": float(next(place))}

    def fails(self: Trainer, command: str, card: str, folder: Path | None = None) -> None:
        if folder is not None and self.images == 16:
            raise DiskFullError("No space left on device")
        save(self, command, card, folder)

    monkeypatch.setattr(Probe, "__call__", worse_and_worse)
    monkeypatch.setattr(Trainer, "save_model", fails)
    events: list[Event] = []
    run = train(tmp_path, watcher=events.append)
    found = RunDirectory(run.directory).read_best()
    assert found is not None
    assert found["images"] == ganvas.load(run.directory / "best").config.images == 32
    assert [e.is_best for e in events if isinstance(e, Probed)] == [False, True, False, False]


def test_probes_change_nothing_of_what_is_learnt(tmp_path: Path) -> None:
    probed = train(tmp_path)
    plain = train(tmp_path, settings={"evaluation.probe_samples": 0})
    assert probes(plain) == []
    assert not (plain.directory / "best").exists()
    weights = [run.directory / "model" / "model.safetensors" for run in (probed, plain)]
    assert weights[0].read_bytes() == weights[1].read_bytes()


def test_the_choice_of_the_best_never_looks_at_the_test_images(tmp_path: Path) -> None:
    one = train(tmp_path)
    dark = some_data()
    assert dark.test is not None
    dark = replace(dark, test=replace(dark.test, images=np.zeros_like(dark.test.images)))
    assert probes(train(tmp_path, dark)) == probes(one)


def test_a_resumed_run_keeps_its_best_and_goes_on_from_it(tmp_path: Path) -> None:
    data = some_data()
    steady = {"schedule.decay_from": 1.0}  # the end of the budget changes no rate
    whole = train(tmp_path, data, images=64, settings=steady)
    part = train(tmp_path, data, images=32, settings=steady)
    resumed = ganvas.resume(part.directory, data=data, images=64)
    assert probes(resumed) == probes(whole)
    files = [RunDirectory(run.directory) for run in (whole, resumed)]
    assert files[0].read_best() == files[1].read_best()


def test_a_best_that_another_judge_chose_is_not_compared_with(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data, events = some_data(), list[Event]()
    run = train(tmp_path, data, images=32)
    files = RunDirectory(run.directory)
    best = files.read_best()
    assert best is not None
    files.write_best({**best, "fd": 0.0})  # nothing is ever nearer
    other = FakeJudge(digest="a" * 64)
    monkeypatch.setattr(quality, "judge_for", lambda dataset, folders: other)
    ganvas.resume(run.directory, data=data, images=64, watcher=events.append)
    told = [event.text for event in events if isinstance(event, Noted)]
    assert any("measured otherwise; the choice begins anew" in text for text in told)
    found = files.read_best()
    assert found is not None
    assert found["judge"] == other.digest
    assert found["fd"] > 0


@pytest.mark.parametrize("sizes", [{"held_out": 16}, {"held_out": 0}, {"train": 16}], ids=str)
def test_too_few_images_for_a_probe_are_told(tmp_path: Path, sizes: dict[str, int]) -> None:
    events: list[Event] = []
    run = train(tmp_path, some_data(**sizes), watcher=events.append)
    assert probes(run) == []
    told = [event.text for event in events if isinstance(event, Noted)]
    assert any("quality is not looked at on the way" in text for text in told)
    assert any("16 features" in text for text in told)


def test_the_end_of_a_run_has_its_figures_beside_the_real_ones(tmp_path: Path) -> None:
    run = train(tmp_path, settings={"evaluation.samples": 250})
    evaluation = run.evaluation
    assert evaluation is not None
    assert tuple(evaluation["metrics"]) == FINAL_METRICS
    assert (evaluation["samples"], evaluation["split"], evaluation["left_out"]) == (250, "test", {})
    for figure in evaluation["metrics"].values():
        assert figure["real"] is not None
    card = (run.directory / "model" / "README.md").read_text()
    assert "Measured on 250 samples (200 where the number counts) and 200 test images" in card


def test_figures_that_cannot_be_had_at_the_end_are_told_not_fatal(tmp_path: Path) -> None:
    events: list[Event] = []
    few = some_data(train=16)
    run = train(tmp_path, few, settings={"evaluation.samples": 200}, watcher=events.append)
    evaluation = run.evaluation
    assert evaluation is not None
    assert set(evaluation["metrics"]) == {"coverage", "label_accuracy"}
    assert "fd needs 17 training images" in evaluation["left_out"]["fd"]
    fewest = some_data(train=4, held_out=0, test=None, class_names=())
    again = train(
        tmp_path,
        fewest,
        settings={"evaluation.samples": 200, "batch_size": 4},
        watcher=events.append,
    )
    assert (again.status, again.evaluation) == ("finished", None)
    told = [event.text for event in events if isinstance(event, Noted)]
    assert any(text.startswith("quality was not measured: fd needs") for text in told)
