"""A stand-in for child processes: it answers `train`, `resume` and `eval` with run directories."""

import json
import threading
from collections.abc import Callable, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np

from ganvas.errors import GanvasError
from ganvas.runlog import RunDirectory
from ganvas.scale.children import Ended
from tests.test_comparison import EVALUATION, PROBE, write_run

FD = {"real": 1.0, "higher_is_better": False}


def option(arguments: Sequence[str], name: str) -> str:
    """The value after an option, "" for none; the last of several."""
    found = [after for before, after in pairwise(arguments) if before == name]
    return found[-1] if found else ""


class FakeRunner:
    """Writes what a run would; `fd_of` says how good it is: a number, "diverged", or an error.

    An exception of `fd_of` is raised as it is; a GanvasError fails the command.
    """

    def __init__(
        self, fd_of: Callable[[Sequence[str]], float | str], probes_at: Sequence[int] = ()
    ) -> None:
        self.fd_of, self.probes_at = fd_of, probes_at
        self.commands: list[tuple[str, ...]] = []
        self.threads: set[int] = set()
        self.stopped: list[int] = []
        self._lock = threading.Lock()
        self._first: dict[str, Sequence[str]] = {}

    def __call__(
        self, arguments: Sequence[str], *, threads: int, watch: Callable[[], bool] | None = None
    ) -> Ended:
        with self._lock:
            self.commands.append(tuple(arguments))
            self.threads.add(threads)
            return getattr(self, f"_{arguments[0]}")(arguments, watch)

    def stop(self, number: int) -> None:
        self.stopped.append(number)

    @property
    def is_stopping(self) -> bool:
        return bool(self.stopped)

    def counts(self) -> dict[str, int]:
        """How often each command was given."""
        names = [command[0] for command in self.commands]
        return {name: names.count(name) for name in names}

    def _train(self, arguments: Sequence[str], watch: Callable[[], bool] | None) -> Ended:
        if "--dry-run" in arguments:
            return Ended(code=0, output=json.dumps({"plan": {"images": 4_321}}))
        run = Path(option(arguments, "--out"), option(arguments, "--name"))
        self._first[str(run)] = arguments
        try:
            value = self.fd_of(arguments)
        except GanvasError as error:
            return Ended(code=1, errors=f"loading\nganvas: error: {error}\n")
        files = write_run(run)
        (run / "checkpoints" / "64").mkdir(parents=True)
        if self.probes_at:
            (run / "metrics.jsonl").unlink()
        for images in self.probes_at:
            probe = {**PROBE, "fd": value if isinstance(value, float) else 9.0, "real_fd": 1.0}
            files.append_metrics({"images": images, "seconds": 1.0, "probe": probe})
        return self._end(files, value, watch)

    def _resume(self, arguments: Sequence[str], watch: Callable[[], bool] | None) -> Ended:
        value = self.fd_of(self._first.get(arguments[1], arguments))
        return self._end(RunDirectory(Path(arguments[1])), value, watch)

    def _eval(self, arguments: Sequence[str], watch: Callable[[], bool] | None) -> Ended:
        try:
            value = self.fd_of(self._first.get(arguments[1], arguments))
        except GanvasError as error:
            return Ended(code=1, errors=f"ganvas: error: {error}\n")
        found = {"samples": int(option(arguments, "--samples")), "metrics": metrics(value)}
        Path(option(arguments, "-o")).write_text(json.dumps(found))
        return Ended(code=0)

    def _end(
        self, files: RunDirectory, value: float | str, watch: Callable[[], bool] | None
    ) -> Ended:
        if watch is not None and watch():
            files.write_status("stopped", images=32)
            return Ended(code=130)
        if isinstance(value, str):
            files.write_status(value, images=32, reason=f"it {value}")
            return Ended(code={"diverged": 3, "stopped": 130}.get(value, 1))
        evaluation = EVALUATION | {"metrics": metrics(value)}
        files.write_status("finished", images=64, seconds=2.5, evaluation=evaluation)
        return Ended(code=0)


def metrics(value: Any) -> dict[str, Any]:
    """Figures with this Fréchet distance."""
    return {"fd": {"value": value, **FD}}


class Painter(FakeRunner):
    """Leaves samples and losses after each hundred images, too."""

    def _train(self, arguments: Sequence[str], watch: Callable[[], bool] | None) -> Ended:
        ended = super()._train(arguments, watch)
        files = RunDirectory(Path(option(arguments, "--out"), option(arguments, "--name")))
        for images in range(100, 2_001, 100):
            line = {"images": images, "seconds": 1.0, "images_per_second": 9.0}
            files.append_metrics({**line, "d_loss": images / 1000, "g_loss": 0.5})
            picture = np.full((1, 1, 8, 8), images % 250, np.uint8)
            files.write_grid(f"samples/{images:09d}.png", picture, 1)
        return ended
