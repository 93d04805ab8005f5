"""One process beside two: by turns, each as often, and twice the images for two."""

from typing import Any

import pytest

from bench import distributed
from bench.distributed import Runners, in_turns


class Timed(Runners):
    """Stands for processes: says how fast it is, and notes its turns in a list of all."""

    def __init__(self, count: int, turns: list[tuple[int, int]], speed: float) -> None:
        self.count, self._turns, self._speed = count, turns, speed

    def hear(self) -> list[str]:
        return ["a machine"] * self.count

    def turn(self, images: int) -> float:
        self._turns.append((self.count, images))
        return self._speed

    def end(self) -> None:
        self._turns.append((self.count, 0))


def test_each_begins_as_often_as_the_other_until_turns_and_time_are_enough() -> None:
    turns: list[tuple[int, int]] = []
    one, two = Timed(1, turns, 100.0), Timed(2, turns, 160.0)
    speeds, ratios = in_turns(one, two, images=200, turns=3)
    assert turns == [(1, 200), (2, 400), (2, 400), (1, 200), (1, 200), (2, 400)]
    assert speeds == {1: [100.0] * 3, 2: [160.0] * 3}
    assert ratios == [1.6] * 3
    turns.clear()
    in_turns(one, two, images=200, turns=1, seconds=9.0)  # a pair of turns takes 4.5 s
    assert len(turns) == 4


def test_the_command_says_how_many_times_as_fast_two_are(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    turns: list[tuple[int, int]] = []

    def make(count: int, options: Any) -> Timed:
        assert options == ["--data=mnist", "--recipe=swift", "--set=batch_size=64"]
        return Timed(count, turns, 100.0 * count)

    monkeypatch.setattr(distributed, "Runners", make)
    arguments = ["bench.distributed", "--repeats", "2", "--images", "50", "--set", "batch_size=64"]
    monkeypatch.setattr("sys.argv", arguments)
    distributed.main()
    assert turns == [(1, 50), (2, 100), (2, 100), (1, 50), (1, 0), (2, 0)]
    assert "two are 2.00 times as fast as one (lowest 2.00, highest 2.00 of 2)" in (
        capsys.readouterr().out
    )


@pytest.mark.slow
def test_real_processes_train_together_when_told_and_end() -> None:
    widths = ["--set=generator.width=8", "--set=discriminator.width=8"]
    runners = Runners(2, ["--data=mnist", "--recipe=swift", *widths])
    assert all("batch 64" in line for line in runners.hear())
    assert runners.turn(128) > 0
    runners.end()
    assert [process.returncode for process in runners._processes] == [0, 0]
