"""Images per second of a training step, as ratios measured in one run.

    python -m bench.step [--threads 2] [--repeats 9]

Compared: `swift`, the dcgan-tf networks in ganvas at the same precision, and a plain float32
PyTorch loop of the dcgan-tf networks. Then: how much longer swift's whole step takes than its
own convolutions and matrix products run alone.
"""

import argparse
from pathlib import Path
from statistics import median

import torch

from bench.plain.dcgan_tf import PlainDcganTf
from ganvas import data
from ganvas.benchmark.replay import Recorder, replay
from ganvas.benchmark.timing import convolution_ceiling, interleave
from ganvas.data import DataSet
from ganvas.recipe import Recipe
from ganvas.recipes import get_recipe
from ganvas.runlog import RunDirectory
from ganvas.session import plan
from ganvas.trainer import Trainer

PLAIN_BATCH = 256
IMAGES_A_TURN = 512


class Candidate:
    """A ganvas trainer that makes whole iterations on demand, as `train` does less its upkeep."""

    def __init__(self, recipe: Recipe, dataset: DataSet, threads: int) -> None:
        recipe = recipe.with_settings({"machine.threads": threads})
        resolved, machine = plan(recipe, dataset)
        self.trainer = Trainer(resolved, dataset, RunDirectory(Path()), machine, lambda event: None)

    def turn(self, num_images: int = IMAGES_A_TURN) -> None:
        """Train on `num_images` more images."""
        self.trainer.iterate(num_images)


def plain_turn(plain: PlainDcganTf, dataset: DataSet) -> None:
    """Train the plain networks on as many images, with the same normalisation."""
    images = torch.from_numpy(dataset.train.images)
    for _ in range(IMAGES_A_TURN // PLAIN_BATCH):
        rows = torch.randint(0, len(images), (PLAIN_BATCH,))
        plain.step(images[rows])


def arithmetic_share(swift: Candidate, repeats: int) -> tuple[float, float]:
    """Return a step's milliseconds, whole and arithmetic alone, over a penalty's cycle."""
    num_images = swift.trainer.recipe.batch_size * swift.trainer.recipe.penalty.every
    with Recorder() as recorder:
        swift.turn(num_images)
    seconds = interleave(
        {"step": lambda: swift.turn(num_images), "alone": lambda: replay(recorder.calls)},
        repeats=repeats,
    )
    each = 1e3 / swift.trainer.recipe.penalty.every
    return median(seconds["step"]) * each, median(seconds["alone"]) * each


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, allow_abbrev=False)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--repeats", type=int, default=9)
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    dataset = data.load("mnist")
    swift = Candidate(get_recipe("swift"), dataset, arguments.threads)
    dcgan = Candidate(get_recipe("dcgan-tf"), dataset, arguments.threads)
    plain = PlainDcganTf()
    precision = swift.trainer.machine.precision
    print(f"machine: {swift.trainer.machine}")
    print(f"convolution ceiling: {convolution_ceiling(precision):.0f} GFLOP/s at that precision")
    seconds = interleave(
        {
            "swift": swift.turn,
            "dcgan-tf networks in ganvas": dcgan.turn,
            "dcgan-tf networks, plain float32 PyTorch": lambda: plain_turn(plain, dataset),
        },
        repeats=arguments.repeats,
    )
    first = seconds["swift"]
    for name, taken in seconds.items():
        ratio = median(theirs / ours for theirs, ours in zip(taken, first, strict=True))
        speed = IMAGES_A_TURN / median(taken)
        print(f"{name:42} {speed:7.0f} images/s   swift is {ratio:.2f} times as fast")
    step, alone = arithmetic_share(swift, arguments.repeats)
    print(
        f"swift's step {step:.1f} ms; its convolutions and matrix products alone {alone:.1f} ms; "
        f"ratio {step / alone:.2f}"
    )


if __name__ == "__main__":
    main()
