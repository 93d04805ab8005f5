"""Results of the planning measurement that follow known laws."""

from pathlib import Path
from typing import Any

from bench.planning.memory_law import states_mib
from bench.planning.point import Point, all_points
from bench.planning.results import Results


def result(point: Point, *, operations: float = 60e6, training: float = 100.0) -> dict[str, Any]:
    """Return a result of a point as a measurement would keep it, its time by a known law."""
    ratio = 0.4 + 0.01 * operations / 1e6
    return {
        "point": point.to_json(),
        "ratio": ratio,
        "ratios": [0.9 * ratio, ratio, 1.1 * ratio],
        "images_per_second": 1000 / ratio,
        "default_images_per_second": 1000.0,
        "ceiling": 400.0,
        "begun": {
            "program": 200.0,
            "data": 5.0,
            "load_seconds": 0.1,
            "begin_seconds": 1.0,
            "processor": "a processor",
        },
        "memory": {"peak": 205.0 + training, "own": 180.0},
        "operations": operations,
        "generator_parameters": 400_000,
        "discriminator_parameters": 200_000,
        "disk_bytes": 50_000_000,
        "machine": "cpu, 1 thread",
    }


def measured_results(folder: Path) -> Results:
    """Return every point measured: arithmetic as size^2 width^2, time and memory by known laws."""
    found = Results(folder)
    states = states_mib(generator=400_000, discriminator=200_000)
    for name, point in all_points().items():
        width = (point.generator + point.discriminator) / 2
        places = point.batch * point.size**2 * width
        memory = 50 + states + 400 * places / 2**20
        operations = 60e6 * (point.size / 28) ** 2 * point.generator * point.discriminator
        found.add(name, result(point, operations=operations, training=memory))
    return found
