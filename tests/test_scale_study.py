"""A sweep's record: what a kill, a full disk or another study leaves in its folder."""

import os
import shutil
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from ganvas.errors import GanvasError, UsageError
from ganvas.recipes import get_recipe
from ganvas.scale.children import Ended
from ganvas.scale.request import Request
from ganvas.scale.space import parse_space
from ganvas.scale.study import open_study, recording
from ganvas.scale.sweep import Plan, SweepTrial, run_sweep
from tests.scale_helpers import FakeRunner

SERIES = ("batch_size=16,32,64",)
PLAN = Plan(
    request=Request(data="mnist", recipe="swift", images=100, samples=2_000, series=SERIES),
    space=parse_space(SERIES, get_recipe("swift")),
)


def sweep(folder: Path, plan: Plan = PLAN, runner: FakeRunner | None = None) -> list[SweepTrial]:
    runner = runner or FakeRunner(lambda arguments: 2.0)
    return run_sweep(folder, plan, runner=runner, tell=lambda sentence: None)[1]


def test_the_journals_lock_leads_to_the_journal_whatever_the_folder_is_called(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    targets: list[str] = []
    link = os.symlink

    def seen(target: str, place: str) -> None:
        targets.append(target)
        link(target, place)

    monkeypatch.setattr(os, "symlink", seen)
    monkeypatch.chdir(tmp_path)
    sweep(Path("runs/s"))
    assert set(targets) == {str(tmp_path.resolve() / "runs" / "s" / "sweep.log")}


def test_a_lock_that_leads_nowhere_holds_nobody_up(tmp_path: Path) -> None:
    done = sweep(tmp_path / "there")
    shutil.move(tmp_path / "there", tmp_path / "here")
    (tmp_path / "here" / "sweep.log.lock").symlink_to(tmp_path / "there" / "sweep.log")
    moved = sweep(tmp_path / "here")
    assert [trial.value for trial in moved] == [trial.value for trial in done]


@pytest.mark.parametrize("half", [b"{", b'{"op_code":4,"worker_id":"x"'])
def test_half_a_line_that_a_kill_left_is_cut_off(tmp_path: Path, half: bytes) -> None:
    done = sweep(tmp_path)
    journal = tmp_path / "sweep.log"
    whole = journal.read_bytes()
    journal.write_bytes(whole + half)
    runner = FakeRunner(lambda arguments: 2.0)
    assert sweep(tmp_path, runner=runner) == done
    assert runner.commands == []
    assert journal.read_bytes().startswith(whole)
    assert half not in journal.read_bytes()[len(whole) :].splitlines()


def test_a_folder_belongs_to_one_study(tmp_path: Path) -> None:
    database = f"sqlite:///{tmp_path / 's.db'}"
    first = replace(PLAN, storage=database, name="a")
    sweep(tmp_path / "runs", first)
    other = ("loss.name=hinge,non_saturating",)
    second = replace(
        first,
        name="b",
        request=replace(PLAN.request, series=other),
        space=parse_space(other, get_recipe("swift")),
    )
    runner = FakeRunner(lambda arguments: 3.0)
    for plan in (second, replace(second, name="c")):
        with pytest.raises(UsageError, match="another study"):
            sweep(tmp_path / "runs", plan, runner)
    sweep(tmp_path / "elsewhere", second)
    with pytest.raises(UsageError, match=r"now .*--study b"):  # begun, but in another folder
        sweep(tmp_path / "runs", second, runner)
    assert runner.commands == []
    assert [trial.value for trial in sweep(tmp_path / "runs", first)] == [2.0] * 3


def test_a_study_that_could_not_begin_claims_no_folder(tmp_path: Path) -> None:
    def mixes(arguments: Sequence[str]) -> float:
        raise GanvasError("pets mixes sizes")

    class Refusing(FakeRunner):
        def __call__(self, arguments: Sequence[str], **options: Any) -> Ended:
            return Ended(code=2, errors="ganvas: error: pets mixes sizes")

    unknown = replace(PLAN, request=replace(PLAN.request, images=None))
    with pytest.raises(UsageError, match="mixes sizes"):
        sweep(tmp_path, unknown, Refusing(mixes))
    sized = replace(unknown, request=replace(unknown.request, options=("--size", "32")))
    assert len(sweep(tmp_path, sized)) == 3


def test_runs_whose_record_is_gone_are_not_taken_for_others(tmp_path: Path) -> None:
    sweep(tmp_path)
    (tmp_path / "sweep.log").unlink()
    with pytest.raises(UsageError, match="whose record is gone"):
        sweep(tmp_path)


def test_a_trial_that_could_not_be_recorded_is_tried_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from optuna.storages.journal import JournalFileBackend

    append = JournalFileBackend.append_logs
    room = True

    def appends(self: Any, logs: list[dict[str, Any]]) -> None:
        if not room:
            raise OSError(28, "No space left on device")
        append(self, logs)

    def fills_the_disk(arguments: Sequence[str]) -> float:
        nonlocal room
        room = False
        return 2.0

    monkeypatch.setattr(JournalFileBackend, "append_logs", appends)
    with pytest.raises(GanvasError, match=r"the sweep 'ganvas': .*No space left on device"):
        sweep(tmp_path, runner=FakeRunner(fills_the_disk))
    room = True
    runner = FakeRunner(lambda arguments: 2.0)
    trials = sweep(tmp_path, runner=runner)
    assert [trial.state for trial in trials] == ["complete"] * 3
    assert runner.counts()["train"] == 2  # what was trained is not trained again
    assert list((tmp_path / "workers").iterdir()) == []


def test_a_trial_of_settings_tried_before_shows_the_run_that_there_is(tmp_path: Path) -> None:
    def fails_once(arguments: Sequence[str]) -> float:
        if len(runner.commands) == 1:
            raise GanvasError("no room")
        return 2.0

    runner = FakeRunner(fails_once)
    one = replace(PLAN, space=parse_space(["batch_size=16"], get_recipe("swift")), trials=1)
    sweep(tmp_path, one, runner)
    sweep(tmp_path, one, runner)  # trial 1 goes on with the folder of trial 0
    study = open_study(tmp_path, storage=None, name="ganvas", prune=True)
    study.enqueue_trial({"batch_size": "16"})
    trials = sweep(tmp_path, one, runner)
    assert [trial.same_as for trial in trials] == [None, 1]
    assert [Path(trial.outcome.run).name for trial in trials] == ["trial-0000"] * 2
    assert all(trial.outcome.metrics for trial in trials)


def test_whatever_a_storage_fails_with_is_one_line(tmp_path: Path) -> None:
    study = open_study(tmp_path, storage=None, name="pets", prune=True)
    with pytest.raises(GanvasError) as error, recording(study):
        raise RuntimeError("the server\nis gone")
    assert "the sweep 'pets': the server is gone" in str(error.value)
    refused = UsageError("as it is")
    with pytest.raises(UsageError) as same, recording(study):
        raise refused
    assert same.value is refused


@pytest.mark.parametrize("write", range(1, 28))
def test_wherever_the_disk_fills_every_combination_is_tried_in_the_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, write: int
) -> None:
    from optuna.storages.journal import JournalFileBackend

    append = JournalFileBackend.append_logs
    written = 0

    def appends(self: Any, logs: list[dict[str, Any]]) -> None:
        nonlocal written
        written += 1
        if written >= write:
            raise OSError(28, "No space left on device")
        append(self, logs)

    first, again = FakeRunner(lambda arguments: 2.0), FakeRunner(lambda arguments: 2.0)
    with monkeypatch.context() as full, suppress(GanvasError):
        full.setattr(JournalFileBackend, "append_logs", appends)
        sweep(tmp_path, runner=first)
    assert (written < write) == (write == 27)  # one of these has room for all
    trials = sweep(tmp_path, runner=again)
    assert {trial.state for trial in trials} == {"complete"}
    assert sorted(trial.settings["batch_size"] for trial in trials) == ["16", "32", "64"]
    trained = first.counts().get("train", 0) + again.counts().get("train", 0)
    assert trained == 3
    assert sweep(tmp_path, runner=again) == trials


def test_a_trial_that_died_before_its_settings_were_known_counts_for_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn = replace(
        PLAN,
        request=replace(PLAN.request, series=("optimizer.generator.learning_rate=log:1e-4:1e-2",)),
        space=parse_space(["optimizer.generator.learning_rate=log:1e-4:1e-2"], get_recipe("swift")),
        trials=2,
    )
    undisturbed = sweep(tmp_path / "whole", drawn)

    def dies(*arguments: Any) -> dict[str, Any]:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as full:
        full.setattr("ganvas.scale.sweep.suggest", dies)
        with pytest.raises(GanvasError, match="No space left"):
            sweep(tmp_path / "cut", drawn)
    found = sweep(tmp_path / "cut", drawn)
    assert [trial.state for trial in found] == ["complete"] * 2
    assert [trial.settings for trial in found] == [trial.settings for trial in undisturbed]
