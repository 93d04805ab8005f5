"""Writes what ships with a judge: the real images' statistics, so that no user computes them.

    python tools/ship_summaries.py mnist

For maintainers, after `ganvas judge train` made a shipped judge anew.
"""

import sys
from pathlib import Path

from ganvas import data
from ganvas.judge import judge_for
from ganvas.summaries import summarise, summary_key, write_summary

FOLDER = Path(__file__).parents[1] / "src" / "ganvas" / "assets" / "summaries"


def main(name: str) -> None:
    """Write the summaries of the data set's training split (less held-out) and test split."""
    dataset = data.load(name)
    judge = judge_for(dataset)
    if judge is None:
        sys.exit(f"no shipped judge for {name}")
    FOLDER.mkdir(parents=True, exist_ok=True)
    for part in (dataset.train, dataset.test):
        if part is None:
            continue
        path = FOLDER / f"{summary_key(dataset, part, len(part), judge)}.safetensors"
        summary = summarise(part.images, part.labels, judge)
        write_summary(path, summary)
        sys.stdout.write(f"{part.split}: {len(part):,} images -> {path.name}\n")


if __name__ == "__main__":
    main(sys.argv[1])
