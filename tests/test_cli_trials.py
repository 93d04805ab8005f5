"""`ganvas trials`: the table, its JSON, the figure; and one real series from end to end."""

import json
from collections.abc import Sequence
from pathlib import Path

import pytest

from ganvas.cli.main import main
from ganvas.errors import GanvasError
from ganvas.scale import children
from tests.scale_helpers import FakeRunner, option

Captured = pytest.CaptureFixture[str]


@pytest.fixture
def runner(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> FakeRunner:
    fake = FakeRunner(lambda arguments: "diverged" if option(arguments, "--seed") == "1" else 4.0)
    monkeypatch.setattr(children, "Children", lambda: fake)
    monkeypatch.chdir(tmp_path)
    return fake


def test_the_table_has_each_seed_the_median_the_worst_and_the_best(
    runner: FakeRunner, capsys: Captured
) -> None:
    arguments = ["trials", "--seeds", "3", "--samples", "2000", "--success", "fd<=5x"]
    assert main(arguments) == 0
    shown = capsys.readouterr()
    lines = [line.split() for line in shown.out.splitlines()]
    assert [line[0] for line in lines[2:8]] == ["0", "1", "2", "median", "worst", "best"]
    assert lines[2][-1] == lines[4][-1] == "yes"
    assert lines[3][1] == "diverged"
    assert lines[3][-1] == "no"
    assert "2 of 3 seeds succeed (fd<=5x)" in shown.out
    assert "seed 1: diverged (it diverged)" in shown.out
    assert "3 of 3: seed 2 finished, Fréchet distance 4 (4.0 times real)" in shown.err
    assert Path("runs/trials-mnist-swift/seed-002/status.json").is_file()


def test_points_have_their_own_recipe_and_rule(runner: FakeRunner, capsys: Captured) -> None:
    assert main(["trials", "ring", "--seeds", "1", "--samples", "2500"]) == 0
    shown = capsys.readouterr()
    assert "of 1 seeds succeed (modes>=1x,high_quality>=0.95)" in shown.out
    assert Path("runs/trials-ring-points/seed-000/status.json").is_file()


def test_its_json_and_figure(runner: FakeRunner, capsys: Captured) -> None:
    arguments = ["trials", "mnist:3,5", "--seeds", "2", "--samples", "2000", "--unconditional"]
    assert main([*arguments, "--out", "t", "--json", "-o", "t.svg"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert [trial["seed"] for trial in found["trials"]] == [0, 1]
    assert found["trials"][0]["metrics"]["fd"]["value"] == 4.0
    assert found["summary"]["success"] == "fd<=10x"
    assert found["options"] == ["--unconditional"]
    assert "swift on mnist:3,5: 1 of 2 seeds succeed" in Path("t.svg").read_text()


def test_a_run_that_could_not_be_measured_is_a_failure(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Captured
) -> None:
    def measures_not(arguments: Sequence[str]) -> float:
        if fake.commands[-1][0] == "eval":
            raise GanvasError("out of memory")
        return 2.0

    fake = FakeRunner(measures_not)
    monkeypatch.setattr(children, "Children", lambda: fake)
    monkeypatch.chdir(tmp_path)
    assert main(["trials", "--seeds", "1", "--samples", "3000"]) == 1
    assert "(could not be measured: out of memory)" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ([], "missing --seeds"),
        (["--seeds", "0"], "a whole number, 1 to 100000"),
        (["--seeds", "2", "--success", "fd<5x"], "--success takes conditions"),
        (["--seeds", "2", "--recipe", "swfit"], "did you mean 'swift'"),
        (["--seeds", "2", "--set", "width=3"], "unknown setting"),
        (["--seeds", "2", "--set", "machine.threads=4"], "--set machine.threads: --threads says"),
        (["--seeds", "2", "--size", "3"], "--size must be a size of"),
        (["--seeds", "2", "-o", "t.gif"], "t.gif"),
    ],
)
def test_a_wrong_request_is_one_line_and_trains_nothing(
    runner: FakeRunner, capsys: Captured, options: list[str], words: str
) -> None:
    assert main(["trials", *options]) == 2
    shown = capsys.readouterr()
    assert shown.out == ""
    assert len(shown.err.splitlines()) == 1
    assert words in shown.err
    assert runner.commands == []
    assert not Path("runs").exists()


@pytest.mark.slow
def test_a_real_series_of_two_tiny_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Captured
) -> None:
    monkeypatch.chdir(tmp_path)
    narrow = ["--set", "generator.width=4", "--set", "discriminator.width=4"]
    arguments = ["trials", "--seeds", "2", "--images", "128", "--jobs", "2", "--threads", "1"]
    assert main([*arguments, *narrow, "--samples", "200", "--out", "t", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert [trial["status"] for trial in found["trials"]] == ["finished", "finished"]
    assert [trial["images"] for trial in found["trials"]] == [128, 128]
    first, second = (trial["metrics"]["fd"]["value"] for trial in found["trials"])
    assert first != second
    assert Path("t/seed-000/model").is_dir()
