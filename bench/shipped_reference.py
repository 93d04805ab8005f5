"""Makes what ships of MNIST as its judge sees it: everything an evaluation keeps but the features.

    python -m bench.shipped_reference

Statistics of each split, spacing and cells of the training images, and the figures of 10,000
test images, as files in src/ganvas/assets/real. To be run after `ganvas.real.cache.VERSION` was
raised; files of other versions are left where they are.
"""

import os
import shutil
import tempfile
from pathlib import Path

from ganvas import data
from ganvas.evaluation import evaluate_pictures
from ganvas.judge import load_judge
from ganvas.real import cache
from ganvas.real.reference import Reference

_LARGEST = 1_000_000  # bytes; features are larger


def main() -> None:
    """Write the files and name them."""
    shipped, cache.SHIPPED = cache.SHIPPED, Path("nowhere")
    with tempfile.TemporaryDirectory() as folder:
        os.environ["GANVAS_CACHE"] = folder
        dataset, judge = data.load("mnist"), load_judge("mnist")
        assert dataset.test is not None
        for part in (dataset.train, dataset.held_out, dataset.test):
            Reference(dataset, judge).statistics(part)
        evaluate_pictures(dataset.test.images, dataset.test.labels, dataset, judge=judge)
        for path in sorted(Path(folder, "real").glob("*.safetensors")):
            if path.stat().st_size < _LARGEST:
                shutil.copyfile(path, shipped / path.name)
                print(f"{path.name}  {path.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
