"""Races to quality, with racers that need no training."""

import signal
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from ganvas.benchmark import speedrun
from ganvas.benchmark.race import Race, Track, next_place
from ganvas.benchmark.racers import PLAIN, Contender, Racer
from ganvas.benchmark.results import reached
from ganvas.benchmark.speedrun import run_races
from ganvas.errors import DivergedError, UsageError

FAST = Contender(name="swift-12000", recipe="swift", images=12_000)
SLOW = Contender(name="lsgan", recipe="lsgan")
RACE = Race(data="mnist", contenders=(FAST, SLOW), minutes=1.0, samples=200, threads=1)
SPEEDS = {"swift": 2_000.0, "lsgan": 500.0, PLAIN: 100.0}


class FakeRacer:
    """Draws images at a speed; its distance is real's, times 40,000 over the images drawn.

    But for what chance adds to both.
    """

    precision = torch.float32

    def __init__(
        self,
        contender: Contender,
        diverges_at: int | None = None,
        half_way: Callable[[int], None] | None = None,
    ) -> None:
        self._half_way = half_way
        self.images, self.seconds = 0, 0.0
        self._speed, self._end = SPEEDS[contender.recipe], contender.images or 10**9
        self._diverges_at = diverges_at

    @property
    def is_over(self) -> bool:
        return self.images >= self._end

    def advance(
        self, images: int, *, most_seconds: float, stopping: Callable[[], bool] = bool
    ) -> None:
        place = min(images, self._end, round(most_seconds * self._speed))
        self.images = (self.images + place) // 2  # half of the way: there a stop is heard
        if self._half_way is not None:
            self._half_way(self.images)
        if not stopping():
            self.images = place
        self.seconds = self.images / self._speed
        if self._diverges_at is not None and self.images >= self._diverges_at:
            raise DivergedError("it diverged")

    def sample(self, count: int, *, seed: int) -> tuple[np.ndarray, np.ndarray | None]:
        return np.array([self.images] * count), None

    def state_dict(self) -> dict[str, Any]:
        return {"images": self.images, "seconds": self.seconds}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        self.images, self.seconds = state["images"], state["seconds"]


@pytest.fixture(autouse=True)
def figures(monkeypatch: pytest.MonkeyPatch) -> None:
    def evaluate(images: np.ndarray, labels: None, data: Any, **options: Any) -> dict[str, Any]:
        chance = 0.02 if len(images) == RACE.few else 0.0  # few samples add it, real ones as well
        value = 0.1 * 40_000 / int(images[0]) + chance
        beside = min(len(images), data.unseen)
        fd: dict[str, Any] = {"value": value, "real": 0.1 + chance}
        if beside < len(images):
            fd["samples"] = beside
        return {"metrics": {"fd": fd}, "real_samples": beside}

    monkeypatch.setattr(speedrun, "evaluate_pictures", evaluate)
    monkeypatch.setattr(speedrun, "require_distances", lambda dataset, judge, samples: None)


def race(
    folder: Path,
    entries: Race = RACE,
    *,
    repeats: int = 1,
    tell: Callable[[str], None] = lambda sentence: None,
    diverges_at: int | None = None,
    half_way: Callable[[int], None] | None = None,
    data: str = "sha256:1",
    judge: str = "sha256:2",
    unseen: int = 10_000,
) -> list[Track]:
    def make(contender: Contender, dataset: Any, *, seed: int, threads: int | None) -> Racer:
        return FakeRacer(contender, diverges_at if contender is SLOW else None, half_way)

    dataset: Any = SimpleNamespace(digest=data, unseen=unseen)
    judging: Any = SimpleNamespace(digest=judge)
    return run_races(
        folder,
        entries,
        dataset,
        judging,
        repeats=repeats,
        tell=tell,
        make=make,
        ceiling=lambda precision: 100.0,
    )


@given(images=st.integers(0, 10**8))
@settings(deadline=None)
def test_places_grow_by_a_steady_ratio(images: int) -> None:
    place = next_place(images)
    assert place > images
    assert place == 2_000 or place <= max(2_000, images * 1.151 + 2)
    assert next_place(place) > place


def test_a_target_is_reached_at_the_first_look_that_meets_it(tmp_path: Path) -> None:
    fast, slow = race(tmp_path)
    for track in (fast, slow):
        for target in RACE.targets:
            point = track.reach(target)
            later = [p for p in track.points if p.times_real <= target]
            assert point == (later[0] if later else None)
    point = fast.reach(20.0)
    assert point is not None
    assert 2_000 <= point.images < 2_000 * 1.16
    assert point.seconds == point.images / 2_000
    assert (fast.end, slow.end) == ("schedule", "reached")
    assert fast.points[-1].images == 12_000  # the end of its schedule is looked at
    assert fast.reach(3.0) is None


def test_whoever_trained_for_the_fewest_seconds_goes_next(tmp_path: Path) -> None:
    told: list[str] = []
    tracks = race(tmp_path, tell=told.append)
    order = [line.partition(",")[0] for line in told]
    seconds = {track.contender.name: [0.0] for track in tracks}
    ends = {track.contender.name: len(track.points) for track in tracks}
    left = {track.contender.name: list(track.points) for track in tracks}
    for name in order:
        racing = [other for other in seconds if len(seconds[other]) <= ends[other]]
        assert seconds[name][-1] == min(seconds[other][-1] for other in racing)
        seconds[name].append(left[name].pop(0).seconds)
    assert not any(left.values())


def test_the_cap_is_a_result(tmp_path: Path) -> None:
    short = replace(RACE, minutes=0.1)
    _, slow = race(tmp_path, short)
    assert slow.end == "cap"
    assert slow.points[-1].seconds <= 6.0
    found = reached([slow], 3.0, short)
    assert (found.seconds, found.count, found.why) == (None, 0, "not in 0.1 min")


def test_divergence_is_a_result(tmp_path: Path) -> None:
    fast, slow = race(tmp_path, diverges_at=3_000)
    assert (fast.end, slow.end) == ("schedule", "diverged")
    assert reached([slow], 3.0, RACE).why == "diverged"
    assert race(tmp_path)[1] == slow  # it is not tried again


def test_a_race_that_was_stopped_goes_on_as_if_it_had_not(tmp_path: Path) -> None:
    whole = race(tmp_path / "whole", repeats=2)
    told: list[str] = []

    def stops(sentence: str) -> None:
        told.append(sentence)
        if len(told) == 5:
            signal.raise_signal(signal.SIGINT)

    with pytest.raises(KeyboardInterrupt) as stop:
        race(tmp_path / "parts", repeats=2, tell=stops)
    assert stop.value.args == (signal.SIGINT,)
    assert len(told) == 5
    assert race(tmp_path / "parts", repeats=2) == whole


def test_a_stop_on_the_way_to_a_place_is_heard_there_and_changes_nothing(tmp_path: Path) -> None:
    whole = race(tmp_path / "whole")
    trained: list[int] = []

    def stops(images: int) -> None:
        trained.append(images)
        if len(trained) == 7:
            signal.raise_signal(signal.SIGTERM)

    with pytest.raises(KeyboardInterrupt):
        race(tmp_path / "parts", half_way=stops)
    assert len(trained) == 7
    assert race(tmp_path / "parts", half_way=trained.append) == whole
    assert trained[6] < trained[7]  # what was trained before the stop is not trained again


@pytest.mark.parametrize("name", ["lsgan", "swift-12000"])
@pytest.mark.parametrize("lost", [1, 2])  # the end, or the last look with it
def test_a_kill_between_saving_looking_and_ending_loses_nothing(
    tmp_path: Path, lost: int, name: str
) -> None:
    whole = race(tmp_path)
    lines = tmp_path / "seed-0" / name / "points.jsonl"
    kept = lines.read_text().splitlines()
    lines.write_text("\n".join(kept[:-lost]) + "\n")
    assert race(tmp_path) == whole
    assert lines.read_text().splitlines() == kept


def test_the_same_race_is_not_run_again_and_another_is_refused(tmp_path: Path) -> None:
    first = race(tmp_path)
    told: list[str] = []
    assert race(tmp_path, tell=told.append) == first
    assert told == []
    assert len(race(tmp_path, repeats=2)) == 4
    with pytest.raises(UsageError, match="another race: other minutes"):
        race(tmp_path, replace(RACE, minutes=2.0))
    with pytest.raises(UsageError, match="another race: other data_digest"):
        race(tmp_path, data="sha256:3")
    with pytest.raises(UsageError, match="another race: other judge"):
        race(tmp_path, judge="sha256:3")


def test_all_cores_are_as_many_as_they_were(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    open_threads = replace(RACE, threads=None)
    monkeypatch.setattr(speedrun, "num_cores", lambda: 4)
    race(tmp_path, open_threads)
    monkeypatch.setattr(speedrun, "num_cores", lambda: 2)
    with pytest.raises(UsageError, match="another race: other threads"):
        race(tmp_path, open_threads)


def test_another_folder_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "letters.txt").write_text("mine")
    with pytest.raises(UsageError, match="something else"):
        race(tmp_path)


def test_a_glance_at_few_samples_misses_no_target(tmp_path: Path) -> None:
    many = replace(RACE, samples=10_000)
    glancing = race(tmp_path / "few", many)
    looking = race(tmp_path / "all", replace(many, few=many.samples))
    for short, whole in zip(glancing, looking, strict=True):
        assert short.end == whole.end
        assert [p.images for p in short.points] == [p.images for p in whole.points]
        for target in RACE.targets:
            assert short.reach(target) == whole.reach(target)
        assert {p.samples for p in whole.points} == {10_000}
        # Far from every target that is left a glance is enough; the first look says what real is.
        assert short.points[0].samples == 10_000
        assert any(p.samples == 1_000 for p in short.points)
        assert all(p.real == short.points[0].real for p in short.points)


def test_targets_nearer_than_real_images_are_looked_at_with_all_samples(tmp_path: Path) -> None:
    near = replace(RACE, samples=10_000, targets=(0.5,))
    for track in race(tmp_path, near):
        assert {point.samples for point in track.points} == {10_000}


def test_where_real_images_are_few_every_look_is_a_whole_one(tmp_path: Path) -> None:
    many = replace(RACE, samples=10_000)
    for track in race(tmp_path, many, unseen=9_999):
        assert {point.samples for point in track.points} == {9_999}
        assert {point.real_samples for point in track.points} == {9_999}


def test_where_distances_cannot_be_told_nothing_is_begun(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuses(dataset: Any, judge: Any, samples: int) -> None:
        raise UsageError(f"{samples} are too few")

    monkeypatch.setattr(speedrun, "require_distances", refuses)
    with pytest.raises(UsageError, match="200 are too few"):
        race(tmp_path / "race")
    assert not (tmp_path / "race").exists()
