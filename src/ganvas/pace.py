"""How fast a training goes on this machine: by a trial of some images, thrown away afterwards."""

import math
import time

from ganvas.training import Training

__all__ = ["measure_speed"]


def measure_speed(training: Training, num_images: int, most_seconds: float = math.inf) -> float:
    """Return images per second over about `num_images`, after one warm-up iteration.

    Stops after the iteration in which `most_seconds` are over, in any process of the group.
    """
    training.iterate(1)
    training.tally.take()  # waits for a GPU's work before the clock starts, and again after
    started = time.perf_counter()
    images = 0
    while images < num_images and not _is_over(training, started + most_seconds):
        images += training.iterate(1)
    training.tally.take()
    return images / (time.perf_counter() - started)


def _is_over(training: Training, end: float) -> bool:
    """Whether a time has come, in any process: all of them leave together."""
    return training.group.largest([int(time.perf_counter() >= end)]) == [1]
