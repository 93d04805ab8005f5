"""Import and training from a large cache: how quick, and how much memory.

    python -m bench.data_import [--pictures 60000] [--images 1000000] [--folder DIR] [--repeats 7]

Import: small JPEGs of 32x32 in ten class folders are decoded into the cache by `ganvas data
import`, in a process of its own whose largest resident memory is told. Beside it stands the least
that any import costs here: the same files read and decoded by the same number of threads.

Training: `swift` on MNIST from memory, and on as many digits as `--images` says from a mapped
cache; both take turns in one process, so that a machine's moods hit them alike. Resident memory
without the page cache is that of the kernel's own count (RssAnon), where there is one.
"""

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from statistics import median

import numpy as np
from PIL import Image

from bench.memory import own_memory
from bench.step import Candidate
from ganvas import data
from ganvas.benchmark.timing import interleave, seconds_of
from ganvas.data.pictures.decode import decode
from ganvas.data.pictures.preparation import AS_THEY_ARE
from ganvas.data.store.card import StoredSet, sets_folder
from ganvas.data.store.write import ImageFile, write_card, write_labels
from ganvas.recipes import get_recipe

_CLASSES = 10
_CHUNK = 10_000


def write_pictures(folder: Path, count: int) -> list[Path]:
    """Write `count` JPEGs of 32x32 in ten class folders; return their paths."""
    rng = np.random.default_rng(0)
    paths = []
    for number in range(count):
        below = folder / f"class {number % _CLASSES}"
        below.mkdir(parents=True, exist_ok=True)
        coarse = rng.integers(0, 256, (8, 8, 3), dtype=np.uint8)
        picture = Image.fromarray(coarse).resize((32, 32), Image.Resampling.BICUBIC)
        paths.append(below / f"{number}.jpg")
        picture.save(paths[-1], quality=90)
    return paths


def decode_only(paths: list[Path], threads: int) -> None:
    """Read and decode the files, and nothing else."""

    def some(first: int) -> None:
        for path in paths[first : first + 256]:
            decode(path.read_bytes(), AS_THEY_ARE)

    with ThreadPoolExecutor(threads) as pool:
        list(pool.map(some, range(0, len(paths), 256)))


def measure_import(folder: Path, count: int) -> None:
    """Print how many pictures a second are imported, and the memory it takes."""
    pictures = folder / "pictures"
    paths = write_pictures(pictures, count)
    command = [sys.executable, "-m", "ganvas", "data", "import", str(pictures), "small"]
    started = time.perf_counter()
    subprocess.run(command, check=True, capture_output=True)
    seconds = time.perf_counter() - started
    used = resource.getrusage(resource.RUSAGE_CHILDREN)  # of this one child; memory in KiB on Linux
    processor = used.ru_utime + used.ru_stime
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else 2
    least = seconds_of(lambda: decode_only(paths, cores))
    print(
        f"import: {count:,} JPEGs in {seconds:.1f} s, {count / seconds:,.0f} a second, "
        f"{processor:.1f} s of processor time, peak {used.ru_maxrss / 1024:.0f} MiB; "
        f"reading and decoding alone: {count / least:,.0f} a second "
        f"(x{seconds / least:.2f})"
    )


def write_large(count: int) -> None:
    """Put `count` digits, drawn from MNIST with replacement, into the cache as "large"."""
    digits = data.load("mnist", held_out=0).train
    assert digits.labels is not None
    folder = sets_folder() / "large"
    folder.mkdir(parents=True)
    rows = np.random.default_rng(0).integers(0, len(digits), count)
    with ImageFile(folder / "train-images.npy", count, digits.images.shape[1:]) as file:
        for start in range(0, count, _CHUNK):
            file.write(start, digits.images[rows[start : start + _CHUNK]])
        file.sync()
    write_labels(folder, "train", digits.labels[rows])
    card = StoredSet(
        name="large",
        folder=folder,
        shape=(1, 28, 28),
        num_train=count,
        num_test=0,
        class_names=tuple(map(str, range(_CLASSES))),
        digest="",
        source="digits drawn from mnist",
        licence="as mnist",
        order="mixed",
        held_out=5000,
        parent=None,
    )
    write_card(folder, card)


def train_from(name: str, threads: int) -> Candidate:
    """Return a trainer of the default recipe on the data set `name`."""
    return Candidate(get_recipe("swift"), data.load(name), threads)


def measure_memory(threads: int) -> None:
    """Print the largest memory of a training from the cache alone: for a process of its own."""
    candidate = train_from("large", threads)
    most = 0.0
    for _ in range(20):
        candidate.turn()
        most = max(most, own_memory())
    print(json.dumps({"own_mib": most}))


def measure_training(count: int, threads: int, repeats: int) -> None:
    """Print what training from a cache of `count` images costs against MNIST from memory."""
    write_large(count)
    command = [sys.executable, "-m", "bench.data_import", "--memory", "--threads", str(threads)]
    alone = subprocess.run(command, check=True, capture_output=True, text=True)
    most = json.loads(alone.stdout.splitlines()[-1])["own_mib"]
    candidates = {"memory": train_from("mnist", threads), "cache": train_from("large", threads)}
    seconds = interleave(
        {name: candidate.turn for name, candidate in candidates.items()}, repeats=repeats, warmups=2
    )
    ratios = [cache / memory for memory, cache in zip(*seconds.values(), strict=True)]
    print(
        f"training: from a cache of {count:,} images {median(ratios):.3f} times the seconds of "
        f"mnist from memory (median of {repeats} turns, {min(ratios):.3f} to {max(ratios):.3f}); "
        f"resident memory without the page cache at most {most:.0f} MiB"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, allow_abbrev=False)
    parser.add_argument("--pictures", type=int, default=60_000)
    parser.add_argument("--images", type=int, default=1_000_000)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--repeats", type=int, default=15)
    parser.add_argument("--folder", type=Path, help="where the temporary files go")
    parser.add_argument("--memory", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.memory:
        measure_memory(options.threads)
        return
    with tempfile.TemporaryDirectory(dir=options.folder) as folder:
        os.environ["GANVAS_CACHE"] = f"{folder}/cache"
        if options.pictures:
            measure_import(Path(folder), options.pictures)
        if options.images:
            measure_training(options.images, options.threads, options.repeats)


if __name__ == "__main__":
    main()
