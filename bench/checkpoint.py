"""What saving costs: a checkpoint beside the training between two of them, in one run.

    python -m bench.checkpoint [--recipe swift] [--every 20000] [--threads 2] [--repeats 15]

Training and saving take turns in one run directory on the disk that is named, so that a machine's
moods hit both alike. A save is everything: checking that the state is finite, copying, digests,
writing, fsync, and the removal of the oldest.
"""

import argparse
import tempfile
from pathlib import Path
from statistics import median

from ganvas import data
from ganvas.benchmark.timing import interleave
from ganvas.recipes import get_recipe
from ganvas.runlog import RunDirectory
from ganvas.session import plan
from ganvas.trainer import Trainer

IMAGES_A_TURN = 512
PROMISED = 0.02


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, allow_abbrev=False)
    parser.add_argument("--recipe", default="swift")
    parser.add_argument("--every", type=int, default=20_000, help="images between two checkpoints")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--repeats", type=int, default=15)
    parser.add_argument("--disk", type=Path, default=Path(), help="a folder on the disk to use")
    arguments = parser.parse_args()
    recipe = get_recipe(arguments.recipe).with_settings({"machine.threads": arguments.threads})
    dataset = data.load("mnist")
    resolved, machine = plan(recipe, dataset)
    with tempfile.TemporaryDirectory(dir=arguments.disk) as folder:
        directory = RunDirectory(Path(folder))
        trainer = Trainer(resolved, dataset, directory, machine, lambda event: None)
        drawn = 0

        def learn() -> None:
            nonlocal drawn
            drawn = trainer.iterate(IMAGES_A_TURN)

        seconds = interleave(
            {"training": learn, "saving": trainer.save_checkpoint}, repeats=arguments.repeats
        )
        size = sum(path.stat().st_size for path in directory.checkpoints.rglob("*")) / 1e6
    training = median(seconds["training"]) / drawn * arguments.every
    saving = median(seconds["saving"])
    # Each save beside the training just before it: a ratio that no slow minute can spoil.
    share = median(
        save / (learned / drawn * arguments.every)
        for learned, save in zip(seconds["training"], seconds["saving"], strict=True)
    )
    print(f"machine: {machine}; checkpoints kept: {resolved.checkpoint.keep}, {size:.0f} MB in all")
    print(f"training on {arguments.every:,} images {training:.2f} s, a checkpoint {saving:.3f} s")
    print(f"share of training: {share:.2%} (promised: at most {PROMISED:.0%})")
    return int(share > PROMISED)


if __name__ == "__main__":
    raise SystemExit(main())
