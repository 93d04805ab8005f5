"""Images per second of two processes of one thread beside one such process, in one run.

    python -m bench.distributed [--recipe swift] [--repeats 9] [--images 2048] [--set KEY=VALUE]...

Each process has as many images in a batch as one has alone: the two share a batch of twice the
recipe's. All three are started once and stay; they train in turns, the others waiting without work,
so that whatever else the machine does falls on both. It needs two cores that nobody else uses.
"""

import argparse
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import replace
from statistics import median

import torch

from bench.processes import environment_of, free_port
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
        port = free_port()
        self.count = count
        self._processes = [
            subprocess.Popen(
                [sys.executable, "-m", "bench.distributed", "--runner", *arguments],
                env=environment_of(rank, count, port),
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
            assert process.stdout is not None
            process.stdin.close()
            process.wait()
            process.stdout.close()


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


def in_turns(
    one: Runners, two: Runners, *, images: int, turns: int, seconds: float = 0.0
) -> tuple[dict[int, list[float]], list[float]]:
    """Let one process and two train by turns, each on so many images in a turn.

    At least `turns` times, and until `seconds` were trained in all. Returns the images per second
    of each turn, by the number of processes, and how many times as fast two were as one.
    """
    speeds: dict[int, list[float]] = {one.count: [], two.count: []}
    ratios: list[float] = []
    spent = 0.0
    while len(ratios) < turns or spent < seconds:
        # By turns first: a machine that slows down is not to favour either.
        for runners in (two, one) if len(ratios) % 2 else (one, two):
            of_all = images * runners.count
            speeds[runners.count].append(runners.turn(of_all))
            spent += of_all / speeds[runners.count][-1]
        ratios.append(speeds[two.count][-1] / speeds[one.count][-1])
    return speeds, ratios


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
    speeds, ratios = in_turns(one, two, images=arguments.images, turns=arguments.repeats)
    one.end()
    two.end()
    for count, name in ((1, "one process"), (2, "two processes")):
        print(f"{name:14} {median(speeds[count]):7.0f} images/s")
    print(
        f"two are {median(ratios):.2f} times as fast as one "
        f"(lowest {min(ratios):.2f}, highest {max(ratios):.2f} of {arguments.repeats})"
    )


if __name__ == "__main__":
    main()
