"""One process of one thread beside two, of so many images each: `bench.distributed`, as JSON.

    python -m bench.planning.workers BATCH SECONDS

for a process of its own: the one that measures stays small.
"""

import json
import resource
import sys
from pathlib import Path
from statistics import median
from typing import Any

from bench.planning.turns import Process, TraineeError

__all__ = ["WORKERS", "measure_workers"]

WORKERS = {f"two processes of {batch}": batch for batch in (32, 64, 128)}
"""Images in each process' part of a batch, by the point's name."""

_IMAGES = 2_048  # of each process in a turn
_LEAST_TURNS = 5


def measure_workers(batch: int, folder: Path, *, seconds: float) -> dict[str, Any]:
    """Return how many times as fast two processes are as one; `failed` where one ended."""
    process = Process(["-m", "bench.planning.workers", str(batch), str(seconds)], folder)
    try:
        return {"batch": batch, **process.hear()}
    except TraineeError as error:
        return {"batch": batch, "failed": str(error)}
    finally:
        process.end()


def main() -> None:
    from bench.distributed import Runners, in_turns

    batch, seconds = int(sys.argv[1]), float(sys.argv[2])
    options = ["--data=mnist", "--recipe=swift", f"--set=batch_size={batch}"]
    one, two = (Runners(count, options) for count in (1, 2))
    runner, _ = (runners.hear()[0] for runners in (one, two))
    speeds, ratios = in_turns(one, two, images=_IMAGES, turns=_LEAST_TURNS, seconds=seconds)
    memory = []
    for runners in (one, two):  # the largest child so far: two are each larger than one alone
        runners.end()
        memory.append(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024)
    content = {
        "ratio": median(ratios),
        "ratios": ratios,
        "images_per_second": {str(count): median(found) for count, found in speeds.items()},
        "memory": {"one": memory[0], "each_of_two": memory[1]},
        "runner": runner,
    }
    print(json.dumps(content), flush=True)


if __name__ == "__main__":
    main()
