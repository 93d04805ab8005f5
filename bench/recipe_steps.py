"""The published recipes' steps in ganvas beside the same networks in a plain PyTorch loop.

    python -m bench.recipe_steps [--threads 2] [--repeats 9] [--recipes dcgan-tf ...]

Three candidates take turns, an iteration each: the plain loop (float32, contiguous), ganvas in
float32, and ganvas with the precision it chooses on this machine. Printed are the medians of the
ratios to the plain loop, turn by turn: below 1 is faster. Pixels are random, which costs the same
as pictures. Two recipes are timed on a part of what they do: `dropout-cnn` with rounds of one
epoch of D and two of G (published: 20 and 40), `smooth-ez` with every update made.
"""

import argparse
from collections.abc import Callable
from functools import partial
from statistics import median
from typing import Any

import numpy as np
import torch

from bench.plain import PLAIN, Plain
from bench.plain.dropout_cnn import PlainDropoutCnn
from ganvas.benchmark.timing import convolution_ceiling, interleave
from ganvas.data.images import DataSet
from ganvas.data.request import to_dataset
from ganvas.recipes import get_recipe
from ganvas.session import plan
from ganvas.training import Training

IMAGES = 4_000
SHORTENED: dict[str, Callable[[], Plain]] = {
    "dropout-cnn": partial(PlainDropoutCnn, discriminator_epochs=1, generator_epochs=2)
}
SETTINGS: dict[str, dict[str, Any]] = {
    "dropout-cnn": {
        "procedure.discriminator_epochs": 1,
        "procedure.generator_epochs": 2,
    },
    "smooth-ez": {
        "procedure.pretraining_steps": 0,
        "procedure.fake_threshold": 0.0,
        "procedure.generator_threshold": 0.0,
        "procedure.real_threshold": 0.0,
    },
}
"""What makes an iteration always the same, and short enough to be taken in turns."""


def pixels(recipe: str) -> DataSet:
    """Return random images of the size that the recipe is for."""
    shape = (IMAGES, 32, 32, 3) if recipe == "cifar-cars" else (IMAGES, 28, 28, 1)
    images = np.random.default_rng(0).integers(0, 256, shape, dtype=np.uint8)
    return to_dataset(images, held_out=0)


def trained(recipe: str, dataset: DataSet, threads: int, precision: str) -> Training:
    """Return a ganvas training of the recipe that makes iterations on demand."""
    changes = {"machine.threads": threads, "machine.precision": precision}
    chosen = get_recipe(recipe).with_settings({**SETTINGS.get(recipe, {}), **changes})
    resolved, machine = plan(chosen, dataset)
    return Training(resolved, dataset, machine)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, allow_abbrev=False)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--repeats", type=int, default=9)
    parser.add_argument("--recipes", nargs="+", default=list(PLAIN), choices=list(PLAIN))
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    ceiling = convolution_ceiling(torch.float32)
    print(f"{arguments.threads} threads; convolutions reach {ceiling:.0f} GFLOP/s in float32")
    print("recipe           plain: images/s   ganvas float32: time   ganvas as it chooses: time")
    for recipe in arguments.recipes:
        dataset = pixels(recipe)
        plain = SHORTENED.get(recipe, PLAIN[recipe])()
        images = torch.from_numpy(dataset.train.images)

        def plain_turn(plain: Plain = plain, images: torch.Tensor = images) -> None:
            plain.step(images[torch.randint(0, len(images), (plain.batch,))])

        exact = trained(recipe, dataset, arguments.threads, "float32")
        chosen = trained(recipe, dataset, arguments.threads, "auto")
        assert exact.procedure.images_per_iteration == plain.batch
        seconds = interleave(
            {
                "plain": plain_turn,
                "exact": partial(exact.iterate, plain.batch),
                "chosen": partial(chosen.iterate, plain.batch),
            },
            repeats=arguments.repeats,
            warmups=2,
        )
        ratios = {
            name: median(
                ours / theirs for ours, theirs in zip(taken, seconds["plain"], strict=True)
            )
            for name, taken in seconds.items()
        }
        speed = plain.batch / median(seconds["plain"])
        print(
            f"{recipe:16} {speed:15,.0f} {ratios['exact']:21.2f} x {ratios['chosen']:26.2f} x "
            f"({str(chosen.machine.precision).removeprefix('torch.')})"
        )


if __name__ == "__main__":
    main()
