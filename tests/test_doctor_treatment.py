"""Remedies: which comes when, how many, what is undone; runs that are treated. Tiny runs."""

import json
import signal
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest

import ganvas
from ganvas.doctor import Finding
from ganvas.doctor.treatment import MOST_REMEDIES, Given, Order, decide
from ganvas.events import Event, Ticked
from ganvas.recipe import Recipe
from ganvas.recipes import make_recipe
from ganvas.rng import stream
from tests.cli_helpers import read_status
from tests.test_checkup import OFTEN, findings, model
from tests.training_helpers import TINY, tiny_data, tiny_trainer

SWIFT = make_recipe("swift", budget={})
D_RATE = "optimizer.discriminator.learning_rate"


def finding(name: str = "d_overpowers_g", since: int = 500, severity: Any = "error") -> Finding:
    return Finding(name=name, severity=severity, images=since, since_images=since, evidence={})


def ask(given: list[Given], *open_: Finding, images: int, changes: Any = None) -> Order | None:
    return decide(
        given,
        recipe=SWIFT,
        published=SWIFT,
        changes=changes or {},
        findings=open_,
        images=images,
        total_images=10_000,
        patience=100,
    )


def test_one_remedy_at_a_time_then_undone_then_the_next() -> None:
    given: list[Given] = []
    first = ask(given, finding(), images=1_000)
    assert first is not None
    assert first.changes == {D_RATE: 5e-4}
    assert ask(given, finding(), images=1_099, changes=first.changes) is None
    undone = ask(given, finding(), images=1_100, changes=first.changes)
    assert undone is not None
    assert undone.changes == {}
    assert "did not help" in undone.words
    second = ask(given, finding(), images=1_101)
    assert second is not None
    assert second.changes == {"schedule.gap_aware": True}
    helped = ask(given, images=1_150, changes=second.changes)
    assert helped is not None
    assert helped.changes == second.changes
    assert [one["outcome"] for one in given] == ["undone", "helped"]


def test_there_is_an_end_to_remedies() -> None:
    given: list[Given] = []
    names = ["d_overpowers_g", "g_overpowers_d", "oscillation", "mode_collapse", "d_overfits"]
    images, orders = 0, 0
    for _ in range(100):
        images += 200
        orders += ask(given, *map(finding, names), images=images) is not None
    assert len(given) == MOST_REMEDIES
    assert orders == 2 * MOST_REMEDIES
    assert {one["outcome"] for one in given} == {"undone"}


@pytest.mark.parametrize("published", [SWIFT, None])
def test_what_the_recipe_shows_is_mended_once_and_kept(published: Recipe | None) -> None:
    given: list[Given] = []
    order = decide(
        given,
        recipe=SWIFT.with_settings({"optimizer.generator.beta1": 0.99}),
        published=published,
        changes={},
        findings=[finding("momentum_too_high", since=0, severity="warning")],
        images=0,
        total_images=10_000,
        patience=100,
    )
    assert order is not None
    assert order.changes == {"optimizer.generator.beta1": 0.0}
    assert given[0]["outcome"] == "kept"
    assert ask(given, finding("momentum_too_high", since=0), images=10_000) is None


def shown(name: str, changes: dict[str, Any], published: Recipe | None = SWIFT) -> Order | None:
    """The order against a finding that swift, so changed, shows before the first update."""
    return decide(
        [],
        recipe=SWIFT.with_settings(changes),
        published=published,
        changes={},
        findings=[finding(name, since=0, severity="warning")],
        images=0,
        total_images=60_000,
        patience=100,
    )


def mended(name: str, changes: dict[str, Any]) -> dict[str, Any]:
    """What that order changes."""
    order = shown(name, changes)
    return {} if order is None else dict(order.changes)


@pytest.mark.parametrize("rate", [0.1, 1e-5])
def test_a_recipe_s_own_settings_are_the_first_remedy(rate: float) -> None:
    name = "learning_rate_high" if rate > 1e-3 else "learning_rate_low"
    changes = {"optimizer.generator.learning_rate": rate}
    orders = [shown(name, changes, published) for published in (SWIFT, None)]
    own = {"optimizer.generator.learning_rate": SWIFT.optimizer.generator.learning_rate}
    assert orders[0] is not None
    assert orders[0].changes == own
    assert orders[1] is not None
    # Against a rate that is too low none is lowered: D's of 2e-3 stays.
    assert orders[1].changes.keys() == ({*own, D_RATE} if rate > 1e-3 else set(own))


def test_a_warm_up_that_is_too_long_is_the_recipe_s_own_again() -> None:
    warmup = "schedule.warmup_images"
    found = mended("learning_rate_low", {warmup: 50_000})
    assert found == {warmup: SWIFT.schedule.warmup_images}


def test_no_remedy_takes_back_what_is_stronger_already() -> None:
    policy, probability = "augment.policy", "augment.probability"
    plain = mended("data_too_small", {})
    assert plain == {policy: "translation,cutout", probability: 0.6}
    weaker = mended("data_too_small", {policy: "colour", probability: 0.3})
    assert weaker == {policy: "colour,translation,cutout", probability: 0.6}
    stronger = {policy: "colour,translation,cutout", probability: 0.9}
    assert mended("data_too_small", stronger) == {}
    assert mended("data_too_small", {policy: "translation", probability: 0.9}) == {
        policy: "translation,cutout"
    }
    assert "targets.real" not in mended("d_overpowers_g", {"targets.real": 0.8})


def test_what_the_run_cannot_do_is_passed_over() -> None:
    def light(recipe: Recipe) -> bool:
        return recipe.optimizer.discriminator.learning_rate == 2e-3

    orders = []
    given: list[Given] = []
    for images in range(1_000, 2_000, 100):
        order = decide(
            given,
            recipe=SWIFT,
            published=SWIFT,
            changes={},
            findings=[finding()],
            images=images,
            total_images=10_000,
            patience=100,
            allows=light,
        )
        orders += [] if order is None else [order]
    assert orders[0].changes == {"schedule.gap_aware": True}
    assert all(D_RATE not in order.changes for order in orders)


def test_notes_and_what_has_no_remedy_are_left_alone() -> None:
    assert ask([], finding("learning_rate_low", severity="note"), images=1_000) is None
    assert ask([], finding("range_mismatch"), images=1_000) is None


def test_a_revised_training_learns_by_the_new_settings() -> None:
    changes = {D_RATE: 0.0, "penalty.r1": 3.0, "augment.policy": "translation"}
    trainer = tiny_trainer()
    trainer.revise(changes)
    before = {n: w.clone() for n, w in trainer.step.discriminator.state_dict().items()}
    trainer.iterate(16)
    after = trainer.step.discriminator.state_dict()
    assert all(bool((before[name] == after[name]).all()) for name in before)
    assert trainer.step.recipe.penalty.r1 == 3.0
    assert len(trainer.step.view.shows) == 1
    trainer.revise({})
    assert trainer.step.recipe == trainer.recipe
    assert trainer.step.view.shows == []


def test_a_revised_training_goes_on_bit_for_bit() -> None:
    one = tiny_trainer()
    one.iterate(16)
    one.revise({D_RATE: 1e-4, "targets.real": 0.9, "augment.policy": "cutout"})
    one.restart("generator", beginning=1)
    other = tiny_trainer()
    other.load_state_dict(deepcopy(one.state_dict()))
    for trainer in (one, other):
        trainer.iterate(24)
    states = [trainer.step.generator.state_dict() for trainer in (one, other)]
    assert all(bool((states[0][name] == states[1][name]).all()) for name in states[0])


def test_a_network_that_begins_anew_has_new_weights() -> None:
    trainer = tiny_trainer()
    start = {n: w.clone() for n, w in trainer.step.generator.state_dict().items()}
    d_before = {n: w.clone() for n, w in trainer.step.discriminator.state_dict().items()}
    trainer.restart("generator", beginning=1)
    now = trainer.step.generator.state_dict()
    assert any(not bool((start[name] == now[name]).all()) for name in start)
    d_now = trainer.step.discriminator.state_dict()
    assert all(bool((d_before[name] == d_now[name]).all()) for name in d_before)
    assert stream(0, "initialisation.generator", 0).initial_seed() == (
        stream(0, "initialisation.generator").initial_seed()
    )


SPOILED = {
    **OFTEN,
    "optimizer.discriminator.learning_rate": 0.05,
    "optimizer.generator.beta1": 0.99,
    "schedule.decay_from": 1.0,
    "log.every_images": 8,
}


@pytest.fixture(autouse=True)
def _dear(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ganvas.evaluation.discriminator._SHARE", 10.0)


def treated(tmp_path: Path, images: int, stop_at: int = -1, **settings: Any) -> ganvas.Run:
    def watch(event: Event) -> None:
        if isinstance(event, Ticked) and event.images == stop_at:
            signal.raise_signal(signal.SIGINT)

    chosen = {**SPOILED, "doctor.remedy": "apply", **settings}
    return ganvas.train(
        tiny_data(), recipe=TINY, out=tmp_path, images=images, settings=chosen, watcher=watch
    )


def test_a_treated_run_resumes_bit_for_bit(tmp_path: Path) -> None:
    whole = treated(tmp_path, 192)
    part = treated(tmp_path, 192, stop_at=72)
    assert read_status(part.directory)["status"] == "stopped"
    resumed = ganvas.resume(part.directory, data=tiny_data())
    assert model(resumed) == model(whole)
    assert findings(resumed) == findings(whole)
    given = [json.loads((r.directory / "remedies.json").read_text()) for r in (whole, resumed)]
    assert given[0] == given[1]
    assert given[0][0]["outcome"] == "kept"
    assert "remedy 1 of 6" in (whole.directory / "log.txt").read_text()


def test_suggesting_changes_nothing_and_applying_does(tmp_path: Path) -> None:
    off, suggested, applied = (
        treated(tmp_path, 64, -1, **{"doctor.remedy": remedy})
        for remedy in ("off", "suggest", "apply")
    )
    assert model(off) == model(suggested)
    assert model(applied) != model(off)
