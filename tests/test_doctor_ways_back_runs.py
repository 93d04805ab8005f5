"""Runs that a remedy leads back or ends: resumed bit for bit, and what is not given to them."""

import json
import signal
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

import ganvas
from ganvas.checkpoint import best_checkpoint
from ganvas.checkup import Checkup
from ganvas.diagnosis import facts_of
from ganvas.doctor.treatment import Given, Order
from ganvas.errors import DataError, UsageError
from ganvas.events import Event, Ticked
from ganvas.group import Group
from ganvas.recipe import Recipe
from ganvas.trainer import Trainer
from tests.cli_helpers import read_status
from tests.test_checkup import OFTEN, model
from tests.test_doctor_ways_back import D_RATE, ORDERS
from tests.training_helpers import TINY, tiny_data, tiny_trainer, with_procedure

BEST_AT, ORDERED_AT, TOTAL = 32, 80, 192


@pytest.fixture(autouse=True)
def _dear(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ganvas.evaluation.discriminator._SHARE", 10.0)


def keep_as_best(monkeypatch: pytest.MonkeyPatch, images: int) -> None:
    """Let the model of a place be a run's best."""
    save = Trainer.save_checkpoint

    def save_best(self: Trainer, **options: Any) -> None:
        if self.images == images:
            self.keep_as_best()
        save(self, **options)

    monkeypatch.setattr(Trainer, "save_checkpoint", save_best)


@pytest.fixture
def ordered(monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> bool:
    """A run whose model is best at one place, and that is led back to it at another."""
    stops = bool(request.param)
    keep_as_best(monkeypatch, BEST_AT)

    def order(given: list[Given], *, images: int, has_best: bool, **_: Any) -> Order | None:
        if images < ORDERED_AT or given:
            return None
        assert has_best
        given.append({"finding": "quality_lost", "outcome": "kept", "images": images})
        return Order(words="back", changes={D_RATE: 1e-4}, back=True, stop=stops)

    monkeypatch.setattr("ganvas.checkup.decide", order)
    return stops


def train(out: Path, *, stop_at: int = -1) -> ganvas.Run:
    def watch(event: Event) -> None:
        if isinstance(event, Ticked) and event.images == stop_at:
            signal.raise_signal(signal.SIGINT)

    settings = {
        **OFTEN,
        "log.every_images": 8,
        "checkpoint.every_images": 16,
        "doctor.remedy": "apply",
    }
    return ganvas.train(
        tiny_data(), recipe=TINY, out=out, images=TOTAL, settings=settings, watcher=watch
    )


@pytest.mark.parametrize("ordered", [False], indirect=True)
def test_a_run_that_went_back_resumes_bit_for_bit(ordered: bool, tmp_path: Path) -> None:
    whole = train(tmp_path)
    assert f"those of {BEST_AT} images" in (whole.directory / "log.txt").read_text()
    for place in (ORDERED_AT - 8, ORDERED_AT, ORDERED_AT + 24):
        part = train(tmp_path, stop_at=place)
        assert read_status(part.directory)["status"] == "stopped"
        resumed = ganvas.resume(part.directory, data=tiny_data())
        assert model(resumed) == model(whole)


@pytest.mark.parametrize("ordered", [True], indirect=True)
def test_a_run_that_a_remedy_ends_is_finished_there(ordered: bool, tmp_path: Path) -> None:
    whole = train(tmp_path)
    status = read_status(whole.directory)
    assert (status["status"], status["images"]) == ("finished", ORDERED_AT + 8)
    why = "the doctor ended it: it has been better (quality_lost), and what was tried did not help"
    assert status["reason"] == why
    log = (whole.directory / "log.txt").read_text()
    assert f"finished at {ORDERED_AT + 8} images: {why}\n" in log
    with pytest.raises(UsageError, match=f"is finished at {ORDERED_AT + 8} images"):
        ganvas.resume(whole.directory, data=tiny_data())
    for place in (ORDERED_AT - 8, ORDERED_AT):
        part = train(tmp_path, stop_at=place)
        resumed = ganvas.resume(part.directory, data=tiny_data())
        assert model(resumed) == model(whole)
        assert read_status(resumed.directory)["images"] == ORDERED_AT + 8
    longer = ganvas.resume(whole.directory, data=tiny_data(), images=TOTAL)
    status = read_status(longer.directory)
    assert status["images"] == TOTAL
    assert "reason" not in status


def test_at_the_end_of_a_run_no_remedy_is_given(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[int] = []
    monkeypatch.setattr("ganvas.checkup.decide", lambda given, *, images, **_: asked.append(images))
    train(tmp_path)
    assert asked
    assert max(asked) < TOTAL


def test_where_the_best_networks_cannot_be_read_the_next_remedy_is_given(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    keep_as_best(monkeypatch, BEST_AT)
    asked: list[bool] = []

    def order(given: list[Given], *, images: int, has_best: bool, **_: Any) -> Order | None:
        if images < ORDERED_AT or (given and len(asked) > 1):
            return None
        asked.append(has_best)
        given.append({"finding": "quality_lost", "outcome": "kept", "back": has_best})
        return Order(words="so it is", changes={D_RATE: 1e-4}, back=has_best)

    def unreadable(path: Path) -> dict[str, Any]:
        raise DataError(f"{path} is damaged")

    monkeypatch.setattr("ganvas.checkup.decide", order)
    monkeypatch.setattr("ganvas.checkup.load_checkpoint", unreadable)
    run = train(tmp_path)
    assert asked == [True, False]
    (given,) = json.loads((run.directory / "remedies.json").read_text())
    assert not given["back"]
    log = (run.directory / "log.txt").read_text()
    assert (
        log.count(f"cannot be had again: {run.directory / 'checkpoints'}/000000032 is damaged") == 1
    )
    assert "so it is (at 80 images)" in log


def test_where_the_best_was_just_found_nothing_is_changed_before_it_is_saved(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[int] = []
    keep_up = Trainer._keep_up

    def found_here(self: Trainer) -> None:
        if self.images == BEST_AT:
            self.keep_as_best()
        keep_up(self)

    monkeypatch.setattr(Trainer, "_keep_up", found_here)
    monkeypatch.setattr("ganvas.checkup.decide", lambda given, *, images, **_: asked.append(images))
    run = train(tmp_path)
    assert {BEST_AT - 8, BEST_AT + 8} < set(asked)
    assert BEST_AT not in asked
    best = best_checkpoint(run.directory / "checkpoints", at_most=TOTAL)
    assert best is not None
    assert best.name == f"{BEST_AT:09d}"


def test_what_processes_cannot_share_is_not_given_to_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In batches of real and fake mixed by chance, a penalty has no equal parts."""
    mixed = {"round_batches": "mixed", "passes": "joint", "fakes_from": "evaluation"}
    whole = replace(TINY, loss=replace(TINY.loss, mean_over="batch"))
    recipe = with_procedure(whole, name="rounds", **mixed, **ORDERS["rounds"])
    allowed: list[list[bool]] = []

    def ask_both(given: list[Given], *, recipe: Recipe, allows: Any, **_: Any) -> None:
        penalised = recipe.with_settings({"penalty.r1": 1.0})
        allowed.append([allows(recipe), allows(penalised)])

    monkeypatch.setattr("ganvas.checkup.decide", ask_both)
    trainer = tiny_trainer(recipe, folder=tmp_path)
    checkup = Checkup(trainer, lambda event: None, facts_of(recipe, trainer.dataset, 64))
    for size in (1, 2):
        trainer.group = Group()
        trainer.group.size = size
        checkup._decide()
    assert allowed == [[True, True], [True, False]]
