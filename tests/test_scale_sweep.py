"""Sweeps by Optuna, with a stand-in for the child processes."""

import json
import math
import signal
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from ganvas.errors import GanvasError, UsageError
from ganvas.recipes import get_recipe
from ganvas.scale.course import Lookout
from ganvas.scale.request import Request
from ganvas.scale.space import parse_space
from ganvas.scale.study import open_study
from ganvas.scale.sweep import Plan, SweepTrial, run_sweep, sweep_in_json
from tests.scale_helpers import FakeRunner
from tests.test_comparison import write_run

RATE = "optimizer.generator.learning_rate"
SERIES = (f"{RATE}=log:1e-4:1e-2", "batch_size=16,32,64")
PLAN = Plan(
    request=Request(data="mnist", recipe="swift", images=100, samples=2_000, series=SERIES),
    space=parse_space(SERIES, get_recipe("swift")),
    trials=8,
)
GRID = replace(
    PLAN,
    space=parse_space(["batch_size=16,32", "loss.name=hinge,non_saturating"], get_recipe("swift")),
    trials=None,
)


def settings_of(arguments: Sequence[str]) -> dict[str, str]:
    pairs = [text.partition("=") for text in arguments if "=" in text]
    return {name: value for name, _, value in pairs}


def bowl(arguments: Sequence[str]) -> float:
    """Best at a learning rate of 1e-3 and a batch of 32."""
    found = settings_of(arguments)
    return 1.0 + abs(math.log10(float(found[RATE])) + 3.0) + abs(int(found["batch_size"]) - 32) / 32


def sweep(folder: Path, runner: FakeRunner, plan: Plan = PLAN) -> list[SweepTrial]:
    return run_sweep(folder, plan, runner=runner, tell=lambda sentence: None)[1]


def essence(trials: Sequence[SweepTrial]) -> list[tuple[dict[str, Any], str, float | None]]:
    return [(trial.settings, trial.state, trial.value) for trial in trials]


def test_the_same_seed_draws_the_same_and_another_seed_other_settings(tmp_path: Path) -> None:
    one, same = (sweep(tmp_path / name, FakeRunner(bowl)) for name in ("one", "same"))
    assert essence(one) == essence(same)
    assert len(one) == 8
    assert all(trial.state == "complete" for trial in one)
    other = sweep(tmp_path / "other", FakeRunner(bowl), replace(PLAN, seed=1))
    assert essence(other) != essence(one)


def test_a_value_is_the_distance_in_multiples_of_real(tmp_path: Path) -> None:
    trials = sweep(tmp_path, FakeRunner(bowl))
    for trial in trials:
        assert trial.value == trial.outcome.metrics["fd"]["value"]
        assert 1e-4 <= trial.settings[RATE] <= 1e-2
        assert trial.settings["batch_size"] in ("16", "32", "64")
    found = sweep_in_json(trials, PLAN.request, PLAN)
    assert json.loads(json.dumps(found, allow_nan=False)) == found
    assert found["best"]["value"] == min(trial.value or 0 for trial in trials)
    assert found["summary"]["complete"] == 8


def test_a_sweep_that_was_stopped_goes_on_as_if_it_had_not(tmp_path: Path) -> None:
    whole = sweep(tmp_path / "whole", FakeRunner(bowl))
    calls = []

    def stops(arguments: Sequence[str]) -> float | str:
        calls.append(1)
        if len(calls) == 4:
            signal.raise_signal(signal.SIGINT)
            first.stop(signal.SIGINT)  # as the signal does, when it comes to be passed on
            return "stopped"
        return bowl(arguments)

    first = FakeRunner(stops)
    with pytest.raises(KeyboardInterrupt):
        sweep(tmp_path / "parts", first)
    runner = FakeRunner(bowl)
    runner._first.update(first._first)
    parts = sweep(tmp_path / "parts", runner)
    assert essence(parts) == essence(whole)
    assert runner.counts()["resume"] == 1


def test_the_same_command_trains_nothing_again_and_more_trials_add(tmp_path: Path) -> None:
    first = sweep(tmp_path, FakeRunner(bowl))
    runner = FakeRunner(bowl)
    assert sweep(tmp_path, runner) == first
    assert runner.commands == []
    assert sweep(tmp_path, runner, replace(PLAN, trials=10))[:8] == first
    assert len(runner.commands) == 2


def test_a_finite_space_is_tried_as_a_whole(tmp_path: Path) -> None:
    trials = sweep(tmp_path, FakeRunner(lambda arguments: 2.0), GRID)
    assert len({tuple(trial.settings.items()) for trial in trials}) == len(trials) == 4


def test_a_changed_command_is_refused(tmp_path: Path) -> None:
    runner = FakeRunner(bowl)
    sweep(tmp_path, runner)
    other = replace(PLAN, request=replace(PLAN.request, images=101))
    with pytest.raises(UsageError, match="images was 100, now 101"):
        sweep(tmp_path, runner, other)


def test_a_budget_that_is_the_recipes_own_is_found_once(tmp_path: Path) -> None:
    runner = FakeRunner(bowl)
    plan = replace(PLAN, request=replace(PLAN.request, images=None), trials=2)
    sweep(tmp_path, runner, plan)
    dry = [command for command in runner.commands if "--dry-run" in command]
    trained = [command for command in runner.commands if "--dry-run" not in command]
    assert len(dry) == 1
    assert all("4321" in command for command in trained)


def test_diverged_and_failed_trials_do_not_stop_the_sweep(tmp_path: Path) -> None:
    def fd_of(arguments: Sequence[str]) -> float | str:
        found = settings_of(arguments)
        if found["batch_size"] == "16":
            return "diverged"
        if found["loss.name"] == "hinge":
            raise GanvasError("no room on the disk")
        return 2.0

    states = [trial.state for trial in sweep(tmp_path, FakeRunner(fd_of), GRID)]
    assert sorted(states) == ["complete", "diverged", "diverged", "failed"]
    again = sweep(tmp_path, FakeRunner(lambda arguments: 3.0), GRID)  # what failed is tried again
    assert sorted(trial.state for trial in again) == [
        "complete",
        "complete",
        "diverged",
        "diverged",
    ]


@pytest.mark.parametrize("prune", [True, False])
def test_hopeless_runs_are_given_up(tmp_path: Path, prune: bool) -> None:
    calls = []

    def worse_and_worse(arguments: Sequence[str]) -> float:
        calls.append(1)
        return float(len(calls))

    runner = FakeRunner(worse_and_worse, probes_at=(10, 50, 95))
    trials = sweep(tmp_path, runner, replace(PLAN, prune=prune))
    states = [trial.state for trial in trials]
    assert states[:5] == ["complete"] * 5
    assert set(states[5:]) == ({"pruned"} if prune else {"complete"})
    if prune:
        assert [trial.outcome.status for trial in trials[5:]] == ["stopped"] * 3
        assert all(trial.value is not None for trial in trials)


def test_what_a_dead_process_left_is_gone_on_with(tmp_path: Path) -> None:
    study = open_study(tmp_path, storage=None, name="ganvas", prune=True)
    done = sweep(tmp_path, FakeRunner(bowl), replace(PLAN, trials=1))
    trial = study.ask()
    trial.set_user_attr("worker", "dead")
    trial.suggest_float(RATE, 1e-4, 1e-2, log=True)
    trial.suggest_categorical("batch_size", ["16", "32", "64"])
    (tmp_path / "workers" / "dead").mkdir()
    trials = sweep(tmp_path, FakeRunner(bowl), replace(PLAN, trials=2))
    assert trials[0] == done[0]
    assert trials[1].settings == trial.params
    assert trials[1].state == "complete"
    assert Path(trials[1].outcome.run).name == "trial-0001"
    assert list((tmp_path / "workers").iterdir()) == []


def test_several_processes_share_a_sweep(tmp_path: Path) -> None:
    runners = [FakeRunner(bowl) for _ in range(3)]
    with ThreadPoolExecutor(3) as pool:
        list(pool.map(lambda runner: sweep(tmp_path, runner), runners))
    trials = sweep(tmp_path, FakeRunner(bowl))
    assert len(trials) >= 8
    assert all(trial.state == "complete" for trial in trials)
    names = [command for runner in runners for command in runner.commands]
    assert len(names) == len(set(names))


def test_a_database_may_hold_the_study(tmp_path: Path) -> None:
    plan = replace(PLAN, storage=f"sqlite:///{tmp_path / 'sweep.db'}", trials=2)
    trials = sweep(tmp_path / "runs", FakeRunner(bowl), plan)
    assert essence(trials) == essence(
        sweep(tmp_path / "file", FakeRunner(bowl), replace(PLAN, trials=2))
    )
    assert not (tmp_path / "runs" / "sweep.log").exists()


@pytest.mark.parametrize(
    "url", ["nonsense", "sqlite:////nowhere/at/all/sweep.db", "mysql://host/x"]
)
def test_a_storage_that_cannot_be_opened_is_one_line(tmp_path: Path, url: str) -> None:
    with pytest.raises(GanvasError) as error:
        open_study(tmp_path, storage=url, name="x", prune=True)
    assert "\n" not in str(error.value)
    assert url in str(error.value)


def test_a_damaged_journal_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "sweep.log").write_text("letters\nmore\n")
    with pytest.raises(GanvasError, match="cannot open the sweep's storage"):
        open_study(tmp_path, storage=None, name="x", prune=True)


def test_a_lookout_reads_tenths_in_order_and_once(tmp_path: Path) -> None:
    files = write_run(tmp_path / "run")  # looked at after 32 images, 3.0, and after 64, 2.5
    seen: list[tuple[int, float]] = []
    lookout = Lookout(files.path, 64, lambda tenth, fd: seen.append((tenth, fd)), lambda: False)
    assert not lookout.look()
    assert not lookout.look()
    assert seen == [(5, 2.0)]  # the end itself is no look on the way
    hopeless = Lookout(files.path, 100, lambda tenth, fd: seen.append((tenth, fd)), lambda: True)
    assert hopeless.look()
    assert seen[1:] == [(3, 2.0)]
    files.append_metrics({"images": 70, "seconds": 3.0, "probe": {"g_gradient_norm": 1.0}})
    other: list[tuple[int, float]] = []
    look = Lookout(files.path, 100, lambda tenth, fd: other.append((tenth, fd)), lambda: False)
    assert not look.look()
    assert other == [(3, 2.0), (6, 2.5 / 1.5)]  # and nothing of what is no look at quality
    assert not Lookout(tmp_path / "none", 9, lambda tenth, fd: None, lambda: True).look()
