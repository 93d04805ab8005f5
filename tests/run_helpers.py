"""Run directories written by hand: what a training leaves, without the training."""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np

from ganvas.recipes import make_recipe
from ganvas.runlog import RunDirectory

SIDE = 8  # pixels of an image


def write_run(
    folder: Path,
    name: str = "0001-mnist-swift-s0",
    *,
    status: str = "finished",
    images: int = 3_000,
    samples: Iterable[int] = (1_000, 2_000, 3_000),
    command: str = "ganvas train mnist --minutes 1 --name x --quiet",
) -> RunDirectory:
    """Write a run of `images` with a line every 100 and a picture at each place of `samples`."""
    path = folder / name
    path.mkdir(parents=True)
    run = RunDirectory(path)
    run.write_recipe(make_recipe("swift", budget={"images": max(images, 1)}))
    run.write_environment({"command": command, "data_digest": "sha256:0", "device": "cpu"})
    run.write_grid("reals.png", np.full((100, 1, SIDE, SIDE), 200, np.uint8), 10)
    for place in range(100, images + 1, 100):
        write_line(run, place)
    for place in samples:
        write_sample(run, place)
    run.write_status(status, images=images, seconds=images / 1_000)
    return run


def write_line(run: RunDirectory, images: int, **figures: Any) -> None:
    """Add a line as the log has them, whose figures follow from the images."""
    run.append_metrics(
        {
            "images": images,
            "seconds": images / 1_000,
            "images_per_second": 1_000.0,
            "d_loss": 1.0 + images / 10_000,
            "g_loss": 0.5,
            **figures,
        }
    )


def write_sample(run: RunDirectory, images: int) -> None:
    """Write the picture of a place: grey, of a value that tells the place."""
    pixels = np.full((100, 1, SIDE, SIDE), shade(images), np.uint8)
    run.write_grid(f"samples/{images:09d}.png", pixels, 10)
    run.write_grid("samples.png", pixels, 10)


def shade(images: int) -> int:
    """Return the grey value of the picture at `images`: another one for each thousand up to 200."""
    return images // 1_000 % 200 + 20


def write_finding(run: RunDirectory, images: int, name: str, **values: Any) -> None:
    """Add a line to findings.jsonl."""
    line = {
        "images": images,
        "name": name,
        "severity": "warning",
        "since_images": images,
        "evidence": {},
        "explanation": f"what {name} means",
        "remedies": [f"what helps against {name}"],
        **values,
    }
    with (run.path / "findings.jsonl").open("a", encoding="ascii") as file:
        file.write(json.dumps(line) + "\n")
