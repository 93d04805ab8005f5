"""The planning measurement: nothing is measured twice, and what fails is told in its table."""

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bench.marks import between_marks
from bench.planning import __main__ as command
from bench.planning import page
from bench.planning.cells import times
from bench.planning.estimate import estimate
from bench.planning.point import AXES, DEFAULT, EXAMPLE, Point, all_points, needed_points
from bench.planning.results import Results, missing
from bench.planning.runs import RUNS
from bench.planning.turns import Process, TraineeError, measure, turn_ratios
from bench.planning.workers import WORKERS
from tests.planning_helpers import measured_results, result

RUN = f"run of {EXAMPLE.name}"


@pytest.fixture
def results(tmp_path: Path) -> Results:
    return measured_results(tmp_path)


class Talking:
    """Stands for a process: answers turns as if an image took so many seconds."""

    def __init__(self, seconds: Iterator[float] | float, images: int = 512) -> None:
        self._seconds, self.images, self.turns = seconds, images, 0

    def ask(self, line: str) -> dict[str, Any]:
        assert line.startswith("turn ")
        self.turns += 1
        each = self._seconds if isinstance(self._seconds, float) else next(self._seconds)
        return {"images": self.images, "seconds": each * self.images}


def test_ratios_are_of_an_image_whatever_a_turn_is_long() -> None:
    ratios, speed, default_speed = turn_ratios(
        Talking(0.004, images=512), Talking(0.001, images=2048), seconds=0.1
    )
    assert ratios == pytest.approx([4.0] * 3)
    assert (speed, default_speed) == pytest.approx((250.0, 1000.0))


def test_a_machine_that_slows_down_does_not_change_the_ratio() -> None:
    def slowing(first: float) -> Iterator[float]:
        while True:
            yield first
            first *= 2

    point, default = Talking(slowing(0.02), images=100), Talking(slowing(0.01), images=100)
    ratios, _, _ = turn_ratios(point, default, seconds=20)
    assert ratios == pytest.approx([2.0] * len(ratios))
    assert point.turns == default.turns >= 3


def test_every_point_has_a_name_of_its_own_and_can_be_kept() -> None:
    points = {point for axis in AXES.values() for point in axis}
    assert len(all_points()) == len(points) >= 20
    for name, point in all_points().items():
        assert Point(**json.loads(json.dumps(point.to_json()))) == point
        assert name == point.name
    assert DEFAULT.name == "swift"
    assert EXAMPLE not in points


def test_one_thing_is_changed_at_a_time() -> None:
    for axis, point in ((axis, p) for axis, points in AXES.items() for p in points):
        plain = replace(point, generator=1.0, discriminator=1.0, images=2_000, recipe="swift")
        changed = [name for name, value in plain.to_json().items() if value != _DEFAULTS[name]]
        assert len(changed) <= (2 if axis in ("colour", "machine") else 1), point.name


_DEFAULTS = DEFAULT.to_json()


def test_what_is_kept_is_read_again_and_not_measured_again(tmp_path: Path) -> None:
    results = Results(tmp_path)
    results.add("swift", result(DEFAULT))
    results.add("refused", {"refused": "no"})
    results.add("failed", {"failed": "killed by signal 9"})
    again = Results(tmp_path)
    assert missing(again, ["swift", "refused", "failed", "other"]) == ["failed", "other"]
    assert again.get(DEFAULT) == results.get(DEFAULT) is not None


def test_a_failure_is_told_and_the_rest_is_measured(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    defaults: list[str] = []

    class Default:
        def __init__(self, folder: Path) -> None:
            defaults.append("began")

        def end(self) -> None:
            defaults.append("ended")

    def measured(point: Point, *_: Any, seconds: float) -> dict[str, Any]:
        return {"failed": "killed by signal 9"} if point == DEFAULT else result(point)

    monkeypatch.setattr(command, "begin_default", Default)
    monkeypatch.setattr(command, "measure", measured)
    only = ["--only", "swift", "swift size=32"]
    arguments = ["bench.planning", "--out", str(tmp_path), *only]
    monkeypatch.setattr("sys.argv", arguments)
    command.main()
    # Which of the two processes failed nobody knows: the next point has a fresh default.
    assert defaults == ["began", "ended"] * 2
    assert "swift: failed: killed by signal 9" in capsys.readouterr().out
    monkeypatch.setattr("sys.argv", [*arguments, "--list"])
    command.main()
    assert capsys.readouterr().out == "swift\n"


def test_processes_and_whole_runs_are_measured_while_nothing_else_waits(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    events: list[str] = []

    class Default:
        def __init__(self, folder: Path) -> None:
            events.append("began")

        def end(self) -> None:
            events.append("ended")

    def measured(point: Point, *_: Any, seconds: float) -> dict[str, Any]:
        return result(point)

    def worked(batch: int, folder: Path, *, seconds: float) -> dict[str, Any]:
        events.append("workers")
        return {"ratio": 1.5, "ratios": [1.5]}

    def ran(point: Point, folder: Path) -> dict[str, Any]:
        events.append("run")
        return {"seconds": 1.0, "peak": 1.0}

    monkeypatch.setattr(command, "begin_default", Default)
    monkeypatch.setattr(command, "measure", measured)
    monkeypatch.setattr(command, "measure_workers", worked)
    monkeypatch.setattr(command, "measure_run", ran)
    only = ["swift size=32", "swift size=64", next(iter(WORKERS)), RUN]
    monkeypatch.setattr("sys.argv", ["bench.planning", "--out", str(tmp_path), "--only", *only])
    command.main()
    assert events == ["began", "ended", "workers", "run"]


def test_the_page_has_every_mark_and_its_words_stay(results: Results) -> None:
    written = page.PAGE.read_text(encoding="utf-8")
    anew = page.filled(written, results)
    assert page.filled(anew, results) == anew

    def words(text: str) -> str:
        for section in page.SECTIONS:
            text = between_marks(text, *page.marks_of(section), [])
        return text

    assert words(anew) == words(written)
    assert "arithmetic as size^2.00" in anew
    assert "arithmetic as width^2.00" in anew


def test_a_point_that_failed_is_told_in_its_table(results: Results) -> None:
    points = all_points()
    results.add(
        "swift size=128", {"point": points["swift size=128"].to_json(), "refused": "too big"}
    )
    results.add("swift batch_size=64", {"failed": "killed by signal 9"})
    text = page.filled(page.PAGE.read_text(encoding="utf-8"), results)
    assert "| `swift` 128x128 | too big | - |" in text
    assert "| 64 images | killed by signal 9 | - |" in text
    assert "`swift` over 28, 32, 64: time as size^" in text


def test_a_page_of_nothing_says_so(tmp_path: Path) -> None:
    text = page.filled(page.PAGE.read_text(encoding="utf-8"), Results(tmp_path))
    assert text.count("not measured yet") >= len(all_points())
    assert f"{EXAMPLE.name}: not measured yet." in text


def test_an_example_that_failed_is_told(results: Results) -> None:
    results.add(EXAMPLE.name, result(EXAMPLE))
    results.add(RUN, {"failed": "exit code 1"})
    assert not results.is_done(RUN)
    text = page.filled(page.PAGE.read_text(encoding="utf-8"), results)
    assert f"{RUN}: exit code 1." in text
    assert f"| `{EXAMPLE.name}` | exit code 1 | - |" in text


def test_the_example_compares_what_was_estimated_with_what_was_measured(results: Results) -> None:
    run = {
        "images": 2_048,
        "training_seconds": 2_048 * 0.02,
        "seconds": 60.0,
        "peak": 1000.0,
        "disk_bytes": 1e8,
        "planned_disk_bytes": {"2048": 2e8, "200000": 4e8},
    }
    guess = estimate(results, EXAMPLE)
    assert guess is not None
    results.add(EXAMPLE.name, result(EXAMPLE) | {"ratio": 2 * guess.time})
    results.add(RUN, run)
    text = page.filled(page.PAGE.read_text(encoding="utf-8"), results)
    assert (
        f"| time of an image, default = 1 | {times(guess.time)} | {times(2 * guess.time)} | 2.00 |"
        in text
    )
    assert "| disk for 2,048 images, MB | 200 | 100 | 0.50 |" in text
    assert "says at most 400 MB" in text


@pytest.mark.parametrize("text", ["", "<b>", "<e>", "<e> <b>", "<b> <e> <e>", "<b> <b> <e>"])
def test_marks_that_are_not_there_once_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match="each of them once"):
        between_marks(text, "<b>", "<e>", ["line"])


def test_lines_replace_what_is_between_the_marks() -> None:
    assert between_marks("a <b>old<e> z", "<b>", "<e>", ["new"]) == "a <b>\n\nnew\n\n<e> z"


def test_a_process_that_ends_says_why(tmp_path: Path) -> None:
    code = "import sys; print('{\"a\": 1}', flush=True); input(); sys.exit('out of paper')"
    process = Process(["-c", code], tmp_path)
    assert process.hear() == {"a": 1}
    with pytest.raises(TraineeError, match="ended with exit code 1: out of paper"):
        process.ask("turn 1")
    process.end()
    process = Process(["-c", "import os; os.kill(os.getpid(), 9)"], tmp_path)
    with pytest.raises(TraineeError, match="killed by signal 9"):
        process.hear()
    process.end()


@pytest.mark.slow
def test_a_real_point_is_measured_and_a_refused_one_told(tmp_path: Path) -> None:
    small = replace(DEFAULT, size=8, images=60, generator=0.125, discriminator=0.125)
    found = measure(small, _Default(), tmp_path, seconds=0)
    assert found["operations"] > 0
    assert found["memory"]["peak"] > found["begun"]["program"] > 0
    assert len(found["ratios"]) == 3
    assert found["disk_bytes"] > 0
    large = replace(small, generator=1000.0)
    assert "generator.width" in measure(large, _Default(), tmp_path, seconds=0)["refused"]


class _Default(Talking):
    def __init__(self) -> None:
        super().__init__(0.001)

    def ask(self, line: str) -> dict[str, Any]:
        return {"ceiling": 1.0} if line == "ceiling" else super().ask(line)


def test_every_result_has_a_name_of_its_own() -> None:
    names = [*needed_points(), *WORKERS, *RUNS]
    assert len(names) == len(set(names)) == len(all_points()) + 1 + len(WORKERS) + len(RUNS)
