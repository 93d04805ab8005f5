"""Run directories written by hand, for tests of what reads them: no training."""

from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from ganvas.recipe import Budget, Recipe
from ganvas.runlog import RunDirectory

EVALUATION: dict[str, Any] = {
    "data": "mnist",
    "split": "test",
    "judge": {"name": "mnist", "digest": "sha256:" + "a" * 64, "kind": "judge"},
    "samples": 2000,
    "real_samples": 1500,
    "seed": 0,
    "metrics": {
        "fd": {"value": 0.5, "real": 0.25, "higher_is_better": False},
        "coverage": {"value": 0.9, "real": 0.95, "higher_is_better": True},
        "label_accuracy": {"value": 0.985, "real": 0.995, "higher_is_better": True},
    },
    "left_out": {},
}


def png(width: int = 40, height: int = 40) -> bytes:
    """A grey picture."""
    buffer = BytesIO()
    Image.fromarray(np.full((height, width), 99, np.uint8)).save(buffer, "png")
    return buffer.getvalue()


def write_run(folder: Path, *, recipe: Recipe | None = None, lines: int = 12) -> RunDirectory:
    """Write a run of `lines` thousand images with everything that a run can say."""
    directory = RunDirectory(folder)
    (directory.path / "samples").mkdir(parents=True)
    directory.write_recipe(
        recipe or Recipe(name="swift", budget=Budget(amount=1_000 * lines, unit="images"))
    )
    directory.write_environment(
        {"data_digest": "sha256:" + "b" * 64, "threads": 2, "versions": {"torch": "2.13.0"},
         "command": "ganvas train mnist --name x --set batch_size=64"}
    )  # fmt: skip
    for number in range(1, lines + 1):
        images = 1_000 * number
        place = {"images": images, "seconds": 2.5 * number}
        losses = {"d_loss": 1.25 + 1 / number, "g_loss": 0.75, "penalty": 0.02}
        logits = {"real_logit": 0.5, "fake_logit": -0.5}
        directory.append_metrics({**place, **losses, **logits})
        directory.append_metrics({**place, "validation": validation(number)})
        directory.append_metrics({**place, "probe": look(number)})
        directory.append_metrics({**place, "probe": signals(number)})
        (directory.path / f"samples/{images:09d}.png").write_bytes(png())
    for name in ("samples.png", "reals.png"):
        (directory.path / name).write_bytes(png())
    return directory


def validation(number: int) -> dict[str, Any]:
    """What D makes of three kinds of images."""
    return {
        "d_loss_train": 1.25,
        "d_loss_held_out": 1.3,
        "d_loss_ideal": 1.386,
        "d_accuracy_train": 0.75,
        "d_accuracy_held_out": 0.625,
        "fooling_rate": 0.4,
        "overfitting": 0.25,
        "logit_held_out": 0.4,
        "accuracy_of": "images",
        "count": 120,
    }


def look(number: int) -> dict[str, Any]:
    """A look at quality."""
    return {
        "fd": 10.0 / number,
        "real_fd": 0.5,
        "samples": 500,
        "judge": "sha256:" + "a" * 64,
        "label_accuracy": 0.9,
    }


def signals(number: int) -> dict[str, Any]:
    """A look at gradients, answers and classes."""
    return {
        "g_gradient_norm": 0.5 / number,
        "d_gradient_norm": 0.25,
        "fake_gradient_norm": 0.01,
        "g_update_ratio": 0.001,
        "real_logits": [-1, 0, 0.5, 1, 2],
        "fake_logits": [-2, -1, -0.5, 0.25, 1],
        "class_histogram": [30, 0, 10],
        "class_accuracy": [0.5, None, 1.0],
    }
