"""Which run a job that was started again goes on with."""

from pathlib import Path

import pytest

import ganvas
from ganvas import restart
from ganvas.errors import DivergedError
from ganvas.events import Event, Finished
from ganvas.group import Group
from ganvas.restart import go_on, run_of_job
from ganvas.runlog import RunDirectory
from tests.training_helpers import TINY, tiny_data


def of_job(name: str, restarts: int = 1) -> Group:
    group = Group()
    group.job, group.restarts = name, restarts
    return group


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two finished runs: of the jobs "one" and "two"."""
    out = tmp_path_factory.mktemp("runs")
    for name in ("one", "two"):
        run = ganvas.train(tiny_data(), recipe=TINY, out=out, group=of_job(name, 0))
        assert RunDirectory(run.directory).read_environment()["job"] == name
    return out


def test_a_job_finds_its_own_run(runs: Path) -> None:
    first, second = sorted(runs.glob("*/"))
    assert run_of_job(runs, None, of_job("one")) == {"path": str(first)}
    assert run_of_job(runs, None, of_job("two")) == {"path": str(second)}
    assert run_of_job(runs, second.name, of_job("two", 0)) == {"path": str(second)}


def test_others_find_none(runs: Path) -> None:
    (first, _) = sorted(runs.glob("*/"))
    assert run_of_job(runs, None, of_job("three")) == {}
    assert run_of_job(runs, first.name, of_job("two")) == {}
    assert run_of_job(runs, None, of_job("one", restarts=0)) == {}
    assert run_of_job(runs, None, Group()) == {}
    assert run_of_job(runs / "nowhere", None, of_job("one")) == {}


def test_what_was_left_without_a_checkpoint_is_removed(tmp_path: Path) -> None:
    left = tmp_path / "left"
    left.mkdir()
    RunDirectory(left).write_environment({"data_digest": "sha256:0", "job": "one"})
    assert run_of_job(tmp_path, "left", of_job("two")) == {}
    assert left.is_dir()
    assert run_of_job(tmp_path, "left", of_job("one")) == {}
    assert not left.exists()


def test_a_finished_run_is_told_again_and_not_touched(
    runs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(restart, "resume", lambda *a, **k: pytest.fail("resumed"))
    told: list[Event] = []
    begun = run_of_job(runs, None, of_job("one"))
    run = go_on(begun, tiny_data(), of_job("one"), data_dir=None, watcher=told.append)
    assert run.status == "finished"
    (event,) = told
    assert isinstance(event, Finished)
    assert event.images == 64


def test_a_run_that_diverged_does_not_diverge_again(tmp_path: Path) -> None:
    RunDirectory(tmp_path).write_status("diverged", images=40, reason="d_loss is not finite")
    with pytest.raises(DivergedError, match="d_loss is not finite"):
        go_on({"path": str(tmp_path)}, tiny_data(), of_job("one"), data_dir=None, watcher=print)
