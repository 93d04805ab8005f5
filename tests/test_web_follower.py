"""A run followed while it grows, is cut back, damaged, and moved away."""

import shutil
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ganvas.report.lines import parse_metrics
from ganvas.runlog import RunDirectory
from ganvas.web.folder import NoSuchRunError, RunsFolder
from ganvas.web.follower import Follower
from tests.run_helpers import write_finding, write_line, write_run, write_sample


@pytest.fixture
def run(tmp_path: Path) -> RunDirectory:
    return write_run(tmp_path / "runs", "a", status="running", images=1_000, samples=(1_000,))


@pytest.fixture
def follower(run: RunDirectory) -> Follower:
    return Follower(RunsFolder(run.path.parent), "a")


def test_what_did_not_change_is_the_same_object(follower: Follower) -> None:
    assert follower.look() is follower.look()


def test_lines_pictures_and_findings_arrive(run: RunDirectory, follower: Follower) -> None:
    first = follower.look()
    assert [line.images for line in first.metrics.log] == list(range(100, 1_001, 100))
    write_line(run, 1_100)
    second = follower.look()
    assert [line.images for line in second.metrics.log][-2:] == [1_000, 1_100]
    assert second.samples is first.samples
    write_sample(run, 2_000)
    write_finding(run, 1_100, "mode_collapse")
    third = follower.look()
    assert [sample.images for sample in third.samples] == [1_000, 2_000]
    assert [finding.name for finding in third.findings] == ["mode_collapse"]
    assert third.metrics.log == second.metrics.log
    assert third.generation == first.generation


def test_a_line_half_written_waits_for_its_end(run: RunDirectory, follower: Follower) -> None:
    follower.look()
    with (run.path / "metrics.jsonl").open("a") as file:
        file.write('{"images": 1100, "sec')
        file.flush()
        assert len(follower.look().metrics.log) == 10
        file.write('onds": 1.1, "d_loss": 1}\n')
    assert follower.look().metrics.log[-1].figures == {"d_loss": 1}


def test_a_damaged_line_is_passed_over(run: RunDirectory, follower: Follower) -> None:
    with (run.path / "metrics.jsonl").open("ab") as file:
        file.write(b'\xff\x00{{{\n["no object"]\n{"images": -1}\n')
    write_line(run, 1_100)
    metrics = follower.look().metrics
    assert (metrics.log[-1].images, metrics.damaged) == (1_100, 3)


def test_a_run_that_went_back_begins_anew(run: RunDirectory, follower: Follower) -> None:
    before = follower.look()
    run.cut_metrics(500)
    after = follower.look()
    assert [line.images for line in after.metrics.log] == [100, 200, 300, 400, 500]
    assert after.generation == before.generation + 1
    write_line(run, 600)
    assert follower.look().metrics.log[-1].images == 600
    assert follower.look().generation == after.generation


def test_a_run_that_is_gone_is_said_and_found_when_it_is_back(
    run: RunDirectory, follower: Follower
) -> None:
    before = follower.look()
    shutil.move(run.path, run.path.with_name(".aside"))
    with pytest.raises(NoSuchRunError):
        follower.look()
    shutil.move(run.path.with_name(".aside"), run.path)
    assert follower.look().metrics == before.metrics


@given(cuts=st.lists(st.integers(0, 2_000), max_size=6))
def test_however_a_file_grows_the_lines_are_those_of_the_whole(
    tmp_path_factory: pytest.TempPathFactory, cuts: list[int]
) -> None:
    folder = tmp_path_factory.mktemp("runs")
    run = write_run(folder, "a", images=0, samples=())
    content = b"".join(b'{"images": %d, "d_loss": 0.5}\n' % place for place in range(60))
    follower = Follower(RunsFolder(folder), "a")
    ends = sorted(min(cut, len(content)) for cut in cuts)
    for first, last in zip([0, *ends], [*ends, len(content)], strict=True):
        with (run.path / "metrics.jsonl").open("ab") as file:
            file.write(content[first:last])
        follower.look()
    assert follower.look().metrics == parse_metrics(content)
