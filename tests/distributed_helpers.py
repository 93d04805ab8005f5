"""Several real processes for tests of runs that share their updates, without torchrun."""

import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from bench import processes
from bench.processes import free_port
from ganvas.distributed.opening import PATIENCE

ROOT = Path(__file__).parents[1]


def environment_of(rank: int, size: int, port: int) -> dict[str, str]:
    """What torchrun sets for a process, with one thread and this tree's modules."""
    return {
        **processes.environment_of(rank, size, port),
        "PYTHONPATH": os.pathsep.join([str(ROOT / "src"), str(ROOT)]),
        PATIENCE: "120",
    }


def start(
    arguments: Sequence[str],
    size: int = 2,
    more: Mapping[str, str] | None = None,
) -> list[subprocess.Popen[str]]:
    """Start `python -m` with the arguments in `size` processes that know of each other."""
    port = free_port()
    return [
        subprocess.Popen(
            [sys.executable, "-m", *arguments],
            env=environment_of(rank, size, port) | dict(more or {}),
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for rank in range(size)
    ]


def finish(processes: Sequence[subprocess.Popen[str]]) -> list[tuple[int, str, str]]:
    """Wait for all; return what each came to: exit code, standard output, standard error."""
    said = [process.communicate(timeout=300) for process in processes]
    return [(p.returncode, *texts) for p, texts in zip(processes, said, strict=True)]
