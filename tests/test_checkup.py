"""A run under the doctor: its signals, and that it stays the same run. Tiny runs."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import ganvas
from ganvas.diagnosis import diagnose_data, diagnose_run
from ganvas.errors import DivergedError
from ganvas.events import Event, Found
from tests.training_helpers import TINY, tiny_data, with_procedure

OFTEN = {"evaluation.validation_every_images": 16, "evaluation.validation_images": 8}
MODEL = ("model.safetensors", "discriminator.safetensors")


@pytest.fixture(autouse=True)
def _dear(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ganvas.evaluation.discriminator._SHARE", 10.0)


def train(tmp_path: Path, **options: Any) -> ganvas.Run:
    options.setdefault("settings", OFTEN)
    options.setdefault("recipe", TINY)
    return ganvas.train(options.pop("data", tiny_data()), out=tmp_path, **options)


def signals(run: ganvas.Run) -> list[tuple[int, dict[str, Any]]]:
    lines = map(json.loads, (run.directory / "metrics.jsonl").read_text().splitlines())
    return [(line["images"], line["probe"]) for line in lines if "probe" in line]


def model(run: ganvas.Run) -> list[bytes]:
    return [(run.directory / "model" / name).read_bytes() for name in MODEL]


@pytest.mark.parametrize("order", ["alternating", "simultaneous", "rounds"])
def test_a_run_has_the_same_bytes_with_and_without_signals(tmp_path: Path, order: str) -> None:
    few = {"round_images": 16, "discriminator_epochs": 2, "generator_epochs": 2}
    recipe = with_procedure(TINY, name=order, **(few if order == "rounds" else {}))
    off = train(tmp_path, recipe=recipe, settings={**OFTEN, "doctor.takes_signals": False})
    on = train(tmp_path, recipe=recipe)
    assert signals(off) == []
    places = [images for images, _ in signals(on)]
    assert places[-1] == 64
    assert len(places) == len(set(places))
    assert model(on) == model(off)


def test_a_look_moves_no_spectral_norm(tmp_path: Path) -> None:
    norm = {**OFTEN, "discriminator.spectral_norm": True}
    off = train(tmp_path, settings={**norm, "doctor.takes_signals": False})
    on = train(tmp_path, settings=norm)
    assert len(signals(on)) > 1
    assert model(on) == model(off)


def test_the_line_holds_what_readers_draw(tmp_path: Path) -> None:
    for _, probe in signals(train(tmp_path)):
        for name in ("real_logits", "held_out_logits", "fake_logits"):
            assert len(probe[name]) == 5
            assert probe[name] == sorted(probe[name])
        for name in ("g_gradient_norm", "d_gradient_norm", "fake_gradient_norm"):
            assert 0 < probe[name] < 1e6
        assert 0 < probe["g_update_ratio"] < 1
        assert 0 < probe["d_update_ratio"] < 1
        assert 0 <= probe["saturation"] <= 1
        assert probe["feature_diversity"] >= 0
        assert probe["samples"] == 8


def test_a_frozen_network_shows_an_update_ratio_of_nothing(tmp_path: Path) -> None:
    settings = {**OFTEN, "optimizer.generator.learning_rate": 0}
    for _, probe in signals(train(tmp_path, settings=settings)):
        assert probe["g_update_ratio"] == 0
        assert probe["d_update_ratio"] > 0


def test_a_resumed_run_writes_the_lines_of_the_uninterrupted_one(tmp_path: Path) -> None:
    data = tiny_data()
    steady = {**OFTEN, "schedule.decay_from": 1.0}
    whole = train(tmp_path, data=data, images=96, settings=steady)
    part = train(tmp_path, data=data, images=48, settings=steady)
    assert signals(ganvas.resume(part.directory, data=data, images=96)) == signals(whole)


def test_an_interruption_within_an_iteration_changes_no_line() -> None:
    from ganvas.step import Gauge
    from tests.training_helpers import tiny_trainer

    def gauged(save_at: int | None) -> dict[str, float]:
        trainer = tiny_trainer(with_procedure(TINY, discriminator_steps=3))
        trainer.step.gauge = Gauge()
        for update in range(4):
            if update == save_at:
                state = trainer.state_dict()
                trainer = tiny_trainer(with_procedure(TINY, discriminator_steps=3))
                trainer.load_state_dict(state)
            trainer.advance()
        assert trainer.step.gauge is not None
        return trainer.step.gauge.figures()

    assert gauged(2) == gauged(None)
    assert set(gauged(None)) == {
        "g_gradient_norm", "d_gradient_norm", "fake_gradient_norm", "g_update_ratio",
        "d_update_ratio",
    }  # fmt: skip


def test_quality_on_the_way_and_signals_are_told_apart(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from ganvas.comparison import read_course

    monkeypatch.setattr("ganvas.evaluation.probe._PROBE_SHARE", 1e6)
    rng = np.random.default_rng(0)
    data = ganvas.data.from_arrays(
        rng.integers(0, 255, (300, 8, 8, 1), dtype=np.uint8), held_out=140
    )
    settings = {**OFTEN, "evaluation.probe_every_images": 32, "evaluation.probe_samples": 129}
    run = train(tmp_path, data=data, settings=settings)
    course = read_course(run.directory)
    assert course is not None
    assert course.images[-1] == 64
    kinds = [sorted({"fd", "real_logits"} & probe.keys()) for _, probe in signals(run)]
    assert sorted(map(tuple, kinds))[0] == ("fd",)
    assert ("real_logits",) in map(tuple, kinds)


def findings(run: ganvas.Run) -> list[dict[str, Any]]:
    path = run.directory / "findings.jsonl"
    return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []


FROZEN = {**OFTEN, "optimizer.generator.learning_rate": 0, "schedule.decay_from": 1.0}


def test_findings_are_told_logged_and_written(tmp_path: Path) -> None:
    events: list[Event] = []
    run = train(tmp_path, settings=FROZEN, watcher=events.append)
    told = [event for event in events if isinstance(event, Found)]
    written = findings(run)
    assert [event.name for event in told] == [finding["name"] for finding in written]
    assert {"frozen_network", "data_too_small"} <= {finding["name"] for finding in written}
    assert all(event.sentence in (run.directory / "log.txt").read_text() for event in told)
    assert diagnose_run(run.directory)[0].name == "frozen_network"


def test_what_a_look_at_the_data_finds_is_told_too(tmp_path: Path) -> None:
    images = np.repeat(np.random.default_rng(0).integers(0, 256, (30, 8, 8), np.uint8), 2, axis=0)
    events: list[Event] = []
    run = train(tmp_path, data=(images, None), watcher=events.append)
    told = [event.name for event in events if isinstance(event, Found)]
    assert "data_duplicates" in told
    assert told == [finding["name"] for finding in findings(run)]


def test_with_remedy_off_nothing_is_said(tmp_path: Path) -> None:
    events: list[Event] = []
    run = train(tmp_path, settings={**FROZEN, "doctor.remedy": "off"}, watcher=events.append)
    assert not (run.directory / "findings.jsonl").exists()
    assert not [event for event in events if isinstance(event, Found)]
    suggested = train(tmp_path, settings=FROZEN)
    assert model(suggested) == model(run)


def test_a_resumed_run_writes_its_findings_once(tmp_path: Path) -> None:
    data = tiny_data()
    whole = train(tmp_path, data=data, images=96, settings=FROZEN)
    part = train(tmp_path, data=data, images=48, settings=FROZEN)
    resumed = ganvas.resume(part.directory, data=data, images=96)
    assert findings(resumed) == findings(whole)
    assert diagnose_run(resumed.directory) == diagnose_run(whole.directory)


def test_a_run_that_diverges_says_where_first(tmp_path: Path) -> None:
    wild = {**OFTEN, "optimizer.generator.learning_rate": 1e30}
    with pytest.raises(DivergedError):
        train(tmp_path, settings=wild, name="wild")
    run = ganvas.Run(tmp_path / "wild")
    assert findings(run)[-1]["name"] == "diverged"
    assert "is not finite at" in findings(run)[-1]["evidence"]["first"]
    assert diagnose_run(run.directory)[0].name == "diverged"


def test_data_is_looked_at_before_training() -> None:
    assert "data_too_small" in [finding.name for finding in diagnose_data(tiny_data())]
