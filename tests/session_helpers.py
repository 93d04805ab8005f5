"""Whole tiny runs for tests."""

from pathlib import Path
from typing import Any

import pytest

import ganvas
from ganvas.errors import DiskFullError
from ganvas.runlog import RunDirectory
from tests.training_helpers import TINY, tiny_data

__all__ = ["no_room_for", "train", "weights"]


def train(tmp_path: Path, **options: Any) -> ganvas.Run:
    """A run of a narrow recipe on a few images, below `tmp_path`."""
    options.setdefault("recipe", TINY)
    return ganvas.train(options.pop("data", tiny_data()), out=tmp_path, **options)


def weights(run: ganvas.Run) -> bytes:
    """The file of a run's generator."""
    return (run.directory / "model" / "model.safetensors").read_bytes()


def no_room_for(monkeypatch: pytest.MonkeyPatch, ended: str) -> None:
    """Let the disk be full when a run's status becomes `ended`."""
    write = RunDirectory.write_status

    def fills(self: RunDirectory, status: str, **values: Any) -> None:
        if status == ended:
            raise DiskFullError("no room for status.json")
        write(self, status, **values)

    monkeypatch.setattr(RunDirectory, "write_status", fills)
