"""Images per second of two processes of one thread beside one such process, in one run.

    python -m bench.distributed [--recipe swift] [--repeats 9] [--images 2048] [--set KEY=VALUE]...

Each process has as many images in a batch as one has alone: the two share a batch of twice the
recipe's. All three are started once and stay; they train in turns, the others waiting without work,
so that whatever else the machine does falls on both. It needs two cores that nobody else uses.
"""

import argparse
import os
import socket
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import replace
from statistics import median

import torch

from ganvas import data
from ganvas.benchmark.timing import convolution_ceiling
from ganvas.distributed.opening import open_group
from ganvas.recipes import make_recipe
from ganvas.session import plan
from ganvas.settings import parse_assignments
from ganvas.training import Training

WARM_UP_IMAGES = 256


class Runners:
    """One or two processes that train so many images whenever they are told to."""

    def __init__(self, count: int, arguments: Sequence[str]) -> None:
        port = _free_port()
        self.count = count
        self._processes = [
            subprocess.Popen(
                [sys.executable, "-m", "bench.distributed", "--runner", *arguments],
                env=_environment(rank, count, port),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
            )
            for rank in range(count)
        ]

    def hear(self) -> list[str]:
        """Return the next line of each process."""
        lines = []
        for process in self._processes:
            assert process.stdout is not None
            line = process.stdout.readline()
            if not line:
                raise SystemExit("a process of the measurement ended before its time")
            lines.append(line.strip())
        return lines

    def turn(self, images: int) -> float:
        """Let them train together on `images` and more; return images per second of all."""
        for process in self._processes:
            assert process.stdin is not None
            process.stdin.write(f"{images}\n")
            process.stdin.flush()
        trained, seconds = zip(*(map(float, line.split()) for line in self.hear()), strict=True)
        return float(trained[0] / max(seconds))

    def end(self) -> None:
        """Close their input, at which they end."""
        for process in self._processes:
            assert process.stdin is not None
            process.stdin.close()
            process.wait()


def run(arguments: argparse.Namespace) -> None:
    """Be one of the processes: train when told, say how many images it were and the seconds."""
    torch.set_num_threads(1)
    with open_group() as group:
        changes = parse_assignments(arguments.settings)
        recipe = make_recipe(
            arguments.recipe, budget={"images": 10**9}, settings={**changes, "machine.threads": 1}
        )
        recipe = replace(recipe, batch_size=recipe.batch_size * group.size)
        dataset = data.load(arguments.data)
        resolved, machine = plan(recipe, dataset, group)
        training = Training(resolved, dataset, machine, group)
        training.iterate(WARM_UP_IMAGES * group.size)
        networks = training.step.generator, training.step.discriminator
        weights = sum(w.numel() for network in networks for w in network.parameters())
        ceiling = convolution_ceiling(machine.precision)
        print(
            f"{machine}, batch {resolved.batch_size}, {4 * weights / 1e6:.1f} MB of gradients; "
            f"convolution ceiling {ceiling:.0f} GFLOP/s a process",
            flush=True,
        )
        for line in sys.stdin:
            group.largest([0])  # both begin together
            started = time.perf_counter()
            images = training.iterate(int(line))
            training.tally.take()
            print(images, time.perf_counter() - started, flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, allow_abbrev=False)
    parser.add_argument("--data", default="mnist")
    parser.add_argument("--recipe", default="swift")
    parser.add_argument("--repeats", type=int, default=9)
    parser.add_argument("--images", type=int, default=2_048, help="of each process, in each turn")
    parser.add_argument("--set", action="append", default=[], dest="settings", metavar="KEY=VALUE")
    parser.add_argument("--runner", action="store_true", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.runner:
        run(arguments)
        return
    options = [f"--data={arguments.data}", f"--recipe={arguments.recipe}"]
    options += [f"--set={change}" for change in arguments.settings]
    one, two = (Runners(count, options) for count in (1, 2))
    for runners in (one, two):
        print(runners.hear()[0])
    ratios, speeds = [], []
    for repeat in range(arguments.repeats):
        # By turns first: a machine that slows down is not to favour either.
        order = (one, two) if repeat % 2 == 0 else (two, one)
        found = {runners.count: runners.turn(arguments.images * runners.count) for runners in order}
        speeds.append(found)
        ratios.append(found[2] / found[1])
    one.end()
    two.end()
    for count, name in ((1, "one process"), (2, "two processes")):
        print(f"{name:14} {median(found[count] for found in speeds):7.0f} images/s")
    print(
        f"two are {median(ratios):.2f} times as fast as one "
        f"(lowest {min(ratios):.2f}, highest {max(ratios):.2f} of {arguments.repeats})"
    )


def _free_port() -> int:
    with socket.socket() as place:
        place.bind(("127.0.0.1", 0))
        return int(place.getsockname()[1])


def _environment(rank: int, count: int, port: int) -> dict[str, str]:
    ours = {
        "RANK": rank,
        "WORLD_SIZE": count,
        "LOCAL_RANK": rank,
        "LOCAL_WORLD_SIZE": count,
        "MASTER_ADDR": "127.0.0.1",
        "MASTER_PORT": port,
        "OMP_NUM_THREADS": 1,
    }
    return {**os.environ, **{name: str(value) for name, value in ours.items()}}


if __name__ == "__main__":
    main()
