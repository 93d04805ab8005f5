"""Runs side by side, read from their files alone: rows, courses, and when they do not compare."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from ganvas.comparison import Course, Row, compare, read_course, unlike, unlike_courses
from ganvas.errors import DataError, UsageError
from ganvas.runlog import RunDirectory
from tests.training_helpers import TINY

DIGEST = "sha256:" + "ab" * 32
EVALUATION: dict[str, Any] = {
    "data": "thirds",
    "split": "test",
    "judge": {"name": "fake", "digest": "sha256:" + "f" * 64, "kind": "judge"},
    "samples": 2000,
    "real_samples": 2000,
    "seed": 0,
    "metrics": {"fd": {"value": 2.0, "real": 1.0, "higher_is_better": False}},
    "left_out": {},
}
PROBE: dict[str, Any] = {
    "fd": 3.0,
    "real_fd": 1.5,
    "samples": 500,
    "split": "held_out",
    "seed": 0,
    "judge": "sha256:" + "c" * 64,
}


@pytest.fixture
def run(tmp_path: Path) -> RunDirectory:
    """The files of a finished run that was measured and probed twice."""
    return write_run(tmp_path / "0001-run")


def write_run(path: Path) -> RunDirectory:
    path.mkdir()
    files = RunDirectory(path)
    files.write_recipe(replace(TINY, data=replace(TINY.data, name="thirds", held_out=140)))
    files.write_environment({"data_digest": DIGEST})
    files.write_status("finished", images=64, seconds=2.5, evaluation=EVALUATION)
    files.append_metrics({"images": 16, "seconds": 0.5, "d_loss": 1.0})
    for images, fd in ((32, 3.0), (64, 2.5)):
        probe = {**PROBE, "fd": fd}
        files.append_metrics({"images": images, "seconds": images / 32, "probe": probe})
    return files


def test_a_row_says_what_a_run_is_and_how_good(run: RunDirectory) -> None:
    (row,) = compare([run.path])
    assert row == Row(
        run=str(run.path),
        recipe="tiny",
        data="thirds",
        data_digest=DIGEST,
        held_out=140,
        status="finished",
        images=64,
        seconds=2.5,
        metrics=EVALUATION["metrics"],
        evaluation={name: value for name, value in EVALUATION.items() if name != "metrics"},
    )


def test_rows_keep_the_order_asked_for(tmp_path: Path) -> None:
    paths = [write_run(tmp_path / name).path for name in ("b", "a", "c")]
    assert [Path(row.run) for row in compare(paths)] == paths


def test_a_run_that_was_not_measured_has_a_row_without_figures(run: RunDirectory) -> None:
    run.write_status("stopped", images=32)
    (row,) = compare([run.path])
    assert (row.status, row.seconds, row.metrics, row.evaluation) == ("stopped", None, {}, {})
    assert unlike([row, row]) == []


def test_like_rows_compare_and_each_difference_is_named(run: RunDirectory) -> None:
    (row,) = compare([run.path])
    assert unlike([row]) == unlike([row, row]) == []
    judge = {"name": "other", "digest": "sha256:" + "e" * 64}
    others = {
        "data": replace(row, data_digest="sha256:" + "9" * 64),
        "held-out images": replace(row, held_out=5),
        "split": replace(row, evaluation=row.evaluation | {"split": "held_out"}),
        "judge": replace(row, evaluation=row.evaluation | {"judge": judge}),
        "samples": replace(row, evaluation=row.evaluation | {"samples": 10_000}),
    }
    for name, other in others.items():
        (reason,) = unlike([row, other, row])
        assert reason.startswith(f"different {name}: ")
    assert unlike([row, replace(row, data="moved")]) == []
    counted = replace(row, metrics={"fd": {**row.metrics["fd"], "samples": 500}})
    assert unlike([row, counted]) == ["different samples: 2,000, 2,000 (500 for the distance)"]
    assert unlike([row, others["judge"]]) == ["different judge: fake ffffffff, other eeeeeeee"]
    assert len(unlike([row, *others.values()])) == len(others)


def test_a_course_is_the_probes_in_order(run: RunDirectory) -> None:
    assert read_course(run.path) == Course(
        images=(32, 64),
        seconds=(1.0, 2.0),
        fd=(3.0, 2.5),
        real=1.5,
        samples=500,
        judge=PROBE["judge"],
        data="thirds abababab",
        held_out=140,
    )


def test_only_the_probes_like_the_last_are_one_course(run: RunDirectory) -> None:
    for images, judge in ((80, "d" * 64), (96, "d" * 64)):
        probe = {**PROBE, "judge": f"sha256:{judge}"}
        run.append_metrics({"images": images, "seconds": 3.0, "probe": probe})
    course = read_course(run.path)
    assert course is not None
    assert (course.images, course.judge) == ((80, 96), "sha256:" + "d" * 64)


def test_like_courses_compare_and_each_difference_is_named(run: RunDirectory) -> None:
    course = read_course(run.path)
    assert course is not None
    assert unlike_courses([]) == unlike_courses([course, course]) == []
    for name, value in {
        "data": "x",
        "held_out": 1,
        "judge": "sha256:" + "e" * 64,
        "samples": 9,
    }.items():
        other = replace(course, **{name: value})  # type: ignore[arg-type]
        (reason,) = unlike_courses([course, other])
        assert name.split("_")[0] in reason


def test_a_run_that_was_never_probed_has_no_course(run: RunDirectory) -> None:
    path = run.path / "metrics.jsonl"
    path.write_text('{"images": 16}\n')
    assert read_course(run.path) is None
    path.unlink()
    assert read_course(run.path) is None


def test_a_last_line_that_is_being_written_is_passed_over(run: RunDirectory) -> None:
    path = run.path / "metrics.jsonl"
    whole = read_course(run.path)
    path.write_bytes(path.read_bytes() + b'{"images": 80, "pro')
    assert read_course(run.path) == whole


@pytest.mark.parametrize(
    "line",
    [
        "not json",
        "[1]",
        '{"images": 80, "probe": {}}',
        json.dumps({"images": 80, "probe": PROBE}),
        json.dumps({"images": 80, "seconds": 1.0, "probe": {**PROBE, "fd": "low"}}),
        json.dumps({"images": 80, "seconds": 1.0, "probe": PROBE}).replace("3.0", "NaN"),
        "\udcff",
    ],
    ids=["words", "list", "empty", "no seconds", "text", "NaN", "bytes"],
)
def test_a_damaged_line_is_named(run: RunDirectory, line: str) -> None:
    path = run.path / "metrics.jsonl"
    if line.startswith("["):
        line = '["probe"]'
    path.write_bytes(path.read_bytes() + line.encode(errors="surrogateescape") + b"\n")
    with pytest.raises(DataError, match=r"metrics\.jsonl, line 4 is damaged") as caught:
        read_course(run.path)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "change",
    [
        {"metrics": None},
        {"metrics": {"fd": {"value": "low", "real": 1.0}}},
        {"metrics": {"fd": {"value": 2.0, "real": 1.0, "samples": "x"}}},
        {"judge": "fake"},
        {"samples": None},
    ],
    ids=str,
)
def test_a_damaged_evaluation_is_named(run: RunDirectory, change: dict[str, Any]) -> None:
    run.write_status("finished", images=64, evaluation=EVALUATION | change)
    with pytest.raises(DataError, match=r"status\.json: its evaluation is damaged"):
        compare([run.path])


def test_what_is_no_run_is_refused_by_name(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "nothing", tmp_path / ("x" * 300)):
        with pytest.raises(UsageError, match=r"is no run directory: it has no recipe\.json"):
            compare([path])
        with pytest.raises(UsageError, match="is no run directory"):
            read_course(path)
