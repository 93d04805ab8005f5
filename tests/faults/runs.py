"""Tiny runs for fault tests, and what must be the same of two that ended the same way."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import ganvas
from ganvas.recipe import CheckpointSettings, Recipe
from tests.training_helpers import TINY, tiny_data

_CLOCKS = ("seconds", "images_per_second")
DATA = tiny_data()


def recipe(**checkpoint: Any) -> Recipe:
    """A run of eight iterations, four lines, two pictures and four checkpoints."""
    return replace(TINY, checkpoint=CheckpointSettings(every_images=16, **checkpoint))


def train(out: Path, name: str = "run", **options: Any) -> ganvas.Run:
    """A whole tiny run in `out/name`."""
    options.setdefault("recipe", recipe())
    return ganvas.train(DATA, out=out, name=name, **options)


def resume(run: Path, **options: Any) -> ganvas.Run:
    """The same run to its end."""
    return ganvas.resume(run, data=DATA, **options)


def result(run: Path) -> dict[str, Any]:
    """Everything a run leaves that no clock is in, and the names of what it leaves."""
    lines = [json.loads(line) for line in (run / "metrics.jsonl").read_text().splitlines()]
    return {
        "lines": [{k: v for k, v in line.items() if k not in _CLOCKS} for line in lines],
        "names": sorted(
            str(path.relative_to(run))
            for path in run.rglob("*")
            if path.parent.name != "checkpoints" and path.parent.parent.name != "checkpoints"
        ),
        **{
            name: (run / name).read_bytes() if (run / name).is_file() else None
            for name in (
                "model/model.safetensors",
                "model/discriminator.safetensors",
                "samples.png",
                "samples.webp",
                "samples/000000032.png",
                "recipe.json",
            )
        },
    }
