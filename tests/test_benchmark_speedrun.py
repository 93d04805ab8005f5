"""Races to quality, with racers that need no training; and real ones on tiny images."""

import json
import signal
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from ganvas.benchmark import speedrun
from ganvas.benchmark.racers import PLAIN, Contender, Racer, contenders, make_racer
from ganvas.benchmark.results import in_json, reached, sooner
from ganvas.benchmark.speedrun import Point, Race, Track, next_place, run_races
from ganvas.errors import DivergedError, UsageError
from tests.training_helpers import tiny_data

FAST = Contender(name="swift-12000", recipe="swift", images=12_000)
SLOW = Contender(name="lsgan", recipe="lsgan")
RACE = Race(data="mnist", contenders=(FAST, SLOW), minutes=1.0, samples=200, threads=1)
SPEEDS = {"swift": 2_000.0, "lsgan": 500.0, PLAIN: 100.0}


class FakeRacer:
    """Draws images at a speed; its distance is real's, times 40,000 over the images drawn."""

    precision = torch.float32

    def __init__(self, contender: Contender, diverges_at: int | None = None) -> None:
        self.images, self.seconds = 0, 0.0
        self._speed, self._end = SPEEDS[contender.recipe], contender.images or 10**9
        self._diverges_at = diverges_at

    @property
    def is_over(self) -> bool:
        return self.images >= self._end

    def advance(self, images: int, *, most_seconds: float) -> None:
        self.images = min(images, self._end, round(most_seconds * self._speed))
        self.seconds = self.images / self._speed
        if self._diverges_at is not None and self.images >= self._diverges_at:
            raise DivergedError("it diverged")

    def sample(self, count: int, *, seed: int) -> tuple[np.ndarray, np.ndarray | None]:
        return np.array([self.images]), None

    def state_dict(self) -> dict[str, Any]:
        return {"images": self.images, "seconds": self.seconds}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        self.images, self.seconds = state["images"], state["seconds"]


@pytest.fixture(autouse=True)
def figures(monkeypatch: pytest.MonkeyPatch) -> None:
    def evaluate(images: np.ndarray, *rest: Any, **options: Any) -> dict[str, Any]:
        return {"metrics": {"fd": {"value": 0.1 * 40_000 / int(images[0]), "real": 0.1}}}

    monkeypatch.setattr(speedrun, "evaluate_pictures", evaluate)


def race(
    folder: Path,
    entries: Race = RACE,
    *,
    repeats: int = 1,
    tell: Callable[[str], None] = lambda sentence: None,
    diverges_at: int | None = None,
) -> list[Track]:
    def make(contender: Contender, dataset: Any, *, seed: int, threads: int | None) -> Racer:
        return FakeRacer(contender, diverges_at if contender is SLOW else None)

    nothing: Any = None
    return run_races(
        folder,
        entries,
        nothing,
        nothing,
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


def test_a_kill_between_saving_and_looking_loses_nothing(tmp_path: Path) -> None:
    whole = race(tmp_path)
    lines = tmp_path / "seed-0" / "lsgan" / "points.jsonl"
    kept = lines.read_text().splitlines()
    lines.write_text("\n".join(kept[:-2]) + "\n")  # without the last look and the end
    assert race(tmp_path) == whole


def test_the_same_race_is_not_run_again_and_another_is_refused(tmp_path: Path) -> None:
    first = race(tmp_path)
    told: list[str] = []
    assert race(tmp_path, tell=told.append) == first
    assert told == []
    assert len(race(tmp_path, repeats=2)) == 4
    with pytest.raises(UsageError, match="another race: other minutes"):
        race(tmp_path, replace(RACE, minutes=2.0))


def test_another_folder_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "letters.txt").write_text("mine")
    with pytest.raises(UsageError, match="something else"):
        race(tmp_path)


def track(contender: Contender, *reach: tuple[float, float], seed: int = 0) -> Track:
    """A course of (seconds, times real)."""
    points = [Point(images=1, seconds=s, fd=t, real=1.0, ceiling=100.0) for s, t in reach]
    return Track(contender=contender, seed=seed, points=tuple(points), end="cap")


def test_swift_is_set_beside_the_best_of_the_published() -> None:
    wgan = Contender(name="wgan-gp", recipe="wgan-gp")
    plain = Contender(name=PLAIN, recipe=PLAIN)
    longer = replace(FAST, name="swift-60000", images=60_000)
    tracks = [
        track(FAST, (5.0, 19.0)),
        track(longer, (8.0, 19.0), (20.0, 9.0)),
        track(SLOW, (50.0, 19.0)),
        track(wgan, (40.0, 20.0)),
        track(plain, (1.0, 20.0)),
    ]
    (row,) = sooner(tracks, 20.0, RACE)
    assert (row["name"], row["against"], row["ratio"]) == ("swift-12000", "wgan-gp", 8.0)
    assert not row["at_least"]
    (row,) = sooner(tracks, 10.0, RACE)
    assert (row["name"], row["against"], row["ratio"]) == ("swift-60000", None, 3.0)
    assert row["at_least"]
    assert sooner(tracks, 3.0, RACE) == []
    found = in_json(tracks, [], RACE)
    assert json.loads(json.dumps(found, allow_nan=False)) == found
    assert found["contenders"][0]["name"] == "swift-12000"


def test_a_median_says_how_many_repeats_came_there() -> None:
    repeats = [track(FAST, (5.0, 9.0)), track(FAST, (7.0, 9.0), seed=1), track(FAST, seed=2)]
    found = reached(repeats, 10.0, RACE)
    assert (found.seconds, found.count, found.repeats) == (6.0, 2, 3)


def test_who_takes_part() -> None:
    names = [entry.name for entry in contenders(num_classes=10)]
    assert len(names) == len(set(names))
    assert {"swift-20000", "swift-unconditional-180000", "dcgan-tf", PLAIN} <= set(names)
    assert not [entry.name for entry in contenders(["swift"], num_classes=0) if entry.unconditional]
    with pytest.raises(UsageError, match="did you mean 'swift'"):
        contenders(["swfit"], num_classes=10)


def test_a_recipe_of_ganvas_goes_on_from_its_state() -> None:
    data = tiny_data()
    tiny = Contender(name="tiny", recipe="swift", images=128)
    whole = make_racer(tiny, data, seed=0, threads=1)
    whole.advance(64, most_seconds=600.0)
    assert whole.images == 64
    state = whole.state_dict()
    parts = make_racer(tiny, data, seed=0, threads=1)
    parts.load_state_dict(json_like(state))
    assert (parts.images, parts.seconds) == (64, whole.seconds)
    for racer in (whole, parts):
        racer.advance(10**6, most_seconds=600.0)
        assert racer.images == 128
        assert racer.is_over
    (first, _), (second, _) = (racer.sample(3, seed=0) for racer in (whole, parts))
    assert np.array_equal(first, second)


def test_no_more_is_trained_once_the_seconds_are_over() -> None:
    racer = make_racer(SLOW, tiny_data(80, classes=0), seed=0, threads=1)
    racer.advance(10**6, most_seconds=1e-9)
    assert racer.images == 64  # one iteration
    assert not racer.is_over
    racer.advance(10**6, most_seconds=1e-9)
    assert racer.images == 64


def json_like(state: Any) -> Any:
    """A copy of a state, its tensors too."""
    if isinstance(state, dict):
        return {key: json_like(value) for key, value in state.items()}
    if isinstance(state, list | tuple):
        return [json_like(value) for value in state]
    return state.clone() if isinstance(state, torch.Tensor) else state
