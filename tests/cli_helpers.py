"""Short trainings by the command line, on tiny images in the place of every data set."""

import json
from pathlib import Path
from typing import Any

import pytest

from ganvas.data import DataSet
from tests.training_helpers import tiny_data

FEW = ["--threads", "1", "--set", "batch_size=32", "--set", "evaluation.samples=0"]


def take_tiny_data(monkeypatch: pytest.MonkeyPatch) -> DataSet:
    """Put eight-pixel images in the place of every data set that is loaded, and return them."""
    data = tiny_data()
    monkeypatch.setattr("ganvas.data.load", lambda *names, **options: data, raising=False)
    return data


def read_status(run: Path) -> dict[str, Any]:
    """Return status.json of a run."""
    status: dict[str, Any] = json.loads((run / "status.json").read_text())
    return status
