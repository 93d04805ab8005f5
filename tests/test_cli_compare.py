"""`ganvas compare`: the table, its JSON, the figure, and the words when figures do not compare."""

import json
from pathlib import Path
from typing import Any

import pytest

from ganvas.cli.main import main
from tests.test_comparison import EVALUATION, write_run

Captured = pytest.CaptureFixture[str]


@pytest.fixture
def runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    monkeypatch.chdir(tmp_path)
    for name in ("one", "other"):
        write_run(tmp_path / name)
    return ["one", "other"]


def test_the_table_has_a_line_for_each_run(runs: list[str], capsys: Captured) -> None:
    assert main(["compare", *runs]) == 0
    shown = capsys.readouterr()
    heading, _, *rows = shown.out.splitlines()
    assert "fd (real)" in heading
    assert [row.split()[0] for row in rows] == runs
    for row in rows:
        assert "2.0000 (1.0000)" in row
        assert "fake ffffffff" in row
    assert shown.err == ""


def test_its_json_is_the_rows(runs: list[str], capsys: Captured) -> None:
    assert main(["compare", *runs, "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert [row["run"] for row in found["runs"]] == runs
    assert [row["metrics"] for row in found["runs"]] == [EVALUATION["metrics"]] * 2
    assert found["unlike"] == []


def test_figures_that_do_not_compare_are_said_to(runs: list[str], capsys: Captured) -> None:
    path = Path("other/status.json")
    status: dict[str, Any] = json.loads(path.read_text())
    status["evaluation"]["samples"] = 10_000
    path.write_text(json.dumps(status))
    assert main(["compare", *runs]) == 0
    reason = "different samples: 2,000, 10,000"
    assert f"these figures do not compare: {reason}" in capsys.readouterr().err
    assert main(["compare", *runs, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["unlike"] == [reason]


def test_runs_of_one_name_are_told_apart_by_their_paths(runs: list[str], capsys: Captured) -> None:
    Path("below").mkdir()
    write_run(Path("below/one"))
    assert main(["compare", "one", "below/one"]) == 0
    lines = capsys.readouterr().out.splitlines()[2:]
    assert [line.split()[0] for line in lines] == ["one", str(Path("below/one"))]


def test_the_figure_is_drawn_and_who_is_missing_named(runs: list[str], capsys: Captured) -> None:
    Path("other/metrics.jsonl").unlink()
    assert main(["compare", *runs, "-o", "quality.svg"]) == 0
    shown = capsys.readouterr()
    assert "other was never probed and is not in the figure" in shown.err
    assert "quality.svg" in shown.err
    assert Path("quality.svg").read_text().count("one") >= 1


@pytest.mark.parametrize(
    ("line", "code", "message"),
    [
        (["nothing"], 2, "nothing is no run directory"),
        (["one", "-o", "quality.gif"], 2, "not 'quality.gif'"),
        (["one", "-o", "no/quality.svg"], 1, "cannot write"),
        (["one", "damaged"], 1, "line 4 is damaged"),
    ],
    ids=str,
)
def test_what_cannot_be_compared_is_one_line(
    runs: list[str], capsys: Captured, line: list[str], code: int, message: str
) -> None:
    damaged = write_run(Path("damaged"))
    metrics = damaged.path / "metrics.jsonl"
    metrics.write_text(metrics.read_text() + "{\n")
    asked = [*line, "-o", "quality.svg"] if "damaged" in line else line
    assert main(["compare", *asked]) == code
    shown = capsys.readouterr()
    assert shown.out == ""
    assert shown.err.count("\n") == 1
    assert message in shown.err
    assert not Path("quality.svg").exists()


def test_a_run_of_another_version_is_left_out_and_said(runs: list[str], capsys: Captured) -> None:
    path = Path("other/recipe.json")
    recipe = {**json.loads(path.read_text()), "augment": {"zzz": 1}}
    path.write_text(json.dumps(recipe))
    assert main(["compare", *runs]) == 0
    shown = capsys.readouterr()
    assert [line.split()[0] for line in shown.out.splitlines()[2:]] == ["one"]
    assert shown.err.count("\n") == 1
    assert f"left out: {path}: unknown setting 'augment.zzz'" in shown.err
    assert main(["compare", *runs, "--json"]) == 0
    (told,) = json.loads(capsys.readouterr().out)["left_out"]
    assert "augment.zzz" in told
    assert main(["compare", "other"]) == 1
    shown = capsys.readouterr()
    assert shown.out == ""
    assert shown.err.count("\n") == 1
    assert f"{path}: unknown setting 'augment.zzz'" in shown.err


def test_what_is_no_run_among_runs_is_left_out_and_said(runs: list[str], capsys: Captured) -> None:
    Path("trials-mnist-swift/seed-000").mkdir(parents=True)
    begun = write_run(Path("begun"))
    (begun.path / "status.json").unlink()
    assert main(["compare", *runs, "trials-mnist-swift", "begun"]) == 0
    shown = capsys.readouterr()
    assert [line.split()[0] for line in shown.out.splitlines()[2:]] == ["one", "other"]
    assert "left out: trials-mnist-swift is no run directory" in shown.err
    assert "left out: begun has no status.json: its training has not begun" in shown.err
