"""A point beside the default point, in turns: how many times as long an image takes.

Times of two processes compare only where whatever else the machine does falls on both.
"""

import json
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from statistics import median
from typing import Any, Protocol

from bench.planning.material import environment, source_of
from bench.planning.point import Point

__all__ = ["Process", "Talker", "TraineeError", "measure", "turn_ratios"]

_LEAST_TURNS = 3
_TURN_SECONDS = 0.7


class TraineeError(Exception):
    """A process ended, or said what it should not; the message is the reason, a line."""


class Talker(Protocol):
    """Answers a line with a thing that was said: a `Process`, or what stands for one."""

    def ask(self, line: str) -> dict[str, Any]:
        """Return the answer to a line. Raises TraineeError where there is none."""
        ...


class Process:
    """A child that is asked in lines and answers in JSON; `command` are Python's arguments."""

    def __init__(self, command: Sequence[str], folder: Path) -> None:
        self._errors = tempfile.TemporaryFile("w+", encoding="utf-8", errors="replace")  # noqa: SIM115
        self._process = subprocess.Popen(
            [sys.executable, *command],
            env=environment(folder),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._errors,
            text=True,
        )

    def hear(self) -> dict[str, Any]:
        """Return the next thing it says. Raises TraineeError where it ended instead."""
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise TraineeError(self._reason())
        said: dict[str, Any] = json.loads(line)
        return said

    def ask(self, line: str) -> dict[str, Any]:
        """Return what it answers to a line. Raises TraineeError where it ended instead."""
        assert self._process.stdin is not None
        try:
            print(line, file=self._process.stdin, flush=True)
        except BrokenPipeError:
            raise TraineeError(self._reason()) from None
        return self.hear()

    def end(self) -> None:
        """Close its input, at which it ends."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        self._process.wait()
        self._process.stdout.close()
        self._errors.close()

    def _reason(self) -> str:
        code = self._process.wait()
        self._errors.seek(0)
        last = self._errors.read().strip().splitlines()[-1:]
        ended = f"killed by signal {-code}" if code < 0 else f"ended with exit code {code}"
        return ": ".join([ended, *last])


def turn_ratios(
    point: Talker, default: Talker, *, seconds: float
) -> tuple[list[float], float, float]:
    """Return how many times as long an image of the point takes, by pairs of turns.

    And the median images per second of both. Turns go on until `seconds` were trained by both
    together, at least three times.
    """
    ratios: list[float] = []
    speeds: dict[str, list[float]] = {"point": [], "default": []}
    spent = 0.0
    sides = {"point": point, "default": default}
    while len(ratios) < _LEAST_TURNS or spent < seconds:
        # By turns first: a machine that slows down is not to favour either.
        order = list(sides) if len(ratios) % 2 else list(sides)[::-1]
        each = {}
        for side in order:
            said = sides[side].ask(f"turn {_TURN_SECONDS}")
            each[side] = said["seconds"] / said["images"]
            speeds[side].append(1 / each[side])
            spent += said["seconds"]
        ratios.append(each["point"] / each["default"])
    return ratios, median(speeds["point"]), median(speeds["default"])


def measure(point: Point, default: Talker, folder: Path, *, seconds: float) -> dict[str, Any]:
    """Return what is known of a point after its turns with the default, for JSON.

    `refused` has ganvas's own line where it cannot be; `failed` a reason where its process ended.
    """
    command = ["-m", "bench.planning.trainee", json.dumps(point.to_json())]
    process = Process([*command, source_of(point, folder)], folder)
    found: dict[str, Any] = {"point": point.to_json()}
    try:
        begun = process.hear()
        if "refused" in begun:
            return found | begun
        ratios, speed, default_speed = turn_ratios(process, default, seconds=seconds)
        ceiling = default.ask("ceiling")["ceiling"]
        return found | {
            "ratio": median(ratios),
            "ratios": ratios,
            "images_per_second": speed,
            "default_images_per_second": default_speed,
            "ceiling": ceiling,
            "begun": begun,
            **process.ask("end"),
        }
    except TraineeError as error:
        return found | {"failed": str(error)}
    finally:
        process.end()
