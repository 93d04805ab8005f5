"""Remedies that go back to the best networks, let the rate fall, or end the run. Tiny runs."""

import json
import signal
from copy import deepcopy
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch

import ganvas
from ganvas.checkpoint import best_checkpoint, save_checkpoint
from ganvas.checkup import Checkup
from ganvas.diagnosis import facts_of
from ganvas.doctor import Finding
from ganvas.doctor.treatment import Given, Order, decide
from ganvas.errors import DataError, UsageError
from ganvas.events import Event, Ticked
from ganvas.group import Group
from ganvas.recipe import Recipe
from ganvas.recipes import make_recipe
from ganvas.schedule import learning_rate_factor
from ganvas.trainer import Trainer
from tests.cli_helpers import read_status
from tests.test_checkup import OFTEN, model
from tests.training_helpers import TINY, tiny_data, tiny_trainer, with_procedure

SWIFT = make_recipe("swift", budget={})
D_RATE = "optimizer.discriminator.learning_rate"
G_RATE = "optimizer.generator.learning_rate"
BEST_AT, ORDERED_AT, TOTAL = 32, 80, 192


def ask(
    given: list[Given], name: str, images: int, *, has_best: bool = True, recipe: Recipe = SWIFT
) -> Order | None:
    severity: Any = "note" if name == "no_progress" else "warning"
    found = Finding(name=name, severity=severity, images=500, since_images=500, evidence={})
    return decide(
        given,
        recipe=recipe,
        published=SWIFT,
        changes={},
        findings=[found],
        images=images,
        total_images=10_000,
        patience=100,
        has_best=has_best,
    )


def orders(name: str, *, has_best: bool) -> list[Order]:
    """What is ordered against a finding that nothing ends, without what undoes it."""
    given: list[Given] = []
    asked = [ask(given, name, images, has_best=has_best) for images in range(1_000, 5_000, 100)]
    return [order for order in asked if order is not None and "undone" not in order.words]


def test_lost_quality_leads_back_slower_each_time_and_at_last_to_an_end() -> None:
    found = orders("quality_lost", has_best=True)
    assert [order.back for order in found] == [True, True, False, True]
    assert [order.stop for order in found] == [False, False, False, True]
    rates = [order.changes[D_RATE] for order in found[:2]]
    assert 2e-3 > rates[0] > rates[1]


def test_without_a_best_model_nothing_leads_back() -> None:
    found = orders("quality_lost", has_best=False)
    assert [(order.back, order.stop) for order in found] == [(False, False)]


def test_where_nothing_improves_the_rate_falls_to_the_end_and_that_is_kept() -> None:
    given: list[Given] = []
    constant = SWIFT.with_settings({"schedule.decay_from": 1.0})
    order = ask(given, "no_progress", 1_239, recipe=constant)
    assert order is not None
    assert order.changes == {"schedule.decay_from": 0.123}
    assert not order.stop
    schedule = constant.with_settings(dict(order.changes)).schedule
    factors = [learning_rate_factor(schedule, n, 10_000) for n in (1_239, 5_000, 10_000)]
    assert 1 > factors[0] > factors[1] > factors[2] == 0
    later = [ask(given, "no_progress", images, recipe=constant) for images in (2_000, 3_000)]
    assert later == [None, None]
    assert [one["outcome"] for one in given] == ["kept"]
    assert ask([], "no_progress", 1_000) is None  # swift's rate falls there anyway


def weights(trainer: Trainer) -> dict[str, torch.Tensor]:
    step = trainer.step
    return {
        f"{name}.{key}": tensor
        for name, network in (
            ("g", step.generator),
            ("d", step.discriminator),
            ("average", step.average.average),
        )
        for key, tensor in network.state_dict().items()
    }


def same(left: dict[str, torch.Tensor], right: dict[str, torch.Tensor]) -> bool:
    return all(torch.equal(left[name], right[name]) for name in left)


def test_going_back_takes_the_networks_and_nothing_else() -> None:
    trainer = tiny_trainer()
    trainer.iterate(24)
    best = deepcopy(trainer.state_dict())
    then = deepcopy(weights(trainer))
    trainer.iterate(24)
    counts, cursor = dict(trainer.step.counts), trainer.cursor
    assert not same(weights(trainer), then)
    trainer.go_back(best)
    assert same(weights(trainer), then)
    assert (trainer.images, trainer.cursor, trainer.step.counts) == (48, cursor, counts)


ORDERS: dict[str, dict[str, Any]] = {
    "alternating": {},
    "simultaneous": {},
    "balanced": {},
    "rounds": {"round_images": 16, "discriminator_epochs": 2, "generator_epochs": 2},
}


@pytest.mark.parametrize("order", ORDERS)
def test_what_follows_is_decided_by_the_state_alone(order: str) -> None:
    recipe = with_procedure(TINY, name=order, **ORDERS[order])
    one = tiny_trainer(recipe)
    one.iterate(24)
    best = deepcopy(one.state_dict())
    one.iterate(24)
    one.revise({G_RATE: 1e-4})
    one.go_back(best)
    other = tiny_trainer(recipe)
    other.load_state_dict(deepcopy(one.state_dict()))
    for trainer in (one, other):
        trainer.iterate(24)
    assert same(weights(one), weights(other))


def test_settings_of_now_hold_for_networks_of_then() -> None:
    """Also where then there was another controller, and another learning rate."""
    trainer = tiny_trainer()
    trainer.revise({"schedule.gap_aware": True, D_RATE: 0.5})
    trainer.iterate(16)
    best = deepcopy(trainer.state_dict())
    now = {"augment.policy": "translation", G_RATE: 1e-5}
    trainer.revise(now)
    trainer.iterate(16)
    trainer.go_back(best)
    assert trainer.changes == now
    rates = {
        name: group["base_lr"]
        for name, optimizer in trainer.step.optimizers.items()
        for group in optimizer.param_groups
    }
    assert rates == {"generator": 1e-5, "discriminator": TINY.optimizer.discriminator.learning_rate}
    assert trainer.step.recipe == trainer.recipe.with_settings(now)
    trainer.iterate(16)


def test_the_learning_rate_follows_a_schedule_that_was_changed_on_the_way() -> None:
    trainer = tiny_trainer()
    trainer.revise({"schedule.decay_from": 1.0})
    trainer.iterate(48)  # three quarters of the run
    assert trainer.learning_rate_factor() == 1.0
    trainer.revise({"schedule.decay_from": 0.5})
    assert trainer.learning_rate_factor() == 0.5
    trainer.revise({})
    assert trainer.learning_rate_factor() == 0.5  # TINY's own


def test_the_best_checkpoint_is_the_one_named_unless_it_is_of_the_future(tmp_path: Path) -> None:
    assert best_checkpoint(tmp_path, at_most=99) is None
    for images in (10, 20, 30):
        save_checkpoint(tmp_path, images, {"a": 1}, keep=1, is_best=images == 20)
    best = best_checkpoint(tmp_path, at_most=30)
    assert best is not None
    assert best.name == "000000020"
    assert best_checkpoint(tmp_path, at_most=19) is None
    (tmp_path / "best").write_text("../elsewhere")
    assert best_checkpoint(tmp_path, at_most=30) is None


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
