"""Trials over seeds, with a stand-in for the child processes."""

import json
import signal
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from ganvas.errors import GanvasError, UsageError
from ganvas.scale.outcome import Outcome, open_findings
from ganvas.scale.request import Request
from ganvas.scale.success import parse_rule
from ganvas.scale.trials import in_json, run_trials, summarise
from tests.scale_helpers import FakeRunner, option

REQUEST = Request(data="mnist", recipe="swift", images=64, samples=2_000)
RULE = parse_rule("fd<=5x")


def seed_of(arguments: Sequence[str]) -> int:
    return int(option(arguments, "--seed"))


def run(
    folder: Path, runner: FakeRunner, asked: Request = REQUEST, seeds: int = 3, jobs: int = 1
) -> tuple[Request, list[Outcome]]:
    return run_trials(
        folder,
        asked,
        seeds=range(seeds),
        jobs=jobs,
        threads=2,
        runner=runner,
        tell=lambda sentence: None,
    )


@pytest.mark.parametrize("jobs", [1, 3])
def test_every_seed_is_a_run_of_its_own(tmp_path: Path, jobs: int) -> None:
    runner = FakeRunner(lambda arguments: 2.0 + seed_of(arguments))
    _, outcomes = run(tmp_path / "t", runner, jobs=jobs)
    assert [outcome.seed for outcome in outcomes] == [0, 1, 2]
    assert [outcome.metrics["fd"]["value"] for outcome in outcomes] == [2.0, 3.0, 4.0]
    assert [Path(outcome.run).name for outcome in outcomes] == ["seed-000", "seed-001", "seed-002"]
    assert runner.threads == {2}
    assert all(option(command, "--threads") == "2" for command in runner.commands)
    assert all(option(command, "--images") == "64" for command in runner.commands)


def test_the_same_command_trains_nothing_again(tmp_path: Path) -> None:
    runner = FakeRunner(lambda arguments: 2.0)
    first = run(tmp_path, runner)
    again = FakeRunner(lambda arguments: 9.0)
    assert run(tmp_path, again) == first
    assert again.commands == []
    assert len(run(tmp_path, again, seeds=5)[1]) == 5
    assert again.counts() == {"train": 2}


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"images": 65}, "images was 64, now 65"),
        ({"recipe": "lsgan"}, "recipe was swift, now lsgan"),
        ({"options": ("--unconditional",)}, "options was '', now '--unconditional'"),
        ({"threads": 7}, "threads was 2, now 7"),
        ({"samples": 500}, "samples was 2,000, now 500"),
    ],
)
def test_a_changed_command_is_refused(tmp_path: Path, changes: dict[str, Any], words: str) -> None:
    runner = FakeRunner(lambda arguments: 2.0)
    run(tmp_path, runner)
    before = len(runner.commands)
    asked = Request(
        **{"data": "mnist", "recipe": "swift", "images": 64, "samples": 2_000, **changes}
    )
    with pytest.raises(UsageError, match=words):
        run(tmp_path, runner, asked)
    assert len(runner.commands) == before


def test_a_folder_with_something_else_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "letters.txt").write_text("mine")
    with pytest.raises(UsageError, match="something else"):
        run(tmp_path, FakeRunner(lambda arguments: 2.0))
    assert [path.name for path in tmp_path.iterdir()] == ["letters.txt"]


def test_minutes_become_images_once(tmp_path: Path) -> None:
    asked = Request(data="mnist", recipe="swift", minutes=1.0, samples=2_000)
    runner = FakeRunner(lambda arguments: 2.0)
    request, _ = run(tmp_path, runner, asked, seeds=2)
    assert request.budget == 4_321
    trained = [command for command in runner.commands if "--dry-run" not in command]
    assert [option(command, "--images") for command in trained] == ["4321", "4321"]
    assert len(runner.commands) == 3
    again = FakeRunner(lambda arguments: 2.0)
    assert run(tmp_path, again, asked, seeds=3)[0] == request
    assert again.counts() == {"train": 1}


def test_a_begun_run_is_resumed_and_one_without_a_checkpoint_begun_anew(tmp_path: Path) -> None:
    answers: dict[int, float | str] = {0: "stopped", 1: "stopped", 2: 2.0}
    runner = FakeRunner(lambda arguments: answers[seed_of(arguments)])
    run(tmp_path, runner)
    (tmp_path / "seed-001" / "checkpoints" / "64").rmdir()
    answers.update({0: 2.0, 1: 2.0})
    runner.commands.clear()
    _, outcomes = run(tmp_path, runner)
    assert [command[0] for command in runner.commands] == ["resume", "train"]
    assert {outcome.status for outcome in outcomes} == {"finished"}


def test_one_seed_that_fails_does_not_stop_the_others(tmp_path: Path) -> None:
    def fd_of(arguments: Sequence[str]) -> float | str:
        if seed_of(arguments) == 0:
            raise GanvasError("no room on the disk")
        return "diverged" if seed_of(arguments) == 1 else 2.0

    request, outcomes = run(tmp_path, FakeRunner(fd_of))
    assert [outcome.status for outcome in outcomes] == ["missing", "diverged", "finished"]
    assert [outcome.reason for outcome in outcomes] == ["no room on the disk", "it diverged", ""]
    found = in_json(outcomes, request, RULE)
    assert json.loads(json.dumps(found, allow_nan=False)) == found
    assert [trial["success"] for trial in found["trials"]] == [False, False, True]
    summary = found["summary"]
    counts = [summary[name] for name in ("seeds", "succeeded", "finished", "diverged", "failed")]
    assert counts == [3, 1, 1, 1, 1]


def test_a_run_measured_on_other_samples_is_measured_again_once(tmp_path: Path) -> None:
    asked = Request(data="mnist", recipe="swift", images=64, samples=10_000)
    runner = FakeRunner(lambda arguments: 2.0)
    first = run(tmp_path, runner, asked)
    assert runner.counts() == {"train": 3, "eval": 3}
    assert run(tmp_path, runner, asked) == first
    assert runner.counts() == {"train": 3, "eval": 3}


def test_figures_of_other_samples_are_never_passed_off_as_the_ones_asked_for(
    tmp_path: Path,
) -> None:
    def fails_to_measure(arguments: Sequence[str]) -> float | str:
        if len(runner.commands) == 2:
            raise GanvasError("out of memory")
        return 2.0

    asked = Request(data="mnist", recipe="swift", images=64, samples=10_000)
    runner = FakeRunner(fails_to_measure)
    _, (outcome,) = run(tmp_path, runner, asked, seeds=1)
    assert (outcome.status, outcome.metrics) == ("finished", {})
    assert outcome.reason == "could not be measured: out of memory"
    assert RULE.shortfall(outcome.status, outcome.metrics) == "fd was not measured"
    _, (again,) = run(tmp_path, runner, asked, seeds=1)
    assert again.metrics["fd"]["value"] == 2.0


def test_a_distance_of_more_samples_than_real_images_is_measured_again(tmp_path: Path) -> None:
    asked = Request(data="mnist", recipe="swift", images=64, samples=2_000)
    runner = FakeRunner(lambda arguments: 2.0)
    run(tmp_path, runner, asked, seeds=1)
    assert runner.counts() == {"train": 1}
    status = tmp_path / "seed-000" / "status.json"
    old = json.loads(status.read_text())
    assert old["evaluation"]["samples"] == 2_000
    old["evaluation"]["real_samples"] = 1_000  # as it was made before both were counted alike
    status.write_text(json.dumps(old))
    run(tmp_path, runner, asked, seeds=1)
    assert runner.counts() == {"train": 1, "eval": 1}


def test_a_signal_stops_the_children_and_begins_no_other(tmp_path: Path) -> None:
    first = threading.Lock()  # of two commands at a time: a second signal means "now"

    def fd_of(arguments: Sequence[str]) -> float | str:
        if first.acquire(blocking=False):
            signal.raise_signal(signal.SIGINT)
        return "stopped"

    runner = FakeRunner(fd_of)
    with pytest.raises(KeyboardInterrupt) as stop:
        run(tmp_path, runner, seeds=50)
    assert stop.value.args == (signal.SIGINT,)
    assert runner.stopped == [signal.SIGINT]
    assert len(runner.commands) < 50
    after = FakeRunner(lambda arguments: 2.0)
    assert {outcome.status for outcome in run(tmp_path, after, seeds=2)[1]} == {"finished"}


def test_figures_are_summed_up_by_which_way_is_better() -> None:
    def outcome(seed: int, fd: float, accuracy: float, status: str = "finished") -> Outcome:
        figures = {
            "fd": {"value": fd, "real": 1.0, "higher_is_better": False},
            "label_accuracy": {"value": accuracy, "real": 1.0, "higher_is_better": True},
        }
        return Outcome(seed=seed, run="", status=status, seconds=fd, metrics=figures)

    rows = [outcome(0, 4.0, 0.9), outcome(1, 6.0, 0.8), outcome(2, 5.0, 0.7)]
    summary = summarise([*rows, outcome(3, 99.0, 0.0, "diverged")], RULE)
    places = ("median", "worst", "best")
    assert [summary["metrics"]["fd"][place] for place in places] == [5.0, 6.0, 4.0]
    assert [summary["metrics"]["label_accuracy"][place] for place in places] == [0.8, 0.7, 0.9]
    assert (summary["succeeded"], summary["diverged"]) == (2, 1)
    assert summarise([], RULE)["metrics"] == {}


def test_findings_that_still_hold_are_found(tmp_path: Path) -> None:
    lines: list[dict[str, Any]] = [
        {"images": 1, "name": "mode_collapse", "severity": "error"},
        {"images": 2, "name": "oscillation", "severity": "note"},
        {"images": 3, "name": "mode_collapse", "resolved": True},
        {"images": 4, "name": "oscillation", "severity": "warning"},
    ]
    (tmp_path / "findings.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    assert open_findings(tmp_path) == [lines[3]]
    (tmp_path / "findings.jsonl").write_text("not json\n")
    assert open_findings(tmp_path) == []


@pytest.mark.parametrize(
    "content", ["{}", "[]", '{"samples": 2000}', '{"samples": "x", "metrics": {}}', "{"]
)
def test_damaged_figures_are_made_again(tmp_path: Path, content: str) -> None:
    asked = Request(data="mnist", recipe="swift", images=64, samples=10_000)
    runner = FakeRunner(lambda arguments: 2.0)
    first = run(tmp_path, runner, asked, seeds=1)
    (tmp_path / "seed-000.json").write_text(content)
    assert run(tmp_path, runner, asked, seeds=1) == first
    assert runner.counts() == {"train": 1, "eval": 2}
