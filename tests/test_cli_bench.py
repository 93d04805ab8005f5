"""`ganvas bench`: what it prints of a race that was run before, and what it refuses."""

import json
from pathlib import Path
from typing import Any

import pytest

from ganvas.benchmark import roofline, speedrun
from ganvas.benchmark.race import Point, Race, Track
from ganvas.benchmark.racers import Contender
from ganvas.benchmark.roofline import Operator, Roofline
from ganvas.cli.main import main

Captured = pytest.CaptureFixture[str]


@pytest.fixture(autouse=True)
def finished(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Races that are over at once, and rooflines that are known."""

    def run_races(directory: Path, race: Race, *data: Any, **options: Any) -> list[Track]:
        return [
            course(entry, seed) for seed in range(options["repeats"]) for entry in race.contenders
        ]

    def rooflines(entries: tuple[Contender, ...], *data: Any, **options: Any) -> list[Roofline]:
        return [
            Roofline(
                name=form,
                precision="float32",
                threads=1,
                operations=5e7,
                images_per_second=1_000.0,
                ceiling=1e11,
                step_over_alone=1.25,
                operators=(Operator(name="aten::mm", share=0.4),),
            )
            for form in dict.fromkeys(entry.form for entry in entries)
        ]

    monkeypatch.setattr(speedrun, "run_races", run_races)
    monkeypatch.setattr(roofline, "measure_rooflines", rooflines)
    monkeypatch.chdir(tmp_path)


def course(entry: Contender, seed: int) -> Track:
    """swift comes to 4 times real, the others to 12."""
    last = 4.0 if entry.recipe == "swift" else 12.0
    speed = 1_000 if entry.recipe == "swift" else 100
    points = tuple(
        Point(
            images=images,
            seconds=images / speed,
            fd=times,
            real=1.0,
            samples=500,
            real_samples=500,
            ceiling=100.0 + seed,
        )
        for images, times in ((2_000, 100.0), (4_000, 15.0), (8_000, last))
    )
    return Track(contender=entry, seed=seed, points=points, end="cap")


def test_the_table_has_seconds_images_and_the_ceiling(capsys: Captured, tmp_path: Path) -> None:
    arguments = ["bench", "speedrun", "--recipes", "swift", "lsgan", "--schedules", "60000"]
    assert main([*arguments, "--minutes", "2", "-o", "race.svg"]) == 0
    shown = capsys.readouterr()
    rows = [line.split() for line in shown.out.splitlines()]
    swift = next(row for row in rows if row[:1] == ["swift-60000"])
    assert swift[1:9] == ["4.0", "s", "4,000", "101", "8.0", "s", "8,000", "101"]
    assert swift[-4:] == ["not", "in", "2", "min"]
    assert "20x: swift-60000 comes there 10.0 times sooner than lsgan" in shown.out
    assert "10x: swift-60000 comes there at least 15.0 times sooner than any published" in shown.out
    assert "swift-unconditional: aten::mm 40%" in shown.out
    assert "50%" in shown.out
    assert "swift-unconditional-60000" in Path("race.svg").read_text()


def test_its_json(capsys: Captured) -> None:
    assert main(["bench", "speedrun", "--recipes", "lsgan", "--repeats", "2", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    (entry,) = found["contenders"]
    assert [row["seconds"] for row in entry["reached"]] == [40.0, None, None, None]
    assert [repeat["seed"] for repeat in entry["repeats"]] == [0, 1]
    assert found["rooflines"][0]["share"] == 0.5
    assert main(["bench", "roofline", "--recipes", "lsgan", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["rooflines"] == found["rooflines"]


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["speedrun", "--recipes", "swfit"], "did you mean 'swift'"),
        (["speedrun", "--targets", "20,0"], "above 0"),
        (["speedrun", "--minutes", "0"], "above 0"),
        (["speedrun", "--schedules", "x"], "whole number"),
        (["speedrun", "-o", "race.gif"], "race.gif"),
        (["speedrun", "--data", "mnsit"], "did you mean 'mnist'"),
        (["race"], "speedrun"),
    ],
)
def test_a_wrong_request_is_one_line(capsys: Captured, options: list[str], words: str) -> None:
    assert main(["bench", *options]) == 2
    shown = capsys.readouterr()
    assert shown.out == ""
    assert len(shown.err.splitlines()) == 1
    assert words in shown.err
