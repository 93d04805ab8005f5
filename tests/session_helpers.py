"""Whole tiny runs for tests."""

from pathlib import Path
from typing import Any

import ganvas
from tests.training_helpers import TINY, tiny_data

__all__ = ["train", "weights"]


def train(tmp_path: Path, **options: Any) -> ganvas.Run:
    """A run of a narrow recipe on a few images, below `tmp_path`."""
    options.setdefault("recipe", TINY)
    return ganvas.train(options.pop("data", tiny_data()), out=tmp_path, **options)


def weights(run: ganvas.Run) -> bytes:
    """The file of a run's generator."""
    return (run.directory / "model" / "model.safetensors").read_bytes()
