"""What the doctor's look costs beside the training between two looks, in one run.

    python -m bench.doctor [--recipe swift] [--every 5000] [--threads 2] [--repeats 15]

Training and looking take turns in one run directory, so that a machine's moods hit both alike. A
look is everything that `doctor.takes_signals` adds: one update that is measured rather than plain,
the figures of the networks and of samples, the line in metrics.jsonl, and the doctor's reading of
it. What D says of training, held-out and fake images is asked anyway (evaluation.validation_images)
and has a line of its own here.
"""

import argparse
import tempfile
from pathlib import Path
from statistics import median

from ganvas import data
from ganvas.benchmark.timing import interleave
from ganvas.checkup import Checkup, signals_of
from ganvas.data.images import DataSet
from ganvas.diagnosis import facts_of
from ganvas.evaluation.discriminator import Validation, plan_validation
from ganvas.recipes import get_recipe
from ganvas.runlog import RunDirectory
from ganvas.session import plan
from ganvas.step.gauge import Gauge
from ganvas.trainer import Trainer

IMAGES_A_TURN = 512
PROMISED = 0.02


def measure(
    trainer: Trainer, validation: Validation, *, repeats: int
) -> tuple[dict[str, list[float]], int]:
    """Return the seconds of each part, taken in turns, and the images of a turn of training."""
    look = signals_of(trainer, validation)
    drawn = 0

    def learn() -> None:
        nonlocal drawn
        drawn = trainer.iterate(IMAGES_A_TURN)

    def update_measured() -> None:
        trainer.step.gauge = Gauge()
        trainer.iterate(1)

    def update() -> None:
        trainer.step.gauge = None
        trainer.iterate(1)

    def ask() -> None:
        step = trainer.step
        validation.ask(trainer.images, generator=step.generator, discriminator=step.discriminator)

    candidates = {
        "training": learn,
        "update": update,
        "update measured": update_measured,
        "asking": ask,
        "looking": look,
    }
    return interleave(candidates, repeats=repeats, warmups=2), drawn


def main() -> int:
    """Measure, print each part, and fail where the doctor takes more than is promised."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0], allow_abbrev=False)
    parser.add_argument("--recipe", default="swift")
    parser.add_argument("--every", type=int, help="images between two looks (as the recipe has it)")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--repeats", type=int, default=15)
    arguments = parser.parse_args()
    recipe = get_recipe(arguments.recipe).with_settings({"machine.threads": arguments.threads})
    dataset = data.load("mnist")
    assert isinstance(dataset, DataSet)
    resolved, machine = plan(recipe, dataset)
    settings = resolved.evaluation
    every, count = plan_validation(
        resolved,
        dataset,
        every_images=settings.validation_every_images,
        at_most=settings.validation_images,
    )
    every = arguments.every or every
    with tempfile.TemporaryDirectory() as folder:
        directory = RunDirectory(Path(folder))
        trainer = Trainer(resolved, dataset, directory, machine, lambda event: None)
        Checkup(
            trainer, lambda event: None, facts_of(resolved, dataset, trainer.total_images)
        ).begin()
        validation = Validation(resolved, dataset, count=count, clusters=trainer.clusters)
        seconds, drawn = measure(trainer, validation, repeats=arguments.repeats)
    # Each look beside the training just before it: a ratio that no slow minute can spoil.
    shares = [
        (look + measured - plain) / (learned / drawn * every)
        for learned, plain, measured, look in zip(
            seconds["training"],
            seconds["update"],
            seconds["update measured"],
            seconds["looking"],
            strict=True,
        )
    ]
    share = median(shares)
    training = median(seconds["training"]) / drawn * every
    print(f"machine: {machine}; {arguments.recipe} on mnist, medians of {arguments.repeats} turns")
    print(f"training on the {every:,} images between two looks {training:.2f} s")
    for name in ("update", "update measured", "asking", "looking"):
        print(f"{name} {median(seconds[name]):.4f} s")
    print(f"the doctor's share of training: {share:.2%} (promised: at most {PROMISED:.0%})")
    return int(share > PROMISED)


if __name__ == "__main__":
    raise SystemExit(main())
