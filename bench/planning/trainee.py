"""A process that is one point: it trains when told, and says in lines of JSON what it took.

    python -m bench.planning.trainee POINT SOURCE

It first says what it is, or `refused` with ganvas's own words. Then it takes a line each:
`turn SECONDS` trains in whole cycles until so much time is over, `ceiling` measures the machine,
`end` says what only can be counted once the peak of memory is known.
"""

import json
import platform
import sys
import time
from pathlib import Path
from typing import Any

import torch

from bench.memory import own_memory, peak_memory
from bench.planning.point import Point
from bench.planning.runs import widths
from ganvas import data
from ganvas.benchmark.replay import Recorder, operations_of
from ganvas.benchmark.timing import convolution_ceiling
from ganvas.data import DataSet
from ganvas.errors import GanvasError
from ganvas.recipe import Recipe
from ganvas.recipes import make_recipe
from ganvas.session import plan, rehearse
from ganvas.training import Training

__all__ = ["Trainee", "recipe_of"]

_BUDGET = 60_000
_ENDLESS = 10**9


class Trainee:
    """A training of one point, and what is known of it so far.

    Raises GanvasError for what ganvas refuses.
    """

    def __init__(self, point: Point, dataset: DataSet) -> None:
        self.point, self.dataset = point, dataset
        recipe = recipe_of(point, images=_ENDLESS)
        resolved, machine = plan(recipe, dataset)
        self.training = Training(resolved, dataset, machine)
        self.own = 0.0
        # A cycle has every update as often as a long run has: a lazy penalty comes once.
        self.cycle = self.training.procedure.images_per_iteration * max(1, recipe.penalty.every)

    def turn(self, seconds: float) -> tuple[int, float]:
        """Train in whole cycles, at least one, until `seconds` are over; return images, seconds."""
        images, started = 0, time.perf_counter()
        while not images or time.perf_counter() - started < seconds:
            images += self.training.iterate(self.cycle)
            self.training.tally.take()
        taken = time.perf_counter() - started
        self.own = max(self.own, own_memory())
        return images, taken

    def facts(self) -> dict[str, Any]:
        """Return memory, arithmetic for each image, parameters and disk; the end of measuring."""
        # Memory first: recording keeps what convolutions were given.
        memory = {"peak": peak_memory(), "own": self.own}
        with Recorder() as recorder:
            self.training.iterate(self.cycle)
        operations = operations_of(recorder.calls) / self.cycle
        _, plan = rehearse(recipe_of(self.point, images=_BUDGET), self.dataset)
        kept = ("generator_parameters", "discriminator_parameters", "disk_bytes", "machine")
        return {
            "memory": memory,
            "operations": operations,
            **{name: plan[name] for name in kept},
        }


def recipe_of(point: Point, *, images: int) -> Recipe:
    """Return a point's recipe with a budget of so many images."""
    changes: dict[str, Any] = {
        "machine.threads": point.threads,
        "machine.precision": point.precision,
        "batch_size": point.batch,
        **widths(point),
    }
    return make_recipe(point.recipe, budget={"images": images}, settings=changes)


def say(**content: Any) -> None:
    """Say one thing to whoever measures."""
    print(json.dumps(content), flush=True)


def processor() -> str:
    """Return the processor's name as Linux tells it, else what Python knows."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()


def main() -> None:
    point, source = Point(**json.loads(sys.argv[1])), sys.argv[2]
    torch.set_num_threads(point.threads)
    program = own_memory(), peak_memory()
    started = time.perf_counter()
    try:
        dataset = data.load(source)
        loaded = time.perf_counter()
        held = own_memory()
        trainee = Trainee(point, dataset)
        trainee.turn(0)  # clusters, the first allocations: what is done once is done
    except GanvasError as error:
        say(refused=str(error))
        return
    say(
        program=program[1],
        data=held - program[0],
        load_seconds=loaded - started,
        begin_seconds=time.perf_counter() - loaded,
        processor=processor(),
    )
    for line in sys.stdin:
        word, *rest = line.split()
        if word == "turn":
            images, seconds = trainee.turn(float(rest[0]))
            say(images=images, seconds=seconds)
        elif word == "ceiling":
            say(ceiling=convolution_ceiling(trainee.training.machine.precision, repeats=3))
        else:
            say(**trainee.facts())


if __name__ == "__main__":
    main()
