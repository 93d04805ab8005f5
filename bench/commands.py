"""What whole commands cost: seconds from the prompt, and peak memory of the process.

    python -m bench.commands [--repeats 3] [--eval] [--train]

The machine's convolution ceiling is printed beside them, since seconds mean nothing without it;
so are the seconds of all cores together, which tell a busy machine from a slow command. `--eval`
adds `ganvas eval mnist` (10,000 samples, all figures but `cas`) with nothing cached and again
with the cache on (aims: 60 s and 25 s on two quiet cores, 2 GiB), `--train` one run of `ganvas
train mnist` with its defaults.
"""

import argparse
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

CEILING = [
    sys.executable,
    "-c",
    "import torch; from ganvas.benchmark.timing import convolution_ceiling; "
    "from ganvas.device import choose_machine; from ganvas.recipe import MachineSettings; "
    "machine = choose_machine(MachineSettings()); torch.set_num_threads(machine.threads); "
    "ceiling = convolution_ceiling(machine.precision); "
    "print(f'machine: {machine}; convolutions reach {ceiling:.0f} GFLOP/s')",
]


def run(arguments: list[str], folder: Path) -> tuple[float, float, float]:
    """Return seconds, those of all cores, and peak resident MiB of one `ganvas` command.

    Its cache lies in `folder`. It must succeed.
    """
    command = [sys.executable, "-m", "ganvas", *arguments]
    started = time.perf_counter()
    process = subprocess.Popen(
        command,
        cwd=folder,
        env={
            **os.environ,
            "PYTHONPATH": os.pathsep.join(path for path in sys.path if path),
            "GANVAS_CACHE": str(folder / "cache"),
        },
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - started
    if status:
        sys.exit(f"{' '.join(command)} failed")
    used: resource.struct_rusage = usage
    return seconds, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, allow_abbrev=False)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--eval", action="store_true")
    parser.add_argument("--train", action="store_true")
    arguments = parser.parse_args()
    # Apart, so that this process stays small: a child's peak starts at its parent's size.
    print(subprocess.run(CEILING, check=True, capture_output=True, text=True).stdout.strip())
    commands = {
        "ganvas --help": (["--help"], arguments.repeats),
        "ganvas sample mnist -n 64": (["sample", "mnist", "-n", "64"], arguments.repeats),
    }
    if arguments.eval:  # the cache is empty once
        commands["ganvas eval mnist, cold"] = (["eval", "mnist"], 1)
        commands["ganvas eval mnist, cached"] = (["eval", "mnist"], 1)
    if arguments.train:
        commands["ganvas train mnist"] = (["train", "mnist"], 1)
    with tempfile.TemporaryDirectory() as folder:
        for name, (command, repeats) in commands.items():
            taken = [run(command, Path(folder)) for _ in range(repeats)]
            seconds, busy, peak = (median(column) for column in zip(*taken, strict=True))
            print(
                f"{name:28} {seconds:7.2f} s, of all cores {busy:7.2f} s   peak {peak:6.0f} MiB   "
                f"(median of {repeats})"
            )


if __name__ == "__main__":
    main()
