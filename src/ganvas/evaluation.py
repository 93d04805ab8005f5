"""A generator, a judge and real images -> the table of figures, each beside the real one.

The reference is the images trained on. `real` is the test split scored in the same way with the
same number of images (the held-out split where a data set has no test split; `split` says which).
"""

from collections.abc import Sequence
from typing import Any

from ganvas.data.images import DataSet, Images
from ganvas.errors import UsageError, did_you_mean
from ganvas.judge import judge_for
from ganvas.judge.architecture import NUM_FEATURES
from ganvas.metrics.frechet import frechet_distance
from ganvas.model import Generator
from ganvas.settings import require
from ganvas.summaries import real_summary, summarise

__all__ = ["METRICS", "evaluate_generator", "in_words"]

METRICS = {"fd": False, "label_accuracy": True}
"""Each metric's name, and whether higher is better."""


def evaluate_generator(
    generator: Generator,
    dataset: DataSet,
    *,
    samples: int = 10_000,
    seed: int = 0,
    metrics: Sequence[str] | None = None,
) -> dict[str, Any] | None:
    """Return the figures of `samples` samples as `ganvas eval --json` prints them.

    Samples of a conditional model draw their labels by the training data's frequencies. `real`
    takes as many real images, or all there are (`real_samples` says how many). None when there
    is no judge for the data or too few images, unseen or trained on, for a Fréchet distance.
    Raises UsageError for unknown metrics, label_accuracy of a model that has not the data's
    classes, a generator whose images are not the data's size, and too few samples.
    """
    has_classes = generator.config.class_names == dataset.class_names != ()
    chosen = _choose(metrics, dataset.name, has_classes=has_classes)
    _require_same_shape(generator, dataset)
    judge = judge_for(dataset)
    unseen = _unseen(dataset)
    if judge is None or min(len(unseen), len(dataset.train)) <= NUM_FEATURES:
        return None
    rule = f"more than the judge's {NUM_FEATURES} features"
    require(samples > NUM_FEATURES, "the number of samples", rule, samples)
    images, labels = generator.sample(samples, seed=seed)
    fake = summarise(images, labels if has_classes else None, judge)
    reference = real_summary(dataset, dataset.train, len(dataset.train), judge)
    num_real = min(samples, len(unseen))
    real = real_summary(dataset, unseen, num_real, judge)
    values: dict[str, tuple[float | None, float | None]] = {
        "fd": (
            frechet_distance(real=reference.statistics, fake=fake.statistics),
            frechet_distance(real=reference.statistics, fake=real.statistics),
        ),
        "label_accuracy": (fake.label_accuracy, real.label_accuracy),
    }
    return {
        "data": dataset.name,
        "split": unseen.split,
        "judge": {"name": judge.name, "digest": judge.digest},
        "samples": samples,
        "real_samples": num_real,
        "seed": seed,
        "metrics": {
            name: {
                "value": values[name][0],
                "real": values[name][1],
                "higher_is_better": METRICS[name],
            }
            for name in chosen
        },
    }


def in_words(evaluation: dict[str, Any]) -> list[str]:
    """Return the figures as plain sentences for somebody who never saw them."""
    split = str(evaluation["split"]).replace("_", "-")
    sentences = []
    metrics = evaluation["metrics"]
    if "fd" in metrics:
        value, real = metrics["fd"]["value"], metrics["fd"]["real"]
        times = f"{value / real:.1f} times that of" if real else "beside"
        sentences.append(
            f"Fréchet distance to the training images {value:.4f}, {times} real {split} images "
            f"({real:.4f}); lower is better."
        )
    if "label_accuracy" in metrics:
        value, real = (metrics["label_accuracy"][key] for key in ("value", "real"))
        sentences.append(
            f"{value:.2%} of the samples show the class that was asked for, as the judge sees "
            f"it ({real:.2%} of real {split} images)."
        )
    sentences.append(
        f"Measured on {evaluation['samples']:,} samples and {evaluation['real_samples']:,} "
        f"{split} images of {evaluation['data']}, judge {evaluation['judge']['name']} "
        f"({evaluation['judge']['digest'][7:15]}), seed {evaluation['seed']}."
    )
    return sentences


def _choose(metrics: Sequence[str] | None, data: str, *, has_classes: bool) -> list[str]:
    if metrics is None:
        return [name for name in METRICS if has_classes or name != "label_accuracy"]
    names = [metrics] if isinstance(metrics, str) else metrics
    for name in names:
        if name not in METRICS:
            raise UsageError(f"unknown metric '{name}'{did_you_mean(name, METRICS)}")
        if name == "label_accuracy" and not has_classes:
            raise UsageError(
                f"label_accuracy needs a conditional model with the classes of {data}; "
                "leave it out for this one"
            )
    return [name for name in METRICS if name in names]


def _require_same_shape(generator: Generator, dataset: DataSet) -> None:
    image = generator.config.image
    made = (image.channels, image.height, image.width)
    there = (dataset.channels, dataset.height, dataset.width)
    if made != there:
        raise UsageError(
            f"the generator makes {_spoken(made)} images, {dataset.name} has {_spoken(there)}; "
            "compare it with the data it was trained on"
        )


def _unseen(dataset: DataSet) -> Images:
    if dataset.test is not None:
        return dataset.test
    return dataset.held_out


def _spoken(shape: tuple[int, int, int]) -> str:
    channels, height, width = shape
    return f"{height}x{width} {'grey' if channels == 1 else f'{channels}-channel'}"
