"""The race to quality: seconds and images of training until samples come near to real images.

    DIR/speedrun.json              what is raced, on what
    DIR/seed-0/swift-60000/        a contender of one repeat: checkpoints/ and points.jsonl

All contenders of a repeat are under way together: whoever has trained for the fewest seconds goes
next, up to the next place on a geometric grid of images, and is measured there. So the machine's
moods hit all of them alike, and the images of every result are the same each time. The time of
finding clusters is counted, that of measuring and saving is not.
"""

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch

from ganvas.benchmark.race import Point, Race, Track, next_place
from ganvas.benchmark.racers import Contender, Racer, make_racer, require_distances
from ganvas.benchmark.timing import convolution_ceiling
from ganvas.checkpoint import load_newest, save_checkpoint
from ganvas.data.images import DataSet
from ganvas.device import num_cores
from ganvas.errors import DataError, DivergedError, GanvasError, NotFiniteError, UsageError
from ganvas.evaluation import evaluate_pictures
from ganvas.files import cannot_write, read_json, write_json
from ganvas.journal import Journal
from ganvas.judge import AnyJudge
from ganvas.lock import RunLock
from ganvas.signals import StopRequest

__all__ = ["run_races"]

Tell = Callable[[str], None]


def run_races(
    directory: Path,
    race: Race,
    dataset: DataSet,
    judge: AnyJudge,
    *,
    repeats: int,
    tell: Tell,
    make: Callable[..., Racer] = make_racer,
    ceiling: Callable[[torch.dtype], float] = convolution_ceiling,
) -> list[Track]:
    """Race every contender with the seeds 0 to `repeats` - 1, and return their courses.

    What was done before in `directory` is kept and gone on with. `make` and `ceiling` are what a
    contender is made by, and the machine measured by.

    Raises UsageError when `directory` holds another race and when the data has too few images to
    tell distances by, KeyboardInterrupt with the signal's number when one came: everything up to
    the last look is saved.
    """
    require_distances(dataset, judge, race.samples)
    try:
        directory.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise cannot_write(directory, error) from None
    with RunLock(directory), StopRequest() as stop:
        _keep_race(directory / "speedrun.json", race, dataset, judge)
        means = _Means(
            race=race,
            dataset=dataset,
            judge=judge,
            make=make,
            ceiling=ceiling,
            tell=tell,
            stopping=lambda: stop.received is not None,
        )
        tracks: list[Track] = []
        for seed in range(repeats):
            lanes = [
                _Lane(directory / f"seed-{seed}" / contender.name, contender, seed, means)
                for contender in race.contenders
            ]
            while racing := [lane for lane in lanes if not lane.end]:
                min(racing, key=lambda lane: lane.seconds).turn()
                if stop.received is not None:
                    raise KeyboardInterrupt(stop.received)
            tracks += [lane.track() for lane in lanes]
            del lanes  # a repeat's networks go before the next one's come
    return tracks


@dataclass(frozen=True, kw_only=True, slots=True)
class _Means:
    """What all lanes share: what is raced, on what, seen by whom, and what is called for it.

    `stopping` says whether a signal has come.
    """

    race: Race
    dataset: DataSet
    judge: AnyJudge
    make: Callable[..., Racer]
    ceiling: Callable[[torch.dtype], float]
    tell: Tell
    stopping: Callable[[], bool]


class _Lane:
    """One contender of one repeat: its racer once it runs, its looks so far, its end."""

    def __init__(self, folder: Path, contender: Contender, seed: int, means: _Means) -> None:
        self._folder, self._contender, self._seed, self._means = folder, contender, seed, means
        folder.mkdir(parents=True, exist_ok=True)
        self._journal = Journal(folder / "points.jsonl")
        self._points = self._journal.read("fd", _point)
        ends = self._journal.read("end", lambda line: str(line["end"]))
        self.end = ends[-1] if ends else ""
        self._racer: Racer | None = None

    @property
    def seconds(self) -> float:
        """Seconds of training so far."""
        return self._points[-1].seconds if self._points else 0.0

    def track(self) -> Track:
        return Track(
            contender=self._contender, seed=self._seed, points=tuple(self._points), end=self.end
        )

    def turn(self) -> None:
        """Train to the next place, save, look, and note whether that was the end.

        After a stop what was trained is saved, and the place is for another time.
        """
        racer = self._racer = self._racer or self._start()
        if self._conclude(racer):  # a kill came between the last look and this
            return
        cap = self._means.race.minutes * 60
        speed = self._means.ceiling(racer.precision)
        place = next_place(self._points[-1].images if self._points else 0)
        try:
            if not (
                self._is_spent(racer) or racer.images >= place
            ):  # else one came before the look
                racer.advance(place, most_seconds=cap, stopping=self._means.stopping)
            self._save(racer)
            if not (self._is_spent(racer) or racer.images >= place):
                return
            point = self._look(racer, speed)
        except (DivergedError, NotFiniteError) as error:
            self._finish("diverged", racer.images)
            self._means.tell(f"{self._name}: {error}")
            return
        self._points.append(point)
        self._journal.append(json.dumps(asdict(point), allow_nan=False))
        self._conclude(racer)
        self._means.tell(
            f"{self._name}: {point.times_real:.1f} times real after {point.images:,} images, "
            f"{point.seconds:.1f} s"
        )

    def _is_spent(self, racer: Racer) -> bool:
        return racer.is_over or racer.seconds >= self._means.race.minutes * 60

    def _conclude(self, racer: Racer) -> bool:
        """Note the end, and return True, where what was looked at last is one."""
        if not self._points or self._points[-1].images != racer.images:
            return False
        point = self._points[-1]
        if point.times_real <= min(self._means.race.targets):
            self._finish("reached", point.images)
        elif racer.is_over:
            self._finish("schedule", point.images)
        elif racer.seconds >= self._means.race.minutes * 60:
            self._finish("cap", point.images)
        return bool(self.end)

    @property
    def _name(self) -> str:
        return f"{self._contender.name}, seed {self._seed}"

    def _start(self) -> Racer:
        means = self._means
        racer = means.make(
            self._contender, means.dataset, seed=self._seed, threads=means.race.threads
        )
        loaded = load_newest(self._folder / "checkpoints")
        if loaded is None:
            self._journal.cut(0)
        else:
            try:
                racer.load_state_dict(loaded.state)
            except (KeyError, TypeError, ValueError, RuntimeError) as error:
                raise DataError(f"{loaded.path} does not fit: {error}") from None
            self._journal.cut(racer.images)
        self._points = self._journal.read("fd", _point)
        return racer

    def _save(self, racer: Racer) -> None:
        save_checkpoint(self._folder / "checkpoints", racer.images, racer.state_dict(), keep=1)

    def _look(self, racer: Racer, speed: float) -> Point:
        race = self._means.race
        far = self._glance(racer)
        if far is None:
            fd, real, samples, num_real = self._distance(racer, race.samples)
        else:  # the first look, which was a whole one, has said what real images have
            first = self._points[0]
            samples, fd, real, num_real = race.few, far, first.real, first.real_samples
        return Point(
            images=racer.images,
            seconds=round(racer.seconds, 3),
            fd=fd,
            real=real,
            samples=samples,
            real_samples=num_real,
            ceiling=round(speed, 1),
        )

    def _glance(self, racer: Racer) -> float | None:
        """Return the distance of few samples where it is beyond every target left; else None.

        What few samples add to a distance they add to that of as many real images, too: a distance
        d + b beyond t (r + b) means d > t r + (t - 1) b, so no target t from 1 on is missed. That
        holds where r is of as many real images as a whole look is of samples.
        """
        race = self._means.race
        track = self.track()
        target = max(target for target in race.targets if track.reach(target) is None)
        if not self._points or race.few * 2 > race.samples or target < 1:
            return None
        if self._points[0].real_samples < race.samples:
            return None
        fd, real, *_ = self._distance(racer, race.few)
        return fd if fd > target * real else None

    def _distance(self, racer: Racer, samples: int) -> tuple[float, float, int, int]:
        """Return the Fréchet distance of so many samples, real images' own, and of how many
        samples and real images they are: of fewer where there are fewer real ones.
        """
        means = self._means
        images, labels = racer.sample(samples, seed=self._seed)
        found = evaluate_pictures(
            images, labels, means.dataset, judge=means.judge, seed=self._seed, metrics=["fd"]
        )
        figure = found["metrics"]["fd"]
        return (
            float(figure["value"]),
            float(figure["real"]),
            int(figure.get("samples", samples)),
            int(found["real_samples"]),
        )

    def _finish(self, end: str, images: int) -> None:
        self.end = end
        self._journal.append(json.dumps({"images": images, "end": end}))
        self._racer = None


def _point(line: dict[str, Any]) -> Point:
    return Point(
        images=int(line["images"]),
        samples=int(line["samples"]),
        real_samples=int(line["real_samples"]),
        **{name: float(line[name]) for name in ("seconds", "fd", "real", "ceiling")},
    )


def _keep_race(path: Path, race: Race, dataset: DataSet, judge: AnyJudge) -> None:
    """Write what is raced, or raise UsageError when something else was.

    That is also the data's very images, who judges, and the threads that all cores come to.
    """
    values = json.loads(json.dumps(asdict(race)))
    values |= {
        "data_digest": dataset.digest,
        "judge": judge.digest,
        "threads": race.threads or num_cores(),
    }
    if not path.exists():
        if any(not entry.name.startswith(".") for entry in path.parent.iterdir()):
            raise UsageError(f"{path.parent} holds something else already; choose another --out")
        write_json(path, values)
        return
    kept = read_json(path)
    if not isinstance(kept, dict):
        raise GanvasError(f"{path} is no record of a race; choose another --out")
    for name, now in values.items():
        if kept.get(name) != now:
            raise UsageError(
                f"{path.parent} holds another race: other {name}; choose another --out"
            )
