"""How each figure moves on images whose fault is known: the table in docs/metrics.md.

    python -m bench.metric_behaviour [--samples 10000]

Real test images, training images (copies), noise, blurred digits, digits 0 to 8 only, one
repeated digit, and the shipped generator, each beside real test images.
"""

import argparse
import sys
from collections.abc import Iterator

import numpy as np
import torch

from ganvas import data
from ganvas.data.images import DataSet
from ganvas.evaluation import METRICS, evaluate_pictures
from ganvas.evaluation.words import copies
from ganvas.judge import judge_for
from ganvas.model import load_generator

Case = tuple[str, np.ndarray, np.ndarray | None]


def cases(dataset: DataSet, count: int) -> Iterator[Case]:
    """Yield name, images uint8 (N, 1, 28, 28) and labels of each case."""
    assert dataset.test is not None
    test, train = dataset.test, dataset.train
    assert test.labels is not None
    assert train.labels is not None
    rng = np.random.default_rng(0)
    rows = np.sort(rng.permutation(len(test))[:count])
    yield "real test images", test.images[rows], test.labels[rows]
    copied = np.sort(rng.permutation(len(train))[:count])
    yield "training images, copied", train.images[copied], train.labels[copied]
    shape = (count, *test.images.shape[1:])
    yield "uniform noise", rng.integers(0, 256, shape, dtype=np.uint8), test.labels[rows]
    yield "blurred test images", _blurred(test.images[rows]), test.labels[rows]
    no_nine = np.flatnonzero(test.labels != 9)
    taken = np.sort(rng.permutation(no_nine)[:count])
    yield "digits 0 to 8 only", test.images[taken], test.labels[taken]
    one = np.repeat(test.images[:1], count, axis=0)
    yield "one repeated digit", one, np.repeat(test.labels[:1], count)
    images, labels = load_generator("mnist").sample(count, seed=0)
    yield "the shipped generator", images, labels


def _blurred(images: np.ndarray) -> np.ndarray:
    pixels = torch.from_numpy(images.astype(np.float32))
    for _ in range(2):  # two 5x5 means: about a Gaussian of 2 pixels
        pixels = torch.nn.functional.avg_pool2d(
            pixels, 5, stride=1, padding=2, count_include_pad=False
        )
    return pixels.round().to(torch.uint8).numpy()


def main() -> None:
    """Print the table as Markdown."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--samples", type=int, default=10_000)
    parser.add_argument("--threads", type=int, default=2)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    dataset = data.load("mnist")
    names = [name for name, metric in METRICS.items() if metric.default]
    columns: list[list[str]] = [[*names, "copied?"]]
    titles = ["figure"]
    judge: dict[str, str] = {}
    for title, images, labels in cases(dataset, options.samples):
        found = evaluate_pictures(images, labels, dataset, judge=judge_for(dataset))
        values = [f"{found['metrics'][name]['value']:.4g}" for name in names]
        columns.append([*values, "yes" if copies(found) else "no"])
        titles.append(title)
        judge = found["judge"]
        print(f"measured: {title}", file=sys.stderr)
    print(f"| {' | '.join(titles)} |")
    print(f"| --- |{' ---: |' * (len(titles) - 1)}")
    for row in zip(*columns, strict=True):
        print(f"| {' | '.join(row)} |")
    print(
        f"\n{options.samples:,} images each, judge {judge['name']} {judge['digest'][7:15]}, "
        f"reference: {len(dataset.train):,} training images of mnist, seed 0."
    )


if __name__ == "__main__":
    main()
