"""A run's record: what its files say, and no error whatever state they are in."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ganvas.errors import UsageError
from ganvas.evaluation.words import copies
from ganvas.lock import RunLock
from ganvas.measured import samples_counted
from ganvas.recipe import Budget, Recipe
from ganvas.report.record import read_head, read_run
from ganvas.runlog import RunDirectory
from tests.project_source import ROOT

EVALUATION: dict[str, Any] = {
    "data": "mnist",
    "split": "test",
    "judge": {"name": "mnist", "digest": "sha256:" + "a" * 64, "kind": "judge"},
    "samples": 2000,
    "real_samples": 2000,
    "seed": 0,
    "metrics": {"fd": {"value": 0.5, "real": 0.25, "higher_is_better": False}},
    "left_out": {},
}


@pytest.fixture
def run(tmp_path: Path) -> RunDirectory:
    directory = RunDirectory(tmp_path / "0001-mnist-swift-s0")
    (directory.path / "samples").mkdir(parents=True)
    directory.write_recipe(Recipe(name="swift", budget=Budget(amount=4_000, unit="images")))
    directory.write_environment({"data_digest": "sha256:" + "b" * 64, "threads": 2})
    for images in (1_000, 2_000):
        directory.append_metrics({"images": images, "seconds": images / 100, "d_loss": 1.5})
    for name in ("samples/000001000.png", "samples/000002000.png", "samples.png", "reals.png"):
        (directory.path / name).write_bytes(b"png")
    return directory


def test_a_finished_run_is_told_whole(run: RunDirectory) -> None:
    run.write_status("finished", images=4_000, seconds=41.5, evaluation=EVALUATION)
    record = read_run(run.path)
    head = record.head
    assert (head.name, head.state, head.images) == ("0001-mnist-swift-s0", "finished", 4_000)
    assert (head.target_images, head.seconds) == (4_000, 41.5)
    assert head.evaluation["metrics"]["fd"] == EVALUATION["metrics"]["fd"]
    assert head.setting("loss.name") == "non_saturating"
    assert head.setting("loss.nothing", 7) == 7
    assert (head.text("name"), head.text("seed", "none")) == ("swift", "none")
    assert [line.images for line in record.metrics.log] == [1_000, 2_000]
    assert [sample.images for sample in record.samples] == [1_000, 2_000]
    assert head.newest_picture == run.path / "samples.png"
    assert record.problems == ()
    assert read_head(run.path) == head


def test_a_run_that_goes_on_is_as_far_as_its_last_line(run: RunDirectory) -> None:
    run.write_status("running", images=0)
    with (run.path / "metrics.jsonl").open("a") as file:
        file.write('{"images": 3000, "sec')
    with RunLock(run.path):
        head = read_head(run.path)
    assert (head.state, head.images, head.seconds) == ("running", 2_000, 20.0)
    assert head.last is not None
    assert head.last.figures["d_loss"] == 1.5
    assert read_head(run.path).state == "interrupted"  # the same files, and nobody at work


def test_the_last_line_of_a_long_file_is_found_by_its_end(run: RunDirectory) -> None:
    for images in range(2_000, 4_000):
        run.append_metrics({"images": images, "seconds": 1.0, "d_loss": 1.25, "word": "x" * 80})
    head = read_head(run.path)
    assert head.images == 3_999
    assert head.problems == ()


@pytest.mark.parametrize("status", ["diverged", "failed"])
def test_a_run_that_ended_badly_says_why(status: str, run: RunDirectory) -> None:
    run.write_status(status, images=1_500, reason="d_loss is not finite")
    head = read_head(run.path)
    assert (head.state, head.reason, head.images) == (status, "d_loss is not finite", 2_000)


@pytest.mark.parametrize("name", ["status.json", "env.json", "recipe.json", "metrics.jsonl"])
@pytest.mark.parametrize(
    "content", [b"", b"{", b"[1]", b'"x"', b"\xff" * 9, b"null", b"NaN", b"{}" * 600_000]
)
def test_a_damaged_file_costs_what_it_held_alone(
    name: str, content: bytes, run: RunDirectory
) -> None:
    run.write_status("finished", images=4_000, evaluation=EVALUATION)
    (run.path / name).write_bytes(content + b"\n" * (name == "metrics.jsonl"))
    record = read_run(run.path)
    assert len(record.problems) == 1
    assert name in record.problems[0]
    assert (record.head.state == "unknown") is (name == "status.json")
    assert [sample.images for sample in record.samples] == [1_000, 2_000]


@pytest.mark.parametrize(
    "evaluation",
    [3, [], {"metrics": 3}, {**EVALUATION, "judge": None}, {**EVALUATION, "samples": "many"},
     {**EVALUATION, "metrics": {"fd": 3}}],
)  # fmt: skip
def test_a_damaged_evaluation_is_none(evaluation: Any, run: RunDirectory) -> None:
    run.write_status("finished", images=4_000, evaluation=evaluation)
    head = read_head(run.path)
    assert head.evaluation == {}
    assert head.problems == ("status.json: its evaluation is damaged",)


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    status=st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=4),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(
                st.sampled_from("status images seconds reason evaluation metrics judge".split()),
                inner,
            )
        ),
        max_leaves=12,
    )
)
def test_no_status_is_too_odd_to_be_read(status: Any, run: RunDirectory) -> None:
    (run.path / "status.json").write_text(json.dumps(status))
    head = read_head(run.path)
    assert head.images >= 0


def test_links_out_of_the_run_are_not_followed(run: RunDirectory, tmp_path: Path) -> None:
    secret = tmp_path / "secret.json"
    secret.write_text('{"data_digest": "secret"}')
    (tmp_path / "000009999.png").write_bytes(b"png")
    for name in ("env.json", "samples.png", "metrics.jsonl"):
        (run.path / name).unlink()
        (run.path / name).symlink_to(secret)
    (run.path / "samples" / "000003000.png").symlink_to(tmp_path / "000009999.png")
    (run.path / "best").symlink_to(tmp_path)
    record = read_run(run.path)
    assert "secret" not in str(record.head.environment)
    assert record.head.newest_picture is None
    assert record.metrics.log == ()
    assert [sample.images for sample in record.samples] == [1_000, 2_000]
    assert len(record.problems) == 2
    (run.path / "samples").rename(tmp_path / "elsewhere")
    (run.path / "samples").symlink_to(tmp_path / "elsewhere")
    assert read_run(run.path).samples == ()


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="the system has no pipes with names")
def test_a_pipe_in_the_place_of_a_file_keeps_nobody_waiting(run: RunDirectory) -> None:
    for name in ("status.json", "metrics.jsonl", "findings.jsonl"):
        (run.path / name).unlink(missing_ok=True)
        os.mkfifo(run.path / name)
    assert len(read_run(run.path).problems) == 3


def test_what_is_no_run_is_refused(tmp_path: Path) -> None:
    for read in (read_head, read_run):
        with pytest.raises(UsageError, match="is no run directory"):
            read(tmp_path)


def test_reading_a_run_imports_neither_torch_nor_matplotlib() -> None:
    heavy = "{'torch', 'matplotlib'} & set(sys.modules)"
    code = f"import sys, ganvas.report.record; sys.exit(bool({heavy}))"
    subprocess.run([sys.executable, "-c", code], check=True, cwd=ROOT / "src")


@pytest.mark.parametrize("count", ["x", None, [], {}, 0, -3])
def test_a_count_that_is_none_is_left_out_of_a_figure(count: Any, run: RunDirectory) -> None:
    figure = {"value": 2.0, "real": 1.0, "higher_is_better": False, "samples": count}
    figures = {"fd": figure, "authenticity": {**figure, "different": count}}
    run.write_status("finished", images=4_000, evaluation={**EVALUATION, "metrics": figures})
    head = read_head(run.path)
    assert set(head.evaluation["metrics"]["authenticity"]) == {"value", "real", "higher_is_better"}
    assert not copies(dict(head.evaluation))
    assert samples_counted(head.evaluation) == EVALUATION["samples"]
