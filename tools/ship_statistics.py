"""Writes what ships with a judge: the real images' statistics, so that no user computes them.

    python tools/ship_statistics.py mnist

For maintainers, after `ganvas judge train` made a shipped judge anew. What is shipped are means
and covariances of features: no image.
"""

import sys
from pathlib import Path

from ganvas import data
from ganvas.judge import judge_for
from ganvas.metrics.frechet import features_to_statistics
from ganvas.real.cache import key_to_name, write_arrays
from ganvas.real.reference import Reference, statistics_to_arrays

FOLDER = Path(__file__).parents[1] / "src" / "ganvas" / "assets" / "real"


def main(name: str) -> None:
    """Write the statistics of each split of the data set."""
    dataset = data.load(name)
    judge = judge_for(dataset)
    if judge.card["data"]["digest"] != dataset.digest:
        sys.exit(f"no shipped judge for {name}")
    reference = Reference(dataset, judge)
    FOLDER.mkdir(parents=True, exist_ok=True)
    for part in (dataset.train, dataset.held_out, dataset.test):
        if part is None:
            continue
        found = features_to_statistics(judge.features(part.images))
        path = FOLDER / f"{key_to_name(reference.statistics_key(part))}.safetensors"
        write_arrays(path, statistics_to_arrays(found))
        sys.stdout.write(f"{part.split}: {len(part):,} images -> {path.name}\n")


if __name__ == "__main__":
    main(sys.argv[1])
