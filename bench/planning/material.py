"""The images that points train on: random pixels, which cost the same as pictures.

    python -m bench.planning.material FOLDER POINT

writes what the point (as JSON) reads, for a process of its own: the one that measures stays small.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

from bench.planning.point import Point

__all__ = ["environment", "source_of"]

_CLASSES = 10


def source_of(point: Point, folder: Path) -> str:
    """Return what `ganvas.data.load` finds a point's images by; make them where they are missing.

    Raises SystemExit where they cannot be made.
    """
    file = _file(point, folder)
    name = file.stem
    there = (folder / "cache" / "sets" / name).is_dir() if point.cached else file.exists()
    if not there:
        command = [sys.executable, "-m", "bench.planning.material", str(folder)]
        command.append(json.dumps(point.to_json()))
        made = subprocess.run(command, env=environment(folder), check=False)
        if made.returncode:
            raise SystemExit(f"the images of {point.name} could not be made")
    return name if point.cached else str(file)


def environment(folder: Path) -> dict[str, str]:
    """Return the environment of every process of the measurement, with a cache of its own."""
    return {**os.environ, "OMP_NUM_THREADS": "1", "GANVAS_CACHE": str(folder / "cache")}


def _file(point: Point, folder: Path) -> Path:
    kind = "labelled" if point.labelled else "plain"
    return folder / f"random-{point.size}-{point.channels}-{point.images}-{kind}.npz"


def _write(point: Point, file: Path) -> None:
    """Write a point's images, and labels if any, as a whole or not at all."""
    import numpy as np

    rng = np.random.default_rng(0)
    shape = (point.images, point.channels, point.size, point.size)
    images = rng.integers(0, 256, shape, dtype=np.uint8)
    file.parent.mkdir(parents=True, exist_ok=True)
    partial = file.with_suffix(".part")
    with partial.open("wb") as stream:
        if point.labelled:
            np.savez(stream, images=images, labels=np.arange(point.images) % _CLASSES)
        else:
            np.savez(stream, images=images)
    partial.replace(file)


def main() -> None:
    folder, point = Path(sys.argv[1]), Point(**json.loads(sys.argv[2]))
    file = _file(point, folder)
    if not file.exists():
        _write(point, file)
    if point.cached:
        command = [sys.executable, "-m", "ganvas", "data", "import", str(file), file.stem]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)


if __name__ == "__main__":
    main()
